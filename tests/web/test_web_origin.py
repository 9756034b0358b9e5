"""Beside each mail the page says whether its sender's domain signed it."""

import json
import re

import pytest

from service.db.session import writing
from service.origin.signature import Method, Reason, Result, Verdict
from service.origin.tables import OriginRow
from service.web.words import WORDS


def know(
    seeded, mail: str, verdict: Verdict, domain: str = "agency.example", reason: str = "matches"
) -> None:
    """Keep an origin of a mail, as if it had been checked."""
    valid = reason == Reason.MATCHES
    signature = {
        "method": Method.DKIM,
        "domain": domain,
        "selector": "s1",
        "result": Result.VALID if valid else Result.FAIL,
        "reason": reason,
        "key": None,
    }
    with writing(seeded.house.engine) as session:
        kept = json.dumps([signature])
        session.add(OriginRow(message_id=seeded.messages[mail], verdict=verdict, signatures=kept))


def marks(client, address: str) -> list[tuple[str, str]]:
    """Return each mark on a page: its verdict, and what it says."""
    found = re.findall(r'<span class="origin o-(\w+)"[^>]*>([^<]*)</span>', client.get(address).text)
    return [(verdict, text) for verdict, text in found]


@pytest.mark.parametrize("place", ["agreement", "conversation"])
def test_every_piece_of_evidence_says_who_signed_it(sign_in, seeded, place):
    address = {
        "agreement": f"/agreements/{seeded.agreement_key('clinic-1')}",
        "conversation": f"/conversations/{seeded.conversations['Booking form']}",
    }[place]
    client = sign_in("olga")
    assert marks(client, address) == [("unsigned", "not signed")] * 2
    know(seeded, "clinic-1", Verdict.SIGNED)
    know(seeded, "clinic-2", Verdict.OTHER_DOMAIN, "sendgrid.example")
    assert marks(client, address) == [
        ("signed", "signed by the sender’s domain"),
        ("other_domain", "signed by another domain (sendgrid.example)"),
    ]


def test_both_sides_of_a_contradiction_are_marked(sign_in, seeded):
    know(seeded, "hotel-1", Verdict.BROKEN, reason="text_changed")
    client = sign_in("olga")
    found = marks(client, f"/agreements/{seeded.agreement_key('hotel-1')}")
    assert [verdict for verdict, _ in found] == ["broken", "unsigned"] * 2
    page = client.get(f"/agreements/{seeded.agreement_key('hotel-1')}").text
    assert "agency.example: the text was changed after signing" in page


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "signature not checked yet"),
        ("ru", "подпись ещё не проверена"),
        ("pl", "podpis jeszcze niesprawdzony"),
    ],
)
def test_the_mark_is_in_the_readers_language(sign_in, seeded, language, wanted):
    know(seeded, "clinic-1", Verdict.WAITING, reason="no_answer")
    client = sign_in("olga")
    client.cookies.set("scripta_language", language)
    assert wanted in client.get(f"/conversations/{seeded.conversations['Booking form']}").text


def test_what_a_signature_says_of_itself_is_never_markup(sign_in, seeded):
    know(seeded, "clinic-1", Verdict.OTHER_DOMAIN, '"><script>alert(1)</script>')
    page = sign_in("olga").get(f"/conversations/{seeded.conversations['Booking form']}").text
    assert "<script>alert(1)" not in page


def test_every_verdict_and_reason_has_its_words():
    assert set(WORDS["origin"]) == {*Verdict, "unsigned"}
    assert set(WORDS["origin_reason"]) == set(Reason)
