"""Words of attachments find their message, on both engines, and leave the index as they leave the store."""

import random

import pytest
from sqlalchemy import text
from test_search_engines import WORDS, random_query, satisfies

from service.accounts.scope import EVERYTHING
from service.attachments.attachment_text import Reading, TextState
from service.attachments.store import put
from service.extraction.lemmas import search_keys
from service.search.attached import attachments_rewritten, documents_with_attachments
from service.search.find import find, find_best
from service.search.match import match_of
from service.search.parse import parse
from service.search.write import clear, write


def attach(archive, message_id: int, words: str) -> None:
    """Keep the words of the message's attachment, as the pipeline does."""
    with attachments_rewritten(archive.session, [message_id]):
        put(archive.session, message_id, {0: Reading(TextState.READ, words)})


@pytest.fixture
def message(archive) -> int:
    archive.message("совсем другое")
    return archive.message("см. вложение", subject="Договор", to=["Zofia"], file="Umowa.docx")


@pytest.mark.parametrize(
    "query",
    [
        "предоплата",
        '"kara umowna"',
        "zaliczk*",
        "предоплата договор",
        "zofia предоплата",
        "вложение umowa kara",
    ],
)
def test_a_message_is_found_by_the_words_of_its_attachments_and_its_own(archive, message, query):
    assert archive.found(query) == []
    attach(archive, message, "Предоплата 40%.\nZaliczka, kara umowna.")
    assert archive.found(query) == [message]
    assert [hit.message_id for hit in find_best(archive.session, query, scope=EVERYTHING).hits] == [message]
    assert archive.found(f"{query} in:talk") == [message]


def test_its_own_words_find_it_once(archive, message):
    attach(archive, message, "Договор, договор")
    assert archive.found("договор") == [message]


@pytest.mark.parametrize("query", ["договор -черновик", "-черновик договор in:talk"])
def test_what_must_not_occur_may_not_occur_in_an_attachment(archive, message, query):
    assert archive.found(query) == [message]
    attach(archive, message, "черновик")
    assert archive.found(query) == []


def test_reading_again_leaves_no_ghosts(archive, message):
    for words in ("предоплата", "постоплата", ""):
        attach(archive, message, words)
    assert archive.found("предоплата") == archive.found("постоплата") == []
    assert archive.found("вложение") == [message]
    assert documents_with_attachments(archive.session, [message]) == []
    count = "SELECT count(*) FROM {} WHERE {} < 0"
    name = {"sqlite": ("search_index_docsize", "id"), "postgresql": ("search_document", "message_id")}
    table = name[archive.session.get_bind().dialect.name]
    assert archive.session.connection().execute(text(count.format(*table))).scalar_one() == 0


def test_the_index_can_be_written_anew(archive, message):
    attach(archive, message, "предоплата")
    clear(archive.session)
    assert archive.found("предоплата") == []
    write(archive.session, documents_with_attachments(archive.session, [message]))
    assert archive.found("предоплата") == archive.found("zofia") == [message]


def test_pages_with_attachments_have_no_gaps_and_no_repeats(archive):
    messages = [archive.message("смета", file="a.txt") for _ in range(12)]
    for message_id in messages[::2]:
        attach(archive, message_id, "смета смета")
    found, cursor = [], None
    while True:
        page = find(archive.session, "смета", scope=EVERYTHING, limit=5, cursor=cursor)
        found += [hit.message_id for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == messages[::-1]


def test_a_snippet_names_the_attachment_and_marks_its_words(archive, message):
    attach(archive, message, "Много слов. " * 100 + "Предоплата согласована")
    (hit,) = find(archive.session, "предоплатой", scope=EVERYTHING).hits
    assert hit.snippet.text.startswith("Umowa.docx: …")
    assert [hit.snippet.text[start:end] for start, end in hit.snippet.marks] == ["Предоплата"]
    (own,) = find(archive.session, "вложение", scope=EVERYTHING).hits
    assert own.snippet.text == "см. вложение"
    (by_subject,) = find(archive.session, "договор", scope=EVERYTHING).hits
    assert by_subject.snippet.text == "см. вложение"


def test_a_query_finds_what_reading_every_message_with_its_attachments_would_find(archive):
    chance = random.Random(11)
    texts = {}
    for number in range(30):
        own = " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))
        key = archive.message(own, author="", file="0")
        texts[key] = search_keys(f"{own} 0").split() if number % 2 else search_keys(own).split()
        if number % 2:
            attached = " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))
            attach(archive, key, attached)
            texts[key] += search_keys(attached).split()
    for _ in range(60):
        query = random_query(chance)
        match = match_of(parse(query))
        expected = sorted((key for key, keys in texts.items() if satisfies(match, keys)), reverse=True)
        assert archive.found(query, limit=200) == expected, query
