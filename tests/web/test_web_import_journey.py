"""A whole journey: files are sent to a real server, chosen for, and imported though it stops in between."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import stamina
import uvicorn
from factories import PASSWORD

from service.accounts.store import create_account, open_session
from service.db.session import writing
from service.main import create_app
from service.pipeline.import_queue import ImportQueue
from service.web.visit import SESSION_COOKIE

CHAT = (
    "02/03/26, 10:01 - Ewa: Proponuję 400 zł do piątku. Akceptujesz?\n02/03/26, 10:05 - Kasia: Akceptuję.\n"
)
MAIL = (
    "From: ewa@klos.example\nTo: kasia@kreska.example\nDate: Mon, 02 Mar 2026 10:00:00 +0100\n"
    "Message-ID: <1@klos.example>\nSubject: Umowa\n\nzeppelin\n"
)


@contextmanager
def served(house, secret: str) -> Iterator[httpx.Client]:
    """Serve the page and the API on a free port, as `scripta serve` does, and sign in."""
    server = uvicorn.Server(uvicorn.Config(create_app(house), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    started = threading.Event()
    startup = server.startup

    async def tell(sockets=None):
        await startup(sockets)
        started.set()

    server.startup = tell
    thread.start()
    assert started.wait(60)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={SESSION_COOKIE: secret}) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@stamina.retry(on=AssertionError, timeout=60, wait_initial=0.05, wait_max=0.5, attempts=None)
def page_with(client: httpx.Client, address: str, words: str) -> str:
    """Ask for a page, as its script does, until it shows these words."""
    text = client.get(address).text
    assert words in text
    return text


@pytest.fixture
def secret(house) -> str:
    with writing(house.engine) as session:
        account = create_account(session, "olga", PASSWORD, is_admin=True)
        return open_session(session, account)


def test_files_are_sent_chosen_for_and_imported_though_the_service_stops(house, secret, monkeypatch):
    with monkeypatch.context() as patched:
        # A service that takes uploads and ends before it comes to them.
        patched.setattr(ImportQueue, "_import", lambda _self: None)
        with served(house, secret) as client:
            files = [("files", ("_chat.txt", CHAT)), ("files", ("mail.eml", MAIL))]
            page = client.post("/imports", files=files).headers["location"]
            text = page_with(client, page, "What was recognised")
            assert ("WhatsApp (txt)" in text, "Mail in a file (eml)" in text) == (True, True)
            assert "Monday, 2 March 2026" in text
            text = page_with(client, f"{page}?date_order=day-first", "Kasia")
            hidden = dict(re.findall(r'<input type="hidden" name="(\w+-\d)" value="([^"]*)">', text))
            sides = {"Ewa": "agency", "Kasia": "client"}
            chosen = {"date_order": "day-first", "zone": "Europe/Warsaw", "project": "Strona", **hidden}
            for number in range(3):
                chosen[f"side-{number}"] = sides.get(hidden[f"value-{number}"], "other")
            assert client.post(f"{page}/choice", data=chosen).headers["location"] == page
            assert "Waits for its turn" in client.get(page).text

    with served(house, secret) as client:
        text = page_with(client, page, "What came")
        assert re.search(r"<dt>New</dt><dd>3</dd>", text)
        talks = re.findall(r'<a href="(/conversations/\d+)">', text)
        assert len(talks) == 2
        assert any("Proponuję 400 zł" in client.get(talk).text for talk in talks)
        assert "Strona" in client.get("/people").text
        agreed = page_with(client, "/", "400")
        assert "Agreed" in agreed
