"""Take the README's picture of the page from the demo: `python tests/browser/take_screenshots.py`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn
from conftest import ARGUMENTS, CHROMIUM, listening_socket
from playwright.sync_api import sync_playwright

from service.cli.sample import ingest_sample, prepare
from service.config import load
from service.main import create_app
from service.pipeline.installation import open_installation

FOLDER = Path(__file__).parents[2] / "deploy" / "screenshots"
PAGES = {"ledger": "/"}


def main() -> None:
    """Serve the demo on a free port and save each page as a picture of 1280 by 800."""
    with TemporaryDirectory() as folder, listening_socket() as listener:
        house = open_installation(load(Path(folder), environment={"SCRIPTA_ZONE": "Europe/Warsaw"}))
        account = prepare(house)
        ingest_sample(house)
        server = uvicorn.Server(uvicorn.Config(create_app(house, signed_in_as=account), log_level="warning"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            take(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join()


def take(address: str) -> None:
    """Save the pages of the demo at this address."""
    if CHROMIUM is None:
        sys.exit("No chromium here: install it (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="Europe/Warsaw"
        )
        page = context.new_page()
        for name, path in PAGES.items():
            page.goto(address + path)
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
