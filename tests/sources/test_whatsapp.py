import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources import whatsapp_lines
from service.sources.formats.whatsapp import SOURCE
from service.sources.raw_message import AddressKind, Kind, RawMessage, Unreadable
from service.sources.source import Export, Sample

NAMES = st.text(alphabet="Aбвń 中🤓'-.", min_size=1, max_size=12).map(str.strip).filter(bool)
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\u0085"), min_size=1
)
WRITTEN = st.lists(st.tuples(NAMES, WORDS.map(lambda text: f"x{text}x")), min_size=1, max_size=8)


def read(folder: Path, content: str | bytes, *, name: str = "chat.txt", order: str | None = None) -> list:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(SOURCE.read(Export(path, folder, name, order)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("whatsapp")


@given(
    content=st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode(errors="replace"))
)
def test_no_bytes_make_the_reader_fail(folder, content):
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in read(folder, content))


@given(lines=st.lists(st.text(alphabet="0123/.:, -[]APM\u202f\u200eaб\n", max_size=40), max_size=8))
def test_what_looks_nearly_like_dates_makes_no_reader_fail(folder, lines):
    head = "14/03/2022, 21:05 - Ann: x\n"
    found = read(folder, head + "\n".join(lines))
    assert b"".join(record.original for record in found) == (head + "\n".join(lines)).encode()


@given(written=WRITTEN, ios=st.booleans(), crlf=st.booleans())
def test_what_people_wrote_comes_back_word_for_word(folder, written, ios, crlf):
    form = "[14.03.2022, 21:05:{:02}] {}: {}" if ios else "14.03.2022, 21:{:02} - {}: {}"
    end = "\r\n" if crlf else "\n"
    content = end.join(form.format(at, name, text) for at, (name, text) in enumerate(written)) + end
    found = read(folder, content)
    assert [(record.author.name, record.text) for record in found] == written
    assert "".join(record.original.decode() for record in found) == content


@given(seconds=st.integers(min_value=0, max_value=10**9))
@pytest.mark.parametrize(
    "form",
    [
        "%d/%m/%Y, %H:%M - ",
        "%d.%m.%Y, %H:%M - ",
        "[%d.%m.%y, %H:%M:%S] ",
        "%m/%d/%y, %I:%M\u202f%p - ",
        "[%m/%d/%Y, %I:%M:%S %p] ",
        "%Y-%m-%d, %H:%M - ",
        "%d-%m-%Y %H:%M - ",
        "%d. %m. %Y %H:%M - ",
        "[%H:%M:%S, %d/%m/%Y] ",
    ],
)
def test_a_time_is_read_as_it_was_printed(folder, form, seconds):
    at = datetime.fromisoformat("2010-01-13T00:00:00") + timedelta(seconds=seconds)
    printed = at.strftime(form)
    # A second line with a day above 12 shows the order.
    shown = at.replace(day=28).strftime(form)
    found = read(folder, f"{printed}Ann: a\n{shown}Ann: b\n")
    assert found[0].sent_at == (at if "%S" in form else at.replace(second=0))


@pytest.mark.parametrize(("order", "day"), [("day-first", "2022-04-03"), ("month-first", "2022-03-04")])
def test_an_undecidable_order_is_asked_for_and_then_followed(tmp_path, order, day):
    content = "3/4/22, 21:05 - Ann: one\n"
    (asked,) = read(tmp_path, content)
    assert isinstance(asked, Unreadable)
    assert "--date-order day-first or --date-order month-first" in asked.why
    (told,) = read(tmp_path, content, order=order)
    assert told.sent_at.date().isoformat() == day


def test_what_the_file_shows_outweighs_what_was_said(tmp_path):
    found = read(tmp_path, "13/4/22, 21:05 - Ann: one\n3/4/22, 21:05 - Ann: two\n", order="month-first")
    assert [record.sent_at.day for record in found] == [13, 3]


@pytest.mark.parametrize(
    ("content", "day"),
    [
        ("3/4/22, 9:05 PM - Ann: one\n", "2022-03-04"),
        ("03/04/2022, 21:05 - Messages and calls are end-to-end encrypted.\n", "2022-04-03"),
        ("03/04/22, 21:05 - Сообщения и звонки защищены сквозным шифрованием.\n", "2022-04-03"),
        ("03.04.22, 21:05 - Ann: one\n", "2022-04-03"),
        ("05/05/22, 21:05 - Ann: one\n", "2022-05-05"),
    ],
)
def test_habits_of_a_locale_decide_where_no_number_does(tmp_path, content, day):
    assert read(tmp_path, content)[0].sent_at.date().isoformat() == day


