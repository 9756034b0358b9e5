import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sources.attachment_names import attachment_name, safe_name
from service.sources.mime_parts import Part


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("смета.pdf", "смета.pdf"),
        ("и\u0306од.pdf", "йод.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\docs\\a.doc", "C:_docs_a.doc"),
        (".htaccess", "htaccess"),
        ("...", "_"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("x" * 200 + ".docx", "x" * 145 + ".docx"),
    ],
)
def test_a_name_is_safe_to_show_and_to_save(written, shown):
    assert safe_name(written) == shown


@given(st.text(max_size=300))
def test_every_name_stays_within_its_folder(written):
    name = safe_name(written)
    assert name
    assert not name.startswith(".")
    assert len(name) <= 150
    assert not set(name) & set("/\\\0\n")


@pytest.mark.parametrize(
    ("media_type", "content", "name"),
    [
        ("text/calendar", b"", "attachment-2.ics"),
        ("message/rfc822", b"Subject: =?utf-8?Q?=C5=82?=\n\nx", "ł.eml"),
        ("message/rfc822", b"\n\nx", "message-2.eml"),
        ("application/x-nobody-knows", b"", "attachment-2"),
    ],
)
def test_an_attachment_without_a_name_gets_one(media_type, content, name):
    assert attachment_name(Part(media_type, {}, " ", ""), content, 2) == (name, None)


def test_a_changed_name_is_told():
    shown, warning = attachment_name(Part("a/b", {}, "a/b.txt", ""), b"", 1)
    assert shown == "a_b.txt"
    assert "'a/b.txt'" in warning
