from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oauth_server import REDIRECT, SECRET, OAuthServer, oauth_server

from service.sources.oauth.sign_in import App, begin_redirect, finish_redirect
from service.sources.oauth.tokens import Tokens

__all__ = ["oauth_server"]

APP = App("scripta", SECRET)


class Person:
    """Somebody at a browser."""

    def visit(self, url: str) -> dict[str, str]:
        """Open the provider's page; return what the browser brings back."""
        answer = httpx.get(url)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == REDIRECT
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    def sign_in(self, server: OAuthServer, app: App = APP) -> Tokens:
        pending = begin_redirect(server.provider, app, REDIRECT)
        back = self.visit(pending.url)
        return finish_redirect(server.provider, app, pending, back["code"], back["state"])


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def app() -> App:
    return APP
