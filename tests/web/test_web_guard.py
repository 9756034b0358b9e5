import re

import pytest
from factories import HOSTILE
from starlette.datastructures import Headers
from test_web_access import addresses

from service.web.assets import assets
from service.web.guard import HEADERS, is_cross_site
from service.web.pages.as_sent import HEADERS as AS_SENT


def test_every_answer_carries_the_headers_that_keep_pages_safe(sign_in, seeded):
    client = sign_in("olga")
    for address in [*addresses(seeded), "/nowhere", "/sign-in"]:
        headers = client.get(address).headers
        # What a mail looks like is shown under a stricter policy of its own.
        wanted = HEADERS | (AS_SENT if address.endswith("/as-sent") else {})
        assert {name: headers.get(name) for name in HEADERS} == wanted, address


def test_the_policy_forbids_everything_from_elsewhere_and_everything_inline():
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_pages_hold_nothing_that_the_policy_would_block(sign_in, seeded):
    client = sign_in("olga")
    # How a mail was sent has a policy of its own, under which styles stand in the page.
    for address in [one for one in addresses(seeded) if not one.endswith("/as-sent")]:
        answer = client.get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        assert not re.search(r"<(script|style)(?![^>]*src=)[^>]*>", answer.text), address
        assert not re.search(r"<[^>]+\s(style|on\w+)=", answer.text.replace("onerror=alert(1)", "")), address
        # A link that somebody follows loads nothing by itself, and tells the other site nothing of ours.
        text = re.sub(r'<a href="https://[^"]*" rel="noreferrer noopener"', "<a", answer.text)
        assert not re.search(r'(src|href)="(https?:)?//', text), address


def test_markup_in_messages_is_shown_and_never_obeyed(sign_in, seeded):
    client = sign_in("olga")
    shown = 0
    for address in addresses(seeded):
        answer = client.get(address)
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert HOSTILE not in answer.text, address
            assert "<img" not in answer.text, address
            shown += "&lt;script&gt;alert(" in answer.text
    assert shown >= 3


def test_a_form_of_another_site_changes_nothing(sign_in):
    client = sign_in("olga")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "foreign"),
    [
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "https://scripta.test"}, True),
        ({"origin": "https://scripta.test"}, False),
        ({"origin": "https://scripta.test.evil.example"}, True),
        ({"origin": "null"}, True),
        ({}, False),
    ],
)
def test_other_sites_are_told_by_what_browsers_say(sent, foreign):
    assert is_cross_site(Headers({"host": "scripta.test"} | sent)) is foreign


def test_assets_are_kept_for_ever_under_an_address_of_their_content(visitor):
    page = visitor.get("/sign-in").text
    for name, asset in assets().items():
        answer = visitor.get(f"/static/{name}")
        assert answer.content == asset.content
        assert "immutable" in answer.headers["cache-control"]
        assert f"/static/{name}?v={asset.version}" in page


@pytest.mark.parametrize("name", ["nothing.css", "..%2f..%2fconfig.py", "%2e%2e"])
def test_no_other_file_is_served(visitor, name):
    assert visitor.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/conversations/99999999999999999999999",
        "/conversations/-1",
        "/conversations/abc",
        "/agreements/' OR 1=1",
        "/gaps/recap?about=verbal:99999999999999999999999999",
        "/gaps/recap?about=",
        "/gaps/recap",
        "/messages/1/original",
        "/imports/9999",
        "/nowhere",
    ],
)
def test_what_does_not_exist_is_said_on_a_page(sign_in, address):
    answer = sign_in("olga").get(address)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize("cursor", ["x", "1", "1.x", "9" * 30, f"{'9' * 18}.1", "-1.1", "1.1.1"])
@pytest.mark.parametrize("page", ["/", "/gaps", "/conversations"])
def test_a_forged_cursor_breaks_nothing(sign_in, page, cursor):
    assert sign_in("olga").get(f"{page}?before={cursor}").status_code == 200


def test_the_warning_of_a_broken_ledger_is_on_every_page(sign_in):
    client = sign_in("olga")
    assert "The ledger is broken." not in client.get("/").text
    client.app.state.integrity.is_intact = False
    for address in ("/", "/gaps", "/nowhere"):
        assert "The ledger is broken." in client.get(address).text