def test_english_words_alone_do_not_put_the_month_first(tmp_path):
    (asked,) = read(tmp_path, "3/4/22, 21:05 - Messages and calls are end-to-end encrypted.\n")
    assert isinstance(asked, Unreadable)


def test_the_language_of_the_file_name_is_evidence_too(tmp_path):
    (found,) = read(tmp_path, "3/4/22, 21:05 - Ana: uno\n", name="Chat de WhatsApp con Ana.txt")
    assert found.sent_at.isoformat() == "2022-04-03T21:05:00"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Anna.txt", "Anna"),
        ("WhatsApp Chat with Anna (2).txt", "Anna"),
        ("Чат WhatsApp с\u00a0контактом Анна.txt", "Анна"),
        ("Czat WhatsApp z Anną Nowak.txt", "Anną Nowak"),
        ("WhatsApp-Chat mit Jürgen.txt", "Jürgen"),
        ("Chat WhatsApp s uživatelem Jiří.txt", "Jiří"),
        ("notes.txt", "notes"),
    ],
)
def test_the_name_of_the_file_names_the_chat(tmp_path, name, title):
    (found,) = read(tmp_path, "14.03.2022, 21:05 - Ann: x\n", name=name)
    assert found.conversation.title == title


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("in/WhatsApp Chat - Projekt ACME.zip!/_chat.txt", "Projekt ACME"),
        ("Чат WhatsApp - Запуск.zip!/sub/_chat.txt", "Запуск"),
        ("plain.zip!/_chat.txt", "plain"),
        ("WhatsApp Chat - Outer.zip!/WhatsApp Chat with Inner.txt", "Inner"),
    ],
)
def test_the_name_of_the_zip_names_a_chat_without_a_name(tmp_path, place, title):
    path = tmp_path / place.rpartition("/")[2]
    path.write_text("14.03.2022, 21:05 - Ann: x\n")
    (found,) = SOURCE.read(Export(path, tmp_path, place))
    assert found.conversation.title == title


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("<Media omitted>", Kind.FILE),
        ("<media omitted>", Kind.FILE),
        ("<Pominięto multimedia>", Kind.FILE),
        ("image omitted", Kind.IMAGE),
        ("изображение отсутствует", Kind.IMAGE),
        ("аудиофайл отсутствует", Kind.VOICE),
        ("video note omitted", Kind.VOICE),
        ("audio pominięte", Kind.VOICE),
        ("Audio weggelassen", Kind.VOICE),
        ("стикер не добавлен", Kind.FILE),
        ("null", Kind.FILE),
        ("This message was deleted", Kind.DELETED),
        ("You deleted this message.", Kind.DELETED),
        ("Ta wiadomość została usunięta.", Kind.DELETED),
        ("Usunąłeś(-ęłaś) tę wiadomość.", Kind.DELETED),
        ("Missed voice call", Kind.CALL),
        ("Nieodebrane poł. głosowe", Kind.CALL),
        ("Verpasster Videoanruf", Kind.CALL),
        ("Ann, image omitted?", Kind.TEXT),
        ("Voice call at five?", Kind.TEXT),
        ("Bob left", Kind.TEXT),
        ("null and void", Kind.TEXT),
    ],
)
def test_words_of_whatsapp_are_told_from_words_of_people(tmp_path, said, kind):
    (found,) = read(tmp_path, f"14.03.2022, 21:05 - Ann: {said}\n")
    assert found.kind == kind
    if kind in (Kind.FILE, Kind.IMAGE, Kind.VOICE):
        assert found.attachments[0].missing


def test_on_ios_words_without_the_mark_were_typed_by_somebody(tmp_path):
    marked, typed = read(
        tmp_path,
        "\u200e[14.03.2022, 21:05:00] Ann: \u200eThis message was deleted.\n"
        "[14.03.2022, 21:06:00] Ann: This message was deleted.\n",
    )
    assert (marked.kind, typed.kind) == (Kind.DELETED, Kind.TEXT)


