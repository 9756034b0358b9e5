"""Joining must not fall behind what it reached on the annotated conversations."""

from pathlib import Path

import pytest
from score_agreements import f1, gold_statements, records, score

from service.agreements.agreement import Status
from service.agreements.derive import derive
from service.agreements.joining.timeline import party_of
from service.extraction.conversation_json import conversation_from_json

CORPUS = Path(__file__).parents[2] / "nlp_models" / "corpus"
FLOORS = {"agreement": 0.70, "verbal": 0.90}
"""F1 of right rows in each language, on all writers, with the annotated statements."""


@pytest.fixture(scope="module")
def counts():
    return score(CORPUS, "all", gold_statements)


@pytest.mark.parametrize("language", ["en", "pl", "ru"])
@pytest.mark.parametrize("task", list(FLOORS))
def test_joining_is_right_at_least_as_often_as_it_was(counts, language, task):
    right, _, predicted, gold = counts[language, task]
    assert f1(right, predicted, gold) >= FLOORS[task]


def test_nothing_in_the_corpus_is_agreed_on_one_sides_words_alone():
    for record in records(CORPUS, "all"):
        conversation = conversation_from_json(record)
        parties = {person.id: party_of(person) for person in conversation.people}
        wrote = {message.id: parties[message.author] for message in conversation.messages if message.author}
        for one in derive(conversation, gold_statements(record)).agreements:
            if one.status is Status.AGREED:
                assert len({wrote[kept.message] for kept in one.evidence}) > 1, (record["id"], one.title)
