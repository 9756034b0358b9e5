"""What a record of a WhatsApp chat is, on both systems, with media, without, and with its marks lost."""

from datetime import timedelta
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.whatsapp import SOURCE
from service.sources.inspect import inspect, records
from service.sources.raw_message import SERVICE_KINDS, Kind, RawMessage, Unreadable
from service.sources.source import Export

MARK = "\u200e"
ANDROID = "14.03.2022, 21:05 - {}\n"
IOS = MARK + "[14.03.2022, 21:05:07] {}\n"


def read(folder, content: str, *, name: str = "chat.txt") -> list:
    (folder / name).write_text(content, encoding="utf-8")
    return list(SOURCE.read(Export(folder / name, folder, name)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("content")


@pytest.mark.parametrize(
    ("below", "name", "text"),
    [
        ("Template.docx", "Template.docx", ""),
        ("Смета на сайт.xlsx", "Смета на сайт.xlsx", ""),
        ("look at this", "", "look at this"),
        ("two\nlines.", "", "two\nlines."),
    ],
)
def test_below_omitted_media_is_a_name_or_a_caption(tmp_path, below, name, text):
    (found,) = read(tmp_path, ANDROID.format(f"Ann: <Media omitted>\n{below}"))
    assert (found.kind, found.text, found.attachments[0].name) == (Kind.FILE, text, name)
    assert found.attachments[0].missing


def test_a_caption_before_media_that_was_left_out(tmp_path):
    (found,) = read(tmp_path, IOS.format(f"Ewa: Poprawki: nagłówek\ni stopka {MARK}obraz pominięty"))
    assert (found.kind, found.text) == (Kind.IMAGE, "Poprawki: nagłówek\ni stopka")


def test_a_document_in_a_language_that_we_do_not_know_is_found_by_its_file(tmp_path):
    (tmp_path / "Договір.pdf").write_bytes(b"%PDF")
    line = "Ann: Договір.pdf (якісь слова)"
    (found,) = read(tmp_path, ANDROID.format(line))
    assert found.attachments[0].load() == b"%PDF"
    (absent,) = read(tmp_path, ANDROID.format(line.replace("Договір", "Інший")))
    assert (absent.kind, absent.text) == (Kind.TEXT, "Інший.pdf (якісь слова)")


@pytest.mark.parametrize(
    ("poll", "option"),
    [
        ("POLL", "OPTION"),
        ("ОПРОС", "ВАРИАНТ"),
        ("ANKIETA", "OPCJA"),
        ("ENCUESTA", "OPCIÓN"),
        ("SONDAGE ", "OPTION "),
    ],
)
@pytest.mark.parametrize("form", [ANDROID, IOS], ids=["android", "ios"])
def test_a_poll_is_its_question_with_the_votes(tmp_path, form, poll, option):
    mark = MARK if form == IOS else ""
    options = f"{mark}{option}: В пятницу ({mark}2 votes)\n{mark}{option}: Later: soon ({mark}0)"
    (found,) = read(tmp_path, form.format(f"Ann: {mark}{poll}:\nКогда?\n{options}"))
    assert (found.kind, found.text) == (Kind.TEXT, "Когда?\n- В пятницу (2)\n- Later: soon (0)")


@pytest.mark.parametrize(
    "text",
    ["NOTE:\nbring the plan (2 copies)", "POLL:\nwho comes?", "Poll:\nx?\nOption: a (1)", "A:\nb\nc: d (1)"],
)
def test_other_lists_are_no_polls(tmp_path, text):
    (found,) = read(tmp_path, ANDROID.format(f"Ann: {text}"))
    assert (found.kind, found.text) == (Kind.TEXT, text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        (f"{MARK}Voice call. {MARK}5 min", 5),
        (f"{MARK}Video call. {MARK}1 hr 2 min", 62),
        (f"{MARK}Аудиозвонок. {MARK}1 ч 5 мин", 65),
        (f"{MARK}Видеозвонок. {MARK}2 мин.", 2),
        (f"{MARK}Połączenie głosowe. {MARK}12 min", 12),
        (f"{MARK}Sprachanruf. {MARK}3 Min.", 3),
        (f"{MARK}Voice call. {MARK}No answer", None),
    ],
)
def test_a_call_on_ios_has_its_length_and_outcome(tmp_path, text, minutes):
    (found,) = read(tmp_path, IOS.format(f"Ann: {text}"))
    assert found.kind == Kind.CALL
    assert found.duration_for == (timedelta(minutes=minutes) if minutes else None)
    assert found.detail == text.replace(MARK, "")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Voice call, 5 min", Kind.CALL),
        ("Видеозвонок, 1 ч 5 мин", Kind.CALL),
        ("Voice call, in 5 min", Kind.TEXT),
        ("Call me, 5 min", Kind.TEXT),
        ("Voice call at 5", Kind.TEXT),
        ("This message was deleted by admin Bob", Kind.DELETED),
        ("Данное сообщение удалено админом (Боб).", Kind.DELETED),
        ("Waiting for this message. This may take a while.", Kind.TEXT),
        ("Waiting for this message to come", Kind.TEXT),
        ("location: https://maps.google.com/?q=52.1,21.0", Kind.TEXT),
        ("местоположение: https://maps.google.com/?q=55.75,37.61", Kind.TEXT),
        ("null", Kind.FILE),
        ("<View once voice message omitted>", Kind.VOICE),
        ("", Kind.TEXT),
    ],
)
def test_on_android_only_whole_phrases_are_taken_for_those_of_whatsapp(tmp_path, text, kind):
    (found,) = read(tmp_path, ANDROID.format(f"Ann: {text}"))
    assert found.kind == kind
    assert found.author.name == "Ann"
    if kind == Kind.TEXT and not text.startswith("Waiting for this message."):
        assert found.text == text


