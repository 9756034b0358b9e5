import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from service.web.texts import FOLDER, LANGUAGES, catalogue, chosen, translations
from service.web.words import WORDS

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """Return every text that pages and templates use now."""
    found = tmp_path_factory.mktemp("texts") / "used.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-k", "later"]
    subprocess.run(
        [*command, "-F", "service/web/babel.cfg", "-o", str(found), "service"],
        cwd=ROOT,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with found.open("rb") as file:
        return {message.id: message for message in read_po(file) if message.id}


def strings(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language(used, language):
    kept = {message.id: message for message in catalogue(language) if message.id}
    assert set(kept) == set(used), "run `make texts` and translate what is new"
    assert [key for key, message in kept.items() if not all(strings(message))] == []
    assert [key for key, message in kept.items() if message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_hold_the_same_places_to_fill(language):
    for message in catalogue(language):
        if message.id:
            source = message.id[-1] if isinstance(message.id, tuple) else message.id
            wanted = set(PLACEHOLDER.findall(source))
            assert all(set(PLACEHOLDER.findall(text)) == wanted for text in strings(message)), message.id


@pytest.mark.parametrize(
    ("language", "number", "wanted"),
    [
        ("en", 1, "1 working day"),
        ("en", 5, "5 working days"),
        ("ru", 1, "1 рабочий день"),
        ("ru", 3, "3 рабочих дня"),
        ("ru", 11, "11 рабочих дней"),
        ("ru", 21, "21 рабочий день"),
        ("pl", 1, "1 dzień roboczy"),
        ("pl", 3, "3 dni robocze"),
        ("pl", 12, "12 dni roboczych"),
        ("pl", 22, "22 dni robocze"),
    ],
)
def test_numbers_take_the_forms_of_the_language(language, number, wanted):
    text = translations(language).ngettext("%(count)s working day", "%(count)s working days", number)
    assert text % {"count": number} == wanted


def test_there_is_a_catalogue_for_each_language_of_the_switch_and_no_other():
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de-DE", "en"),
        ("", "en"),
        ("pl;q=0, ru;q=0.1", "ru"),
        ("pl;q=x, ru;q=0.1", "ru"),
        ("*", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_language_is_the_best_that_the_browser_asks_for(header, wanted):
    assert chosen(header, "en") == wanted


def test_every_status_kind_and_role_has_its_word():
    from service.agreements.agreement import Role, Status, VerbalKind
    from service.alerts import rules
    from service.archive.message import Side
    from service.extraction.statement import StatementKind
    from service.intake.source import Outcome, State
    from service.pipeline import connectors
    from service.plugins import discover
    from service.search.fields import FieldName
    from service.sources.imap.presets import NEEDS
    from service.sources.raw_message import Kind
    from service.sources.recognise import sources

    assert set(WORDS["status"]) == set(Status)
    assert set(WORDS["kind"]) == set(StatementKind)
    assert set(WORDS["role"]) == set(Role)
    assert set(WORDS["verbal"]) == set(VerbalKind)
    assert set(WORDS["side"]) == set(Side)
    assert set(WORDS["field"]) == set(FieldName)
    assert set(WORDS["message"]) == set(Kind) - {"text"}
    assert set(WORDS["channel"]) == {source.channel for source in sources()}
    assert set(WORDS["source"]) == set(State) | {"running", "interrupted"}
    assert set(WORDS["outcome"]) == set(Outcome)
    assert set(WORDS["needs"]) == NEEDS
    assert set(WORDS["intake"]) >= {one.kind for one in discover(connectors, "CONNECTOR")}
    assert set(WORDS["rule"]) == {rule.name for rule in discover(rules, "RULE")}
