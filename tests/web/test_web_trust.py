"""A chat that came in several exports shows where they do not agree, to those who may see it."""

import pytest

from service.accounts.scope import EVERYTHING
from service.archive import store
from service.db.session import reading
from service.pipeline.ingest import Wish, ingest

LINES = [
    ("10:00", "Kasia", "Dzień dobry, wysyłam projekt etykiety do akceptacji"),
    ("10:04", "Ewa", "Dziękuję, obejrzę projekt dzisiaj po południu"),
    ("11:30", "Ewa", "Proszę zmienić kolor nakrętki na złoty <b>pilnie</b>"),
    ("11:32", "Kasia", "Dobrze, zmienimy kolor nakrętki do jutra rana"),
    ("12:10", "Ewa", "Zatwierdzam projekt etykiety, proszę drukować"),
    ("12:11", "Kasia", "Świetnie, wysyłam do druku jeszcze dzisiaj"),
]


def write(folder, name, lines):
    folder.mkdir(exist_ok=True)
    text = "".join(f"02.11.2025, {at} - {who}: {said}\n" for at, who, said in lines)
    (folder / f"WhatsApp Chat with {name}.txt").write_text(text, "utf-8")
    return folder / f"WhatsApp Chat with {name}.txt"


@pytest.fixture
def chat(seeded, tmp_path):
    """A chat that both sides exported; the client's copy lacks one message."""
    theirs = [(at, {"Ewa": "Ja"}.get(who, who), said) for at, who, said in LINES if at != "11:32"]
    for path in (write(tmp_path / "in", "Ewa", LINES), write(tmp_path / "in", "Kasia", theirs)):
        ingest(seeded.house, [path], Wish(actor="test", date_order="day-first"))
    with reading(seeded.house.engine) as session:
        (found,) = [one for one in store.conversations(session, EVERYTHING) if one.channel == "whatsapp"]
    return found.id


def test_the_page_names_what_one_export_lacks(sign_in, chat):
    client = sign_in("olga")
    talk = client.get(f"/conversations/{chat}").text
    assert f'href="/conversations/{chat}/trust"' in talk
    assert talk.count('class="message') == len(LINES)
    report = client.get(f"/conversations/{chat}/trust").text
    assert "1 message is missing in one export" in report
    assert "WhatsApp Chat with Kasia.txt" in report
    assert "<b>pilnie</b>" not in report + talk


def test_nobody_without_a_grant_sees_the_report(sign_in, chat):
    for name in ("igor", "priya", "nobody"):
        assert sign_in(name).get(f"/conversations/{chat}/trust").status_code == 404