@pytest.mark.parametrize(
    "line",
    [
        "Ann added Bob: the builder",
        'Ann changed the subject from "Plan: A" to "Plan: B"',
        "Dodano do grupy: Bob",
        "Анна добавила Боб: строитель",
        "Ann pinned a message",
        "Etwas ganz Neues ohne Absender",
    ],
)
def test_a_notice_without_a_sender_may_hold_a_colon(tmp_path, line):
    before, found = read(tmp_path, ANDROID.format("Ann: hi") + ANDROID.format(line))
    assert (found.kind, found.author, found.detail) == (Kind.SYSTEM, None, line)
    assert before.text == "hi"


def test_somebody_whose_name_only_looks_like_a_notice_keeps_writing(tmp_path):
    found = read(tmp_path, "".join(ANDROID.format(f"Turn left: message {at}") for at in range(5)))
    assert {one.author.name for one in found} == {"Turn left"}


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("~\u202fJan", "~ Jan"),
        ("~\u00a0Jan", "~ Jan"),
        ("\u2068Jan\u2069", "Jan"),
        ("Jan 🤓", "Jan 🤓"),
        ("יוסי כהן", "יוסי כהן"),
        ("+48 600 000 000", "+48 600 000 000"),
        ("\u202a+48\u00a0600\u00a0000\u00a0000\u202c", "+48 600 000 000"),
    ],
)
def test_a_sender_is_shown_without_marks(tmp_path, printed, name):
    (found,) = read(tmp_path, ANDROID.format(f"{printed}: hi"))
    assert (found.author.name, found.text) == (name, "hi")


TALK = "".join(
    ANDROID.format(line)
    for line in (
        "Messages and calls are end-to-end encrypted.",
        "Anna: IMG-20220314-WA0001.jpg (file attached)\nthe banner",
        "Anna: PTT-20220314-WA0002.opus (file attached)",
        "Jan: approved",
        "Jan: This message was deleted",
        "Missed voice call",
    )
)


def test_a_txt_and_its_zip_give_the_same_records(tmp_path):
    (tmp_path / "one").mkdir()
    chat = tmp_path / "one" / "WhatsApp Chat with Anna.txt"
    chat.write_text(TALK, encoding="utf-8")
    with ZipFile(tmp_path / "WhatsApp Chat with Anna.zip", "w") as archive:
        archive.write(chat, chat.name)
        archive.writestr("IMG-20220314-WA0001.jpg", b"\xff\xd8\xff")
    alone, zipped = list(records(chat)), list(records(tmp_path / "WhatsApp Chat with Anna.zip"))
    compared = [
        (one.original, one.author, one.sent_at, one.kind, one.text, one.conversation) for one in alone
    ]
    assert compared == [
        (one.original, one.author, one.sent_at, one.kind, one.text, one.conversation) for one in zipped
    ]
    assert alone[1].attachments[0].missing
    assert zipped[1].attachments[0].load is not None


def test_a_zip_of_ios_is_one_chat_with_its_media(tmp_path):
    lines = [
        f"Ewa: {MARK}<załączono: 00000002-PHOTO-2022-03-14-21-05-07.jpg>",
        f"Ewa: Oferta.pdf • {MARK}2 strony {MARK}<załączono: 00000003-Oferta.pdf>",
        f"Ewa: {MARK}<załączono: 00000004-AUDIO-2022-03-14-21-05-07.opus>",
    ]
    with ZipFile(tmp_path / "WhatsApp Chat - Projekt ACME.zip", "w") as archive:
        archive.writestr("_chat.txt", "".join(map(IOS.format, lines)).replace("\n", "\r\n"))
        archive.writestr("00000002-PHOTO-2022-03-14-21-05-07.jpg", b"\xff\xd8\xff")
        archive.writestr("00000003-Oferta.pdf", b"%PDF")
        archive.writestr("00000004-AUDIO-2022-03-14-21-05-07.opus", b"OggS")
    (report,) = inspect(tmp_path / "WhatsApp Chat - Projekt ACME.zip")
    assert (report.messages, report.voice, report.attachments, report.warnings) == (3, 1, 3, [])


def test_notices_in_the_name_of_the_group_are_service_on_ios(tmp_path):
    found = read(
        tmp_path,
        IOS.format(f"ACME: {MARK}Messages and calls are end-to-end encrypted.")
        + IOS.format(f"ACME: {MARK}Anna added you to a group in the community")
        + IOS.format(f"ACME: {MARK}words that nobody knows yet")
        + IOS.format("Anna: hello"),
    )
    assert [one.kind for one in found] == [Kind.SYSTEM] * 3 + [Kind.TEXT]


@given(
    lines=st.lists(
        st.sampled_from(
            ["Ann: ", "Bob: ", "", MARK, "<Media omitted>", "image omitted", "POLL:", "OPTION: a (1)"]
        )
        | st.text(alphabet="aб: \n()<>.,1\u200e•", max_size=12),
        max_size=8,
    ),
    ios=st.booleans(),
)
def test_any_mixture_of_words_is_read_without_a_loss(folder, lines, ios):
    form = IOS if ios else ANDROID
    content = form.format("Ann: hi") + "".join(form.format(line) for line in lines)
    found = read(folder, content)
    assert all(isinstance(one, (RawMessage, Unreadable)) for one in found)
    assert b"".join(one.original for one in found) == content.encode()
    assert all(one.text == "" for one in found if isinstance(one, RawMessage) and one.kind in SERVICE_KINDS)
