"""Whole sign-ins against real servers: a Dovecot asks our authorisation server about the tokens."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from dovecot import Dovecot
from oauth_server import USER

from service.errors import SignInRefused
from service.sources.imap.mailbox import Choice, Credentials
from service.sources.imap.session import Mailbox
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
def asking_dovecot(request, oauth_server) -> Iterator[Dovecot]:
    """One that asks the authorisation server about each token (RFC 7662), as those of providers do."""
    folder = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))
    ways = getattr(request, "param", "xoauth2 oauthbearer")
    server = Dovecot(folder, f"auth_mechanisms = {ways}")
    (folder / "oauth2.conf").write_text(_INTROSPECTION.format(url=oauth_server.url))
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def folders_of(asking_dovecot):
    """Sign in to Dovecot with a token, as a run does; return the names of the folders."""
    asking_dovecot.user(USER)

    def folders_of(user: str, access: str) -> list[str]:
        with Mailbox.open(asking_dovecot.server(), Credentials(user, token=access)) as mailbox:
            return [folder.name for folder in mailbox.folders(Choice())]

    return folders_of


@pytest.mark.parametrize("asking_dovecot", ["oauthbearer", "xoauth2"], indirect=True)
def test_a_mail_server_takes_what_the_browser_brought(oauth_server, person, folders_of):
    tokens = person.sign_in(oauth_server)
    assert "INBOX" in folders_of(USER, tokens.access)
    for user, token in (("somebody@agency.example", tokens.access), (USER, tokens.refresh)):
        with pytest.raises(SignInRefused) as refused:
            folders_of(user, token)
        assert token not in str(refused.value)


def test_a_mail_server_takes_what_a_device_was_given_and_what_renewed_it(oauth_server, app, folders_of):
    pending = begin_device(oauth_server.provider, app)
    oauth_server.approve(pending.user_code)
    tokens = poll_device(oauth_server.provider, app, pending)
    assert isinstance(tokens, Tokens)
    assert "INBOX" in folders_of(USER, tokens.access)
    assert "INBOX" in folders_of(USER, refresh(oauth_server.provider, app, tokens).access)


def test_access_that_was_taken_back_lets_nobody_in_and_is_not_renewed(oauth_server, app, person, folders_of):
    tokens = person.sign_in(oauth_server)
    oauth_server.revoke_all()
    with pytest.raises(SignInRefused):
        folders_of(USER, tokens.access)
    with pytest.raises(SignInRefused, match="sign in again"):
        refresh(oauth_server.provider, app, tokens)
    assert "INBOX" in folders_of(USER, person.sign_in(oauth_server).access)
