"""What holds for every extraction, whatever the weights say."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from service.errors import SourceError
from service.extraction import languages
from service.extraction.conversation_json import conversation_from_json, prediction_to_json
from service.extraction.extract import VERSION, extract
from service.extraction.language import CUES
from service.plugins import discover

CORPUS = Path(__file__).parents[2] / "nlp_models" / "corpus"
FLOOR = 0.75
"""F1 of kinds on conversations that the weights were fitted on: a drop means that code and table no longer
agree. How well unseen writers are read is in `nlp_models/README.md`."""


def documents(language: str) -> list[dict]:
    files = sorted((CORPUS / language).glob("*.json"))[::26]
    return [json.loads(file.read_text("utf-8")) for file in files]


def found_in(document: dict, **options) -> list:
    return extract(conversation_from_json(document), **options)


@pytest.mark.parametrize("language", ["en", "pl", "ru"])
def test_the_committed_weights_fit_the_code(language):
    hits, found, annotated = 0, 0, 0
    for document in documents(language):
        statements = [(each.message, each.kind.value) for each in found_in(document)]
        gold = [(each["message"], each["kind"]) for each in document["gold"]["statements"]]
        hits += (Counter(statements) & Counter(gold)).total()
        found, annotated = found + len(statements), annotated + len(gold)

    assert 2 * hits / (found + annotated) > FLOOR


@pytest.mark.parametrize("language", ["en", "pl", "ru"])
def test_every_quote_is_a_slice_of_its_message(language):
    for document in documents(language):
        texts = {each["id"]: each.get("text") or "" for each in document["messages"]}
        for each in found_in(document):
            assert texts[each.message][each.start : each.end] == each.quote != ""
            assert 0 < each.confidence <= 1
            assert each.found_by.startswith(f"{VERSION}:{each.language}.{each.kind.value}.")


def test_statements_of_one_message_do_not_overlap():
    for document in documents("en"):
        by_message: dict[str, list] = {}
        for each in found_in(document):
            by_message.setdefault(each.message, []).append((each.start, each.end))
        for spans in by_message.values():
            assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_only_the_wanted_messages_yield_statements_and_the_others_are_context():
    document = {
        "id": "only",
        "language": "ru",
        "participants": [{"id": "a", "side": "agency"}, {"id": "c", "side": "client"}],
        "messages": [
            {
                "id": "m1",
                "author": "a",
                "sent_at": "2026-03-02T10:00:00+03:00",
                "text": "Согласуете договор?",
            },
            {"id": "m2", "author": "c", "sent_at": "2026-03-02T10:05:00+03:00", "text": "да"},
        ],
    }

    assert [(each.message, each.kind.value) for each in found_in(document, only={"m2"})] == [
        ("m2", "approval")
    ]
    assert found_in(document, only=set()) == []


def test_nothing_is_found_where_nobody_wrote():
    document = {
        "id": "silent",
        "messages": [
            {
                "id": "m1",
                "author": "a",
                "sent_at": "2026-03-02T10:00:00+03:00",
                "type": "call",
                "duration_s": 60,
            },
            {"id": "m2", "author": "a", "sent_at": "2026-03-02T10:01:00+03:00", "text": " \n "},
            {
                "id": "m3",
                "author": "a",
                "sent_at": "2026-03-02T10:02:00+03:00",
                "type": "system",
                "text": "Approved",
            },
        ],
    }

    assert found_in(document) == []


@pytest.mark.parametrize("noise", ["x" * 3_000_000, "ab. " * 1_000_000, "\n" * 2_000_000, "я, " * 700_000])
def test_a_message_of_megabytes_is_read_as_far_as_people_read(noise):
    document = {
        "id": "huge",
        "language": "en",
        "messages": [
            {
                "id": "m1",
                "author": "x",
                "sent_at": "2026-03-02T10:00:00Z",
                "text": f"We'll send the report by Friday.\n{noise}",
            }
        ],
    }

    assert found_in(document)[0].quote == "We'll send the report by Friday"


def test_people_without_a_side_answer_each_other():
    document = {
        "id": "sideless",
        "language": "en",
        "messages": [
            {
                "id": "m1",
                "author": "x",
                "sent_at": "2026-03-02T10:00:00Z",
                "text": "Shall we launch on Monday?",
            },
            {"id": "m2", "author": "y", "sent_at": "2026-03-02T10:01:00Z", "text": "Yes, approved"},
        ],
    }

    assert [each.kind.value for each in found_in(document)] == ["proposal", "approval"]


def test_a_due_date_is_resolved_in_the_senders_zone():
    document = {
        "id": "due",
        "language": "en",
        "messages": [
            {
                "id": "m1",
                "author": "x",
                "sent_at": "2026-03-02T10:00:00+01:00",
                "text": "We'll send the report by Friday.",
            }
        ],
    }

    line = prediction_to_json("due", found_in(document))

    assert [(each["kind"], each["due"], each["due_text"]) for each in line["statements"]] == [
        ("commitment", "2026-03-06", "by Friday")
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"id": "x"},
        {"messages": []},
        {"id": "x", "messages": [{"id": "m"}]},
        {"id": "x", "messages": [{"id": "m", "sent_at": "yesterday"}]},
        {"id": "x", "messages": "none"},
        {"id": "x", "messages": [], "participants": [{}]},
    ],
)
def test_a_document_that_is_no_conversation_is_refused(document):
    with pytest.raises(SourceError, match="cannot be read"):
        conversation_from_json(document)


def test_every_language_speaks_of_the_same_cues():
    assert {
        language.code: set(language.cues) ^ set(CUES) for language in discover(languages, "LANGUAGE")
    } == {
        "en": set(),
        "pl": set(),
        "ru": set(),
    }
