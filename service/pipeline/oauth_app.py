"""The apps that this installation registered at providers. In: Settings. Out: App."""

from service.config import Settings
from service.errors import ConfigError
from service.sources.oauth.sign_in import App


def app_of(settings: Settings, provider: str) -> App:
    """Return the app for a provider. Raises ConfigError that names the setting where there is none."""
    apps = {
        "google": App(settings.google_client_id, settings.google_client_secret),
        "microsoft": App(
            settings.microsoft_client_id, settings.microsoft_client_secret, settings.microsoft_tenant
        ),
    }
    app = apps.get(provider)
    if app is None or not app.client_id:
        raise ConfigError(
            f"Signing in with {provider.title()} needs an app that you register there once: see "
            f"deploy/OAUTH.md, then set SCRIPTA_{provider.upper()}_CLIENT_ID."
        )
    return app