def test_where_all_marks_were_lost_the_words_decide(tmp_path):
    (found,) = read(tmp_path, "[14.03.2022, 21:05:00] Ann: This message was deleted.\n")
    assert found.kind == Kind.DELETED


@pytest.mark.parametrize(
    ("words", "kind", "detail", "minutes"),
    [
        ("Missed voice call", Kind.CALL, "missed", None),
        ("Пропущенный групповой видеозвонок", Kind.CALL, "missed", None),
        ("Анна начал(-а) видеозвонок", Kind.CALL, "started", None),
        ("Ann added you", Kind.SYSTEM, "Ann added you", None),
        ("Something in no language we know", Kind.SYSTEM, "Something in no language we know", None),
    ],
)
def test_a_line_without_a_sender_is_a_notice(tmp_path, words, kind, detail, minutes):
    (found,) = read(tmp_path, f"14.03.2022, 21:05 - {words}\n")
    assert (found.kind, found.detail, found.author, found.duration_for) == (kind, detail, None, minutes)


def test_a_call_with_its_length_on_ios(tmp_path):
    content = "\u200e[14.03.2022, 21:05:00] Ann: \u200eVideo call. \u200e1 hr 2 min\n"
    (found,) = read(tmp_path, content)
    assert (found.kind, found.duration_for) == (Kind.CALL, timedelta(hours=1, minutes=2))


def test_an_edited_message_keeps_its_words_without_the_mark(tmp_path):
    found = read(
        tmp_path,
        "14.03.2022, 21:05 - Ann: до пятницы <Сообщение изменено>\n"
        "14.03.2022, 21:06 - Ann: two\nlines \u200e<This message was edited>\n"
        "14.03.2022, 21:07 - Ann: <This message was edited> is what it says\n",
    )
    assert [(record.text, record.edited) for record in found] == [
        ("до пятницы", True),
        ("two\nlines", True),
        ("<This message was edited> is what it says", False),
    ]


def test_a_phone_number_as_sender_is_a_phone(tmp_path):
    (found,) = read(tmp_path, "14.03.2022, 21:05 - \u202a+48 600 000 000\u202c: x\n")
    assert (found.author.kind, found.author.value) == (AddressKind.PHONE, "+48600000000")
    assert found.author.name == "+48 600 000 000"


def test_one_huge_line_is_read_in_one_piece(tmp_path):
    huge = "ж" * 2_000_000
    found = read(tmp_path, f"14.03.2022, 21:05 - Ann: {huge}\nnext\n14.03.2022, 21:06 - Ann: after\n")
    assert [record.text for record in found] == [f"{huge}\nnext", "after"]


def test_a_record_beyond_the_limit_is_named_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(whatsapp_lines, "MAX_ENTRY", 100)
    monkeypatch.setattr("service.sources.formats.whatsapp.MAX_ENTRY", 100)
    large, after = read(tmp_path, f"14.03.2022, 21:05 - Ann: {'x' * 200}\n14.03.2022, 21:06 - Ann: after\n")
    assert isinstance(large, Unreadable)
    assert after.text == "after"


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text("".join(f"14.03.2022, 21:05 - Ann: {'x' * 500} {at}\n" for at in range(3000)))
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(Export(path, tmp_path, "chat.txt")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert peak < path.stat().st_size / 2


@pytest.mark.parametrize(
    "content",
    [
        "From: a@example.org\nSubject: 14.03.2022, 21:05 - x\n",
        '{"messages": []}',
        "2022-03-14 21:05:07,123 - root - INFO: started\n",
        "Notes\n14.03.2022 meeting\n",
        "\x89PNG\r\n",
        "",
    ],
)
def test_other_files_are_not_taken_for_chats(tmp_path, content):
    assert SOURCE.score(Sample(tmp_path / "_chat.txt", content.encode())) == 0


def test_a_chat_in_a_folder_that_nobody_sees_is_named_by_its_people(tmp_path):
    path = tmp_path / "files" / "_chat.txt"
    path.parent.mkdir()
    path.write_text("[02.03.26, 10:01:05] Ewa: dzień dobry\n[02.03.26, 10:02:05] Ada: cześć\n")
    uploaded = next(SOURCE.read(Export(path, path.parent, "upload 3/_chat.txt")))
    assert uploaded.conversation.title == "Ada, Ewa"
    shown = next(SOURCE.read(Export(path, path.parent, str(path))))
    assert shown.conversation.title == "files"
