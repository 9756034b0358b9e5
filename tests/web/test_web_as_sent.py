"""A mail as it was sent: read from the original, for those alone who may see it."""

import re

import pytest
from asgi_client import Client
from factories import PASSWORD, installation, seed

from service.pipeline.ingest import Wish, ingest
from service.web.app import build_web
from service.web.sanitise import POLICY

MAIL = b"""\
From: Olga Levina <olga@agency.example>
To: Igor Samoilov <igor@clinic.example>
Date: Mon, 02 Mar 2026 10:00:00 +0100
Received: from x by y; Mon, 02 Mar 2026 09:01:00 +0000
Message-ID: <rich@mail.example>
Subject: Rich
MIME-Version: 1.0
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain

plain words
--a
Content-Type: text/html; charset=windows-1251

<h2>\xd1\xec\xe5\xf2\xe0</h2><img src="cid:logo@x"><img src="https://evil.example/p.gif"><script>alert(1)</script>
--a--
--r
Content-Type: image/png; name=logo.png
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--r--
"""
SIGNED = (
    MAIL.replace(b"rich@", b"signed@")
    .replace(b"Subject: Rich", b"Subject: Signed")
    .replace(
        b"Content-Type: multipart/related; boundary=r\n", b"Content-Type: multipart/signed; boundary=r\n"
    )
    .replace(
        b"Content-Type: image/png; name=logo.png\n",
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\n",
    )
)


@pytest.fixture
def client(engine, tmp_path):
    seeded = seed(installation(engine, tmp_path / "data"), tmp_path / "mails")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "rich.eml").write_bytes(MAIL)
    (tmp_path / "more" / "signed.eml").write_bytes(SIGNED)
    ingest(seeded.house, [tmp_path / "more"], Wish(actor="test"))
    client = Client(build_web(seeded.house))
    client.post("/sign-in", data={"name": "igor", "password": PASSWORD})
    return client


def page_of(client, title):
    listing = client.get("/conversations").text
    found = re.search(rf'href="(/conversations/\d+)">{title}<', listing)
    return client.get(found[1]).text


def test_html_is_shown_from_the_original_in_a_frame_of_its_own(client):
    page = page_of(client, "Rich")
    frame = page.split("<iframe ")[1].split(">")[0]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
    answer = client.get(frame.split('src="')[1].split('"')[0])
    assert answer.headers["content-security-policy"] == POLICY
    assert "allow-scripts" not in POLICY
    assert "allow-same-origin" not in POLICY
    assert "<h2>Смета</h2>" in answer.text
    assert "data:image/png;base64,iVBORw0KGgo=" in answer.text
    assert "1 picture is not shown" in answer.text
    assert "evil.example" not in answer.text
    assert "alert" not in answer.text


def test_the_page_says_when_and_by_which_clock(client):
    page = page_of(client, "Rich")
    assert page.count("this one counts") == 1
    assert '<dt class="counts">by the sender’s clock</dt>' in page
    assert "<dt>by the receiving server</dt>" in page


def test_the_page_says_that_a_mail_is_signed(client):
    assert "signed (S/MIME)" in page_of(client, "Signed")


def test_a_mail_without_html_is_shown_as_its_text(client):
    page = page_of(client, "Booking form")
    answer = client.get(page.split("<iframe ")[1].split('src="')[1].split('"')[0])
    assert "<pre>Hi Igor,\n\nI propose 64 000" in answer.text
