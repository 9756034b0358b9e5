import re

import pytest
from asgi_client import Client
from factories import PASSWORD, installation, seed

from service.web.app import build_web

PAGES = (
    "/",
    "/gaps",
    "/alerts",
    "/alerts?closed=true",
    "/conversations",
    "/search",
    "/people",
    "/imports",
    "/sources",
)


def pages_of(seeded):
    """Return the address of every page, those of single things included."""
    return [
        *PAGES,
        "/search?q=form",
        "/?q=approved&status=agreed&project=Clinic+site",
        f"/agreements/{seeded.agreement_key('clinic-1')}",
        f"/agreements/{seeded.agreement_key('clinic-3')}",
        f"/agreements/{seeded.agreement_key('hotel-1')}",
        f"/gaps/recap?about=verbal:{seeded.messages['clinic-3']}",
        f"/conversations/{seeded.conversations['Booking form']}",
        f"/conversations/{seeded.conversations['Booking form']}/trust",
        f"/conversations/{seeded.conversations['Voucher page']}?at={seeded.messages['hotel-2']}",
        "/imports/1",
        f"/imports/{seeded.staged}",
        f"/imports/{seeded.staged}?format=telegram",
        "/people?q=a&side=client",
        "/people/suggestions",
        "/people/1",
        "/people/1?q=a",
        "/sources/new",
        "/sources/new?user=anna@gmail.com",
        "/sources/new?kind=folder",
        "/sources/new?kind=smtp",
        f"/sources/{seeded.source}",
        f"/sources/{seeded.source}/edit",
        f"/sources/{seeded.gmail}/sign-in",
    ]


def test_every_page_opens_on_both_engines(engine, tmp_path):
    seeded = seed(installation(engine, tmp_path / "data"), tmp_path / "mails")
    client = Client(build_web(seeded.house))
    client.post("/sign-in", data={"name": "olga", "password": PASSWORD})
    for address in pages_of(seeded):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "<h1" in answer.text


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_every_page_is_in_the_reader_s_language(sign_in, seeded, language):
    client = sign_in("olga")
    client.cookies.set("scripta_language", language)
    for address in pages_of(seeded):
        assert f'<html lang="{language}">' in client.get(address).text


def test_the_ledger_page_shows_status_words_and_people(sign_in, seeded):
    text = sign_in("olga").get("/").text
    row = next(row for row in text.split("<tr>") if "64 000 for the form" in row)
    assert "Agreed" in row
    assert "Approved." in row
    assert "Igor Samoilov" in row
    assert "10 Mar" in row
    assert f"#m{seeded.messages['clinic-2']}" in row


def test_the_ledger_page_is_searched_with_the_grammar(sign_in):
    client = sign_in("olga")
    found = client.get("/", params={"q": "from:igor approve"}).text
    assert "64 000 for the form" in found
    assert "Online payment" not in found
    assert "64 000 for the form" not in client.get("/", params={"q": "from:igor -approved"}).text


def test_a_search_that_cannot_be_understood_is_explained_on_the_page(sign_in):
    for page in ("/", "/search"):
        answer = sign_in("olga").get(page, params={"q": '"not closed'})
        assert answer.status_code == 200
        assert "The quote opened at character 1 is not closed" in answer.text


def test_filters_keep_each_other(sign_in):
    text = sign_in("olga").get("/", params={"status": "verbal_only", "project": "Clinic site"}).text
    assert "Online payment for 38 000" in text
    assert "64 000 for the form" not in text
    assert "/?status=agreed&amp;project=Clinic+site" in text


def test_an_agreement_leads_to_each_quote_in_its_message(sign_in, seeded):
    client = sign_in("olga")
    text = client.get(f"/agreements/{seeded.agreement_key('clinic-1')}").text
    for mail in ("clinic-1", "clinic-2"):
        link = f"/conversations/{seeded.conversations['Booking form']}?at={seeded.messages[mail]}"
        assert f'href="{link}#m{seeded.messages[mail]}"' in text
        assert f'id="m{seeded.messages[mail]}"' in client.get(link).text


def test_an_agreement_shows_the_sender_s_clock_where_it_differs(sign_in, seeded):
    client = sign_in("olga")
    client.cookies.set("scripta_zone", "Europe/Warsaw")
    text = client.get(f"/agreements/{seeded.agreement_key('clinic-1')}").text
    assert "11:30" in text
    assert "13:30 UTC+03:00" in text


def test_contradicting_answers_stand_side_by_side(sign_in, seeded):
    text = sign_in("olga").get(f"/agreements/{seeded.agreement_key('hotel-1')}").text
    clash = text[text.index('class="clash"') : text.index("How it came about")]
    assert "Shall we build the voucher page?" in clash
    assert "No, drop it." in clash


def test_the_proof_of_an_entry_is_a_file_that_verifies(sign_in, seeded):
    client = sign_in("olga")
    page = f"/agreements/{seeded.agreement_key('clinic-1')}"
    (link,) = set(re.findall(rf'href="({re.escape(page)}/proof/\d+)"', client.get(page).text))
    answer = client.get(link)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.json()["format"] == "scripta-ledger-proof/1"


def test_the_proof_of_another_agreement_is_not_found(sign_in, seeded):
    client = sign_in("olga")
    page, other = (f"/agreements/{seeded.agreement_key(mail)}" for mail in ("clinic-1", "clinic-3"))
    seq = re.findall(r"/proof/(\d+)", client.get(other).text)[0]
    assert client.get(f"{page}/proof/{seq}").status_code == 404


def test_a_gap_comes_with_a_recap_to_send(sign_in, seeded):
    client = sign_in("olga")
    text = client.get("/gaps").text
    link = f"/gaps/recap?about=verbal%3A{seeded.messages['clinic-3']}"
    assert link in text
    assert "we add online payment for 38 000" in client.get(link).text


def test_statements_are_marked_in_the_conversation_and_quotes_are_not(sign_in, seeded):
    text = sign_in("olga").get(f"/conversations/{seeded.conversations['Booking form']}").text
    assert re.search(r'<mark class="k-approval"[^>]*>Approved\.', text)
    assert text.count("k-proposal") == 1
    assert re.search(r'<details class="quoted">.*?I propose 64 000', text, re.DOTALL)


def test_the_original_is_a_download_of_the_same_bytes(sign_in, seeded, seeded_folder):
    answer = sign_in("olga").get(f"/messages/{seeded.messages['clinic-1']}/original")
    assert answer.content == (seeded_folder[0] / "mails" / "clinic-1.eml").read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_alert_says_why_and_offers_the_recap(sign_in, seeded):
    text = sign_in("olga").get("/alerts").text
    assert "Online payment for 38 000" in text
    assert "Not confirmed in writing" in text
    assert f"about=verbal%3A{seeded.messages['clinic-3']}" in text


def test_search_marks_the_found_words(sign_in):
    text = sign_in("olga").get("/search", params={"q": "proposing"}).text
    assert re.search(r'<mark class="found">propose</mark>', text)
