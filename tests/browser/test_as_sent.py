"""A mail that tries everything, in a real browser: no request leaves, nothing runs, its picture is shown."""

import base64
from collections.abc import Iterator

import pytest

from service.cli.sample import prepare
from service.config import load
from service.main import create_app
from service.pipeline.ingest import Wish, ingest
from service.pipeline.installation import open_installation

pytestmark = pytest.mark.browser
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = """<h1>Smeta</h1><img src=cid:logo><script>top.hacked = 1; fetch('https://evil.example/')</script>
<img src=https://evil.example/a.png onerror="top.hacked = 1"><svg onload="top.hacked = 1"></svg>
<div style="background:url(https://evil.example/b.png)">words</div>
<link rel=stylesheet href=https://evil.example/c.css><iframe src=https://evil.example/></iframe>
<meta http-equiv=refresh content="0;url=https://evil.example/"><form action=https://evil.example/><input></form>
<a href="https://bank.example@evil.example/">bank.example</a>"""
MAIL = (
    b"From: Dan <dan@kreska.example>\nTo: Priya <priya@harbourfinch.example>\n"
    b"Date: Fri, 20 Nov 2026 16:00:00 +0000\nMessage-ID: <sent@kreska.example>\nSubject: As sent\n"
    b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=r\n\n--r\n"
    b"Content-Type: text/html; charset=utf-8\n\n" + HTML.encode() + b"\n--r\nContent-Type: image/png\n"
    b"Content-ID: <logo>\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(ONE_PIXEL) + b"--r--\n"
)


@pytest.fixture(scope="session")
def demo_address(tmp_path_factory, serve) -> Iterator[str]:
    """The address of an installation that holds this mail alone."""
    folder = tmp_path_factory.mktemp("as-sent")
    house = open_installation(load(folder / "data", environment={}))
    account = prepare(house)
    (folder / "mail.eml").write_bytes(MAIL)
    ingest(house, [folder / "mail.eml"], Wish(actor="test"))
    with serve(create_app(house, signed_in_as=account)) as address:
        yield address
    house.engine.dispose()


def test_a_hostile_mail_asks_nobody_and_runs_nothing(context, demo_address):
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto("/conversations")
    page.get_by_role("link", name="As sent").click()
    page.wait_for_load_state("networkidle")
    assert [one for one in asked if one.endswith("/as-sent")] == []
    page.get_by_text("Show as sent").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="Smeta").wait_for()
    page.wait_for_load_state("networkidle")
    picture = frame.locator("img").first
    assert picture.evaluate("one => one.naturalWidth") == 1
    assert frame.locator("a").get_attribute("data-host") == "evil.example"
    assert page.evaluate("window.hacked") is None
    own = (f"{demo_address}/", "data:")
    assert [one for one in asked if not one.startswith(own)] == []
