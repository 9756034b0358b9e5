from pathlib import Path

import pytest

from service.errors import UnknownFormat
from service.sources.recognise import recognise, source_named, sources

SAMPLES = Path(__file__).parent / "samples"


def test_every_format_is_found_by_its_name():
    assert {"telegram", "whatsapp", "eml", "mbox", "maildir"} <= {source.name for source in sources()}
    assert all(source_named(source.name) is source for source in sources())


def test_a_name_that_is_none_is_answered_with_all_names():
    with pytest.raises(UnknownFormat, match=r"eml, .*whatsapp"):
        source_named("fax")


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"{}", b"hello", b"PK\x03\x04", bytes(70_000)]
)
def test_what_no_format_knows_is_recognised_as_none(tmp_path, content):
    path = tmp_path / "WhatsApp Chat with result.json"
    path.write_bytes(content)
    assert recognise(path) is None


def test_an_empty_folder_is_no_export(tmp_path):
    assert recognise(tmp_path) is None


@pytest.mark.parametrize("name", ["x.bin", "mail.eml", "result.json", "_chat.txt"])
def test_the_name_does_not_outweigh_the_content(tmp_path, name):
    path = tmp_path / name
    path.write_bytes((SAMPLES / "telegram" / "one-chat-2024.json").read_bytes())
    assert recognise(path)[0].name == "telegram"
