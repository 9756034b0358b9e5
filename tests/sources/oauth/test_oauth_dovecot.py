"""Whole sign-ins against real servers: a Dovecot asks our authorisation server about the tokens."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import imapclient
import pytest
from dovecot import Dovecot
from oauth_server import USER

from service.errors import SignInRefused
from service.sources.oauth.sign_in import begin_device, poll_device, refresh
from service.sources.oauth.tokens import Tokens

_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


@pytest.fixture
def asking_dovecot(oauth_server) -> Iterator[Dovecot]:
    """One that asks the authorisation server about each token (RFC 7662), as those of providers do."""
    folder = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))
    server = Dovecot(folder)
    (folder / "oauth2.conf").write_text(_INTROSPECTION.format(url=oauth_server.url))
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def let_in(asking_dovecot):
    """Say whether Dovecot lets somebody in with a token."""
    asking_dovecot.user(USER)

    def let_in(user: str, access: str, way: str = "oauth2_login") -> bool:
        with imapclient.IMAPClient("localhost", asking_dovecot.port, ssl=False) as client:
            try:
                getattr(client, way)(user, access)
            except imapclient.exceptions.LoginError:
                return False
            return client.folder_exists("INBOX")

    return let_in


@pytest.mark.parametrize("way", ["oauth2_login", "oauthbearer_login"])
def test_a_mail_server_takes_what_the_browser_brought(oauth_server, person, let_in, way):
    tokens = person.sign_in(oauth_server)
    assert let_in(USER, tokens.access, way)
    assert not let_in("somebody@agency.example", tokens.access, way)
    assert not let_in(USER, tokens.refresh, way)


def test_a_mail_server_takes_what_a_device_was_given_and_what_renewed_it(oauth_server, app, let_in):
    pending = begin_device(oauth_server.provider, app)
    oauth_server.approve(pending.user_code)
    tokens = poll_device(oauth_server.provider, app, pending)
    assert isinstance(tokens, Tokens)
    assert let_in(USER, tokens.access)
    assert let_in(USER, refresh(oauth_server.provider, app, tokens).access)


def test_access_that_was_taken_back_lets_nobody_in_and_is_not_renewed(oauth_server, app, person, let_in):
    tokens = person.sign_in(oauth_server)
    oauth_server.revoke_all()
    assert not let_in(USER, tokens.access)
    with pytest.raises(SignInRefused, match="sign in again"):
        refresh(oauth_server.provider, app, tokens)
    assert let_in(USER, person.sign_in(oauth_server).access)
