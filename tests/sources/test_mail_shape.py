from pathlib import Path

import pytest

from service.sources.formats.eml import SOURCE
from service.sources.mail_shape import is_envelope
from service.sources.recognise import recognise
from service.sources.source import Sample


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_chat.txt", "[12.03.25, 10:00:01] Иван: От: Анна\n[12.03.25, 10:00:05] Анна: ок\n"),
        ("chat.txt", "12/03/25, 10:00 - Ivan: From: me\n12/03/25, 10:01 - Anna: To: you\n"),
        ("notes.md", "---\ntitle: Plan\ndate: 2025-02-03\n---\n\nFrom: here\nTo: there\n"),
        ("notes.txt", "From: Monday\nto: Friday\n\nWe work remotely.\n"),
        ("config.yml", "from: a@b.pl\nto: c@d.pl\n"),
        ("result.json", '{"from": "a", "to": "b", "date": "x"}'),
        ("empty.eml", ""),
    ],
)
def test_other_texts_are_not_taken_for_mail(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    found = recognise(path)
    assert found is None or found[0].name not in {"eml", "mbox"}


def test_a_mail_is_recognised_whatever_its_file_is_called():
    head = b"Received: by x; y\nFrom: a@b.pl\nDate: Mon, 3 Feb 2025 09:15:00 +0300\n\nhi"
    assert SOURCE.score(Sample(Path("note.txt"), head)) > 0.6
    assert SOURCE.score(Sample(Path("mail.eml"), head)) > SOURCE.score(Sample(Path("note.txt"), head))


@pytest.mark.parametrize(
    "line",
    [
        b"From a@b.pl Mon Feb  3 09:15:00 2025",
        b"From - Mon Feb 03 09:15:00 2025",
        b"From 179@xxx Mon Feb 03 09:15:00 +0000 2025",
        b'From "a b"@c.pl Mon Feb 3 9:15:00 2025',
        b"From a@b.pl",
        b"From MAILER-DAEMON Fri Apr 06 16:46:09 2001",
        b"From list at host Fri Apr 6 16:46:09 2001",
    ],
)
def test_from_lines_of_real_programs_are_known(line):
    assert is_envelope(line + b"\nReceived: x\n")
    assert is_envelope(line + b"\r\n>From x\r\n")
    assert not is_envelope(line + b"\nand so on\n")


@pytest.mark.parametrize("line", [b"From Monday on: yes", b"From 9:15 to 10:00, 3 Feb 2025", b"From Ivan"])
def test_sentences_are_no_from_lines(line):
    assert not is_envelope(line + b"\nNote: x\n")
