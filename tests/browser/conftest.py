"""The demo's page in a real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from service.cli.sample import ingest_sample, prepare
from service.config import load
from service.main import create_app
from service.pipeline.installation import open_installation

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def serve() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Serve an application for as long as a block lasts; its address is returned."""
    return served


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of loopback."""
    with listening_socket() as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def demo_address(tmp_path_factory, serve) -> Iterator[str]:
    """The address of the demo, with the sample in it."""
    environment = {"SCRIPTA_ZONE": "Europe/Warsaw"}
    house = open_installation(load(tmp_path_factory.mktemp("demo"), environment=environment))
    account = prepare(house)
    ingest_sample(house)
    with serve(create_app(house, signed_in_as=account)) as address:
        yield address
    house.engine.dispose()


def listening_socket() -> socket.socket:
    """Return a socket on a free port: connections wait in its queue until the server takes them."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(100)
    return listener


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Not for the whole session: while Playwright runs, its thread can run no other event loop."""
    if CHROMIUM is None:
        reason = "No chromium here: install it (Debian: apt-get install chromium) to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; in CI they may not be left out.")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser, demo_address) -> Iterator[BrowserContext]:
    """A fresh browser profile; anything that a page complains about fails the test."""
    context = browser.new_context(
        base_url=demo_address,
        locale="en-GB",
        timezone_id="Europe/Warsaw",
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    yield context
    context.close()
    assert complaints == []
