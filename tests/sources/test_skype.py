import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.formats.skype import SOURCE
from service.sources.open import OpenedExport, open_exports
from service.sources.raw_message import Kind, RawMessage, Unreadable
from service.sources.skype_body import read_body
from service.sources.source import Export, Sample

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)
TYPES = ["Text", "RichText", "RichText/UriObject", "RichText/Media_AudioMsg", "Event/Call", "Poll", "x"]
TYPES += ["ThreadActivity/AddMember", "RichText/Contacts", "RichText/Location", "RichText/Media_Album"]
TAGS = ["quote", "/quote", "legacyquote", "/legacyquote", "e_m ts='x'", "partlist type='ended'"]
TAGS += ["part identity='1'", "duration", "/duration", "name", "/name", "/URIObject", "c f=''"]
TAGS += ["FileSize v='-'", "OriginalName v='a'", "location latitude='x'", "a href='y'", "/a"]
TAGS += ["URIObject uri='/objects/a' duration_ms='9'", "br/", "!--", "![", "?"]
MARKUP = st.lists(st.sampled_from(TAGS).map("<{}>".format) | st.text(max_size=5), max_size=9).map("".join)
PROPERTIES = st.dictionaries(
    st.sampled_from(["edittime", "deletetime", "isserversidegenerated", "emotions", "forwardMetadata"]), JSON
)
MESSAGES = st.fixed_dictionaries(
    {"id": st.text(max_size=4) | JSON},
    optional={
        "messagetype": st.sampled_from(TYPES) | JSON,
        "content": MARKUP | JSON,
        "from": st.sampled_from(["8:live:a", "4:+1", "19:x"]) | JSON,
        "displayName": JSON,
        "originalarrivaltime": st.just("2020-03-03T09:00:00.123Z") | JSON,
        "properties": PROPERTIES | JSON,
    },
)


def read(folder: Path, *messages, **owner) -> list:
    path = folder / "messages.json"
    chat = {"id": "8:live:a", "displayName": "Anna", **owner, "MessageList": list(messages)}
    path.write_text(json.dumps({"userId": "8:me", "conversations": [chat]}), encoding="utf-8")
    return list(SOURCE.read(Export(path, folder, "messages.json")))


def said(content: str, type_: str = "RichText", **more) -> dict:
    return {"id": "1583226000000", "messagetype": type_, "content": content, "from": "8:live:a", **more}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("skype")


@given(messages=st.lists(MESSAGES | JSON, min_size=1, max_size=5))
def test_whatever_the_messages_are_none_disappears(folder, messages):
    found = read(folder, *messages)
    assert len(found) == len(messages)
    for record in found:
        stored = record.why if isinstance(record, Unreadable) else record.text + record.detail
        assert "\0" not in stored.encode().decode()


@given(content=MARKUP | st.text())
def test_no_markup_makes_the_reader_fail(content):
    assert isinstance(read_body(content).text, str)


@given(at=st.integers(0, 2500), damage=st.binary(max_size=6))
def test_no_damage_makes_the_reader_fail(folder, at, damage):
    sample = Path(__file__).parent / "samples" / "skype" / "quotes-edits-and-markup.json"
    content = sample.read_bytes()
    path = folder / "damaged.json"
    path.write_bytes(content[:at] + damage + content[at + len(damage) :])
    found = list(SOURCE.read(Export(path, folder, "damaged.json")))
    assert found
    assert all(isinstance(record, (RawMessage, Unreadable)) for record in found)


def test_words_after_a_mark_that_does_not_close_are_kept():
    assert read_body('<quote author="a"><legacyquote>[1] agreed').text == "[1] agreed"
    assert read_body("<b>agreed").text == "agreed"
    assert read_body('agreed<e_m ts="1">').text == "agreed"
    assert read_body("<quote>agreed").text == "agreed"


def test_neither_addresses_nor_tokens_of_files_reach_a_record(tmp_path):
    link = "https://login.example.org/sso?go=token-secret"
    address = "https://api.example.org/v1/objects/k?token-secret"
    content = f'<URIObject uri="{address}">See <a href="{link}">{link}</a>'
    (found,) = read(tmp_path, said(content, "RichText/UriObject"))
    assert "secret" not in repr((found.text, found.detail, found.attachments))


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "secret", ""])
def test_an_object_that_leaves_the_export_is_not_followed(tmp_path, key):
    (tmp_path / "secret.txt").write_text("secret")
    export = tmp_path / "export"
    (export / "media").mkdir(parents=True)
    (export / "media" / "secret.1.txt").symlink_to(tmp_path / "secret.txt")
    (found,) = read(export, said(f'<URIObject doc_id="{key}" type="File.1">', "RichText/Media_GenericFile"))
    assert found.attachments[0].load is None


def test_a_person_named_only_in_an_older_record_is_named_in_all(tmp_path):
    part = '<part identity="live:a"><name>Anna Nowak</name></part>'
    call = said(f'<partlist type="missed">{part}</partlist>', "Event/Call")
    later, _call = read(tmp_path, said("newest"), call, displayName=None)
    assert later.author.name == "Anna Nowak"


def test_a_duration_is_that_of_whoever_stayed_longest(tmp_path):
    parts = "".join(f'<part identity="{who}"><duration>{who}</duration></part>' for who in (30, 90.5, 60))
    (found,) = read(tmp_path, said(f'<partlist type="ended">{parts}</partlist>', "Event/Call"))
    assert (found.kind, found.duration_for.total_seconds()) == (Kind.CALL, 90.5)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_the_tar_that_skype_gives_is_opened(tmp_path, mode):
    sample = Path(__file__).parent / "samples" / "skype" / "calls.json"
    path = tmp_path / "8_live_jan.tar"
    with tarfile.open(path, mode) as file:
        for name, content in {"endpoints.json": b"{}", "messages.json": sample.read_bytes()}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    counts = []
    for found in open_exports(path):
        assert isinstance(found, OpenedExport)
        counts.append(len(list(found.source.read(found.export))))
    assert counts == [6]


def test_an_account_without_messages_says_so(tmp_path):
    (found,) = read(tmp_path)
    assert isinstance(found, Unreadable)


def test_the_export_is_known_by_content_whatever_its_name(tmp_path):
    head = b'{"userId":"8:x","exportDate":"2020-03-04T10:00","conversations":['
    assert SOURCE.score(Sample(tmp_path / "x.txt", head)) > 0.9
    assert SOURCE.score(Sample(tmp_path / "messages.json", b'{"messages": [{"creator": {}}]}')) == 0
