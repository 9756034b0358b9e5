"""Find the provider of a mailbox. In: a name. Out: Provider. Never: asks the network."""

from functools import cache

from service.errors import ConfigError
from service.plugins import discover
from service.sources.oauth import providers as found
from service.sources.oauth.provider import Provider


@cache
def providers() -> tuple[Provider, ...]:
    """Return every provider that there is a file for, by name."""
    return tuple(discover(found, "PROVIDER"))


def provider_named(name: str) -> Provider:
    """Return one provider; raises ConfigError, which lists them all."""
    for provider in providers():
        if provider.name == name:
            return provider
    known = ", ".join(provider.name for provider in providers())
    raise ConfigError(f"there is no mailbox provider {name!r}; choose one of: {known}")
