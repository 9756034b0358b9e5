"""A whole journey: a mailbox on a real server is added on the page, breaks, tells so, and is mended there."""

import pytest
import stamina
from added_mailbox import Box
from asgi_client import Client
from factories import PASSWORD

from service.accounts.scope import EVERYTHING
from service.accounts.store import create_account, open_session
from service.alerts.store import alerts
from service.db.session import reading, writing
from service.web.app import build_web
from service.web.visit import SESSION_COOKIE


@pytest.fixture
def olga(house) -> Client:
    client = Client(build_web(house))
    with writing(house.engine) as session:
        account = create_account(session, "olga", PASSWORD, is_admin=True)
        client.cookies.set(SESSION_COOKIE, open_session(session, account))
    return client


def told(house) -> list[str]:
    with reading(house.engine) as session:
        return [one.rule for one in alerts(session, EVERYTHING)]


def test_a_mailbox_is_added_breaks_and_is_mended_on_the_page(olga, dovecot, house):
    box = Box(dovecot, house)
    dovecot.user(box.user)
    box.append(range(3))
    where = dovecot.server()
    form = {
        "kind": "imap",
        "user": box.user,
        "password": dovecot.credentials(box.user).password,
        "host": where.host,
        "port": str(where.port),
        "security": where.security,
        "ca_file": where.ca_file,
    }

    page = olga.post("/sources", data=form).headers["location"]
    olga.app.state.pulls.wait(60)
    text = olga.get(page).text
    assert 'class="state st-complete"' in text
    assert "100%" in text
    assert told(house) == []

    with stamina.set_testing(True, attempts=1):
        olga.post(page, data=form | {"password": "wrong"})
        olga.post(f"{page}/pull")
        olga.app.state.pulls.wait(60)
    assert 'class="state st-sign_in"' in olga.get(page).text
    assert f'href="{page}/edit"' in olga.get("/sources").text
    assert told(house) == ["source_failing"]
    assert "Source not read" in olga.get("/alerts").text

    box.append(range(3, 5))
    olga.post(page, data=form)
    olga.post(f"{page}/pull")
    olga.app.state.pulls.wait(60)
    text = olga.get(page).text
    assert 'class="state st-complete"' in text
    assert told(house) == []
    olga.post(f"{page}/remove")
    box.assert_whole(5)
