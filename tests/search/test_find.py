"""What a query finds, on both engines."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.accounts.scope import EVERYTHING, NOTHING, Scope
from service.errors import SearchError
from service.search.find import COUNTED, STEPS, count, find, find_best
from service.search.index import Document
from service.search.keys import find_keys
from service.search.write import clear, forget, write


@pytest.mark.parametrize(
    ("kept", "query"),
    [
        ("Макет согласовано, запускаем", "согласовали"),
        ("Zatwierdzam wycenę", "zatwierdził"),
        ("We approved the banner", "approve"),
        ("Смету пришлю завтра", '"смета прислать"'),
        ("the final price is 100", '"final price"'),
        ("the final price is 100", "invoice OR price"),
        ("the final price is 100", "fin*"),
        ("Согласование макета", "согласован*"),
        ("see v2_final.pdf", "v2_final.pdf"),
        ("Zażółć gęślą jaźń", "zazolc"),
        ("СМЕТА ЁЛКИ", "елка"),
        ("the final price is 100", "price -draft"),
        ("the final price is 100", "-draft"),
    ],
)
def test_words_find_their_other_forms(archive, kept, query):
    archive.message("совсем другое draft")
    wanted = archive.message(kept)
    assert archive.found(query) == [wanted]


@pytest.mark.parametrize(
    "query",
    ["смета", '"price final"', '"final 100"', "pric -final", "-price", "final -(one OR price)", "приц*"],
)
def test_what_is_not_there_is_not_found(archive, query):
    archive.message("the final price is 100")
    assert archive.found(query) == []


def test_words_of_subject_and_people_are_found_too(archive):
    wanted = archive.message("см. вложение", subject="Договор на сайт", author="Игорь", to=["Zofia"])
    assert archive.found("договор сайт") == [wanted]
    assert archive.found("игорь вложение") == [wanted]
    assert archive.found("zofia") == [wanted]
    assert archive.found('"сайт вложение"') == []


def test_no_words_list_everything_newest_first(archive):
    older, newer = archive.message("раз"), archive.message("два")
    assert archive.found("") == [newer, older]


def test_words_without_letters_that_could_be_looked_up_are_refused(archive):
    with pytest.raises(SearchError, match="nothing to search for"):
        archive.found("👍")


@pytest.fixture
def variety(archive):
    """One message for each field to tell apart, by name."""
    archive.talk("Site", project="Website", client="Blue Door")
    archive.talk("Чат по сайту", project="Ремонт", client="ООО «Ромашка»", channel="telegram")
    return {
        "mail": archive.message("смета", talk="Site", author="Anna Kowalska", to=["Игорь Петров"]),
        "file": archive.message("смета", talk="Site", author="Игорь Петров", file="смета.pdf"),
        "chat": archive.message("смета", talk="Чат по сайту", author="Анна"),
        "call": archive.message("", talk="Чат по сайту", author="", kind="call", subject="смета"),
        "voice": archive.message("смета", talk="Loose", author="Анна", kind="voice"),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("from:anna", ["mail"]),
        ("from:КОВАЛ", []),
        ("from:АННА", ["voice", "chat"]),
        ("from:kowalska@x", ["mail"]),
        ("from:anna OR from:игорь", ["file", "mail"]),
        ("-from:анна", ["call", "file", "mail"]),
        ("to:петров", ["mail"]),
        ("-to:петров", ["voice", "call", "chat", "file"]),
        ('client:"blue door"', ["file", "mail"]),
        ("client:ромашка", ["call", "chat"]),
        ("project:website", ["file", "mail"]),
        ("-project:website", ["voice", "call", "chat"]),
        ("in:telegram", ["call", "chat"]),
        ("in:САЙТУ", ["call", "chat"]),
        ("has:attachment", ["file"]),
        ("has:call", ["call"]),
        ("has:voice", ["voice"]),
        ("-has:attachment from:петров", []),
        ("from:% OR from:_", []),
    ],
)
@pytest.mark.parametrize("words", ["", "смета "])
def test_a_field_lets_through(archive, variety, words, query, names):
    assert archive.found(words + query) == [variety[name] for name in names]


def test_days_begin_where_the_reader_is(archive):
    evening = archive.message("смета", at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))
    october = archive.message("смета", at=datetime(2026, 10, 5, tzinfo=UTC))
    assert archive.found("смета after:2026-10") == [october]
    assert archive.found("before:2026-10") == [evening]
    moscow = ZoneInfo("Europe/Moscow")
    assert archive.found("after:2026-10-01", zone=moscow) == [october, evening]
    assert archive.found("смета before:2026-10-01", zone=moscow) == []
    assert archive.found("after:9999-12-31 before:0001", zone=moscow) == []


@pytest.mark.parametrize(
    "query", ["", "смета", "-draft", "смета -draft", "смета in:talk", "in:talk", "смет*"]
)
def test_pages_have_no_gaps_and_no_repeats(archive, query):
    kept = [archive.message("смета", talk="talk" if number % 3 else "other") for number in range(12)]
    expected = [one for number, one in enumerate(kept) if number % 3 or "in:talk" not in query][::-1]
    seen, cursor = [], None
    while True:
        page = find(archive.session, query, scope=EVERYTHING, limit=3, cursor=cursor)
        seen += [hit.message_id for hit in page.hits]
        assert len(page.hits) == 3 or page.next_cursor is None
        if (cursor := page.next_cursor) is None:
            break
        archive.message("смета talk", talk="talk")  # arrives meanwhile
    assert seen == expected


def test_a_rare_field_among_many_matches_of_a_common_word_is_found(archive):
    rare = [archive.message("смета", talk="rare") for _ in range(2)]
    for _ in range(sum(STEPS) + 2):
        archive.message("смета", talk="common")
    assert archive.found("смета in:rare") == rare[::-1]
    assert archive.found("смета in:rare", limit=1) == rare[1:]
    assert str(count(archive.session, "смета", scope=EVERYTHING)) == f"{COUNTED}+"
    assert str(count(archive.session, "смета in:rare", scope=EVERYTHING)) == "2"


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "9" * 19, "1; DROP TABLE message", "١"])
def test_a_forged_cursor_is_refused(archive, cursor):
    with pytest.raises(SearchError, match="leave it out to start anew"):
        archive.found("смета", cursor=cursor)


@pytest.mark.usefixtures("variety")
@pytest.mark.parametrize("query", ["", "смета", "in:email", "-draft", "has:voice", "from:анна"])
def test_a_reader_without_grants_finds_nothing(archive, query):
    assert find(archive.session, query, scope=NOTHING).hits == ()
    assert find_best(archive.session, query, scope=NOTHING).hits == ()
    assert count(archive.session, query, scope=NOTHING).number == 0


@pytest.mark.parametrize("query", ["", "смета", "-draft", "смета in:site OR in:чат OR in:loose"])
def test_a_reader_finds_only_what_belongs_to_granted_projects(archive, variety, query):
    granted = archive.talks["Site"].project_id
    assert archive.found(query, Scope(projects=frozenset({granted}))) == [variety["file"], variety["mail"]]
    assert archive.found(query, Scope(projects=frozenset({granted + 1000}))) == []


def test_a_query_for_nobody_is_refused_like_any_other(archive):
    with pytest.raises(SearchError):
        archive.found("kind:nonsense", NOTHING)


@pytest.mark.parametrize(
    "query",
    [
        "NEAR(",
        "NEAR(смета, 5)",
        "'; DROP TABLE message; --",
        "смета'); DELETE FROM search_index; --",
        "subject:смета",
        "search_index",
        "смета^2",
        "{subject body}:смета",
        "a\x00смета",
        "смета\\",
        "'смета' | !xx & yy <-> zz:*",
        "from:'",
        'client:"\' OR 1=1 --"',
        "%s :x ?",
    ],
)
def test_operators_of_the_engines_are_only_words(archive, query):
    archive.message("нечто другое")
    assert archive.found(query) == []


def test_subject_weighs_more_than_text_among_the_best(archive):
    subject = archive.message("нет", subject="смета")
    text = archive.message("тут смета " + "и ещё слова " * 20)
    other = archive.message("смета", talk="other")
    best = find_best(archive.session, "смета -in:other", scope=EVERYTHING)
    assert [hit.message_id for hit in best.hits] == [subject, text]
    assert archive.found("смета") == [other, text, subject]


def test_a_forgotten_document_is_not_found_and_may_be_written_again(archive):
    message_id = archive.message("старый текст")
    forget(archive.session, [Document(message_id, find_keys("", "старый текст", "Анна"))])
    assert archive.found("старый") == []
    write(archive.session, [Document(message_id, find_keys("", "новый текст", "Анна"))])
    assert archive.found("новый") == [message_id]
    clear(archive.session)
    assert archive.found("новый") == []


def test_an_index_written_in_a_transaction_goes_with_it(archive):
    with archive.session.begin_nested() as savepoint:
        archive.message("смета")
        savepoint.rollback()
    assert archive.found("смета") == []


@pytest.mark.usefixtures("variety")
def test_a_hit_says_who_where_and_when(archive):
    (hit,) = find(archive.session, "смета from:анна has:voice", scope=EVERYTHING).hits
    assert (hit.author, hit.side, hit.title, hit.channel) == ("Анна", "other", "Loose", "email")
    assert (hit.project, hit.client, hit.kind) == (None, None, "voice")
    assert hit.snippet.text == "смета"
    assert hit.snippet.marks == ((0, 5),)
    (call,) = find(archive.session, "has:call", scope=EVERYTHING).hits
    assert (call.author, call.project, call.client) == (None, "Ремонт", "ООО «Ромашка»")
    assert call.sent_at.tzinfo is not None


def test_a_very_long_text_is_found_by_its_words(archive):
    letters = "".join(chr(0x430 + number % 32) for number in range(40))
    text = " ".join(f"{letters[number % 32 :][:5]}{number}" for number in range(150_000))
    wanted = archive.message(text + " конец")
    assert archive.found("абвгд0") == [wanted]


def test_text_with_broken_characters_is_indexed(archive):
    wanted = archive.message("nul \ufffd и \U0001f44d смета\u0301 \u202eобратно")
    assert archive.found("смета обратно") == [wanted]
