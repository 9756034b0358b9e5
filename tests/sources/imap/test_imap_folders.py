"""The folders that hold a mailbox's correspondence are chosen, whatever the server and language."""

import pytest

from service.sources.imap.folders import choose, choose_on_gmail, read_entry
from service.sources.imap.framing import Response
from service.sources.imap.mailbox import Choice, Folder
from service.sources.imap.names import read_name, write_name


def entries(*lines: str):
    return [read_entry(Response(b"*", b"LIST", pieces=[line.encode()])) for line in lines]


def names(listed, **choice):
    return [folder.name for folder in choose(listed, Choice(**choice))]


def test_drafts_junk_and_trash_are_left_out_by_what_the_server_says_of_them():
    listed = entries(
        r'(\HasNoChildren) "/" INBOX',
        r'(\Drafts) "/" Pisane',
        r'(\Junk) "/" Reklamy',
        r'(\Trash) "/" Wyrzucone',
        r'(\Sent) "/" "Poczta wys&AUI-ana"',
    )
    assert choose(listed, Choice()) == [Folder("INBOX"), Folder("Poczta wysłana", "sent")]
    assert names(listed, drafts=True) == ["INBOX", "Pisane", "Poczta wysłana"]
    assert names(listed, junk=True) == ["INBOX", "Reklamy", "Wyrzucone", "Poczta wysłana"]


@pytest.mark.parametrize(
    "name",
    ["Drafts", "spam", "Deleted Items", "Черновики", "Корзина", "Спам", "Kopie robocze", "Kosz", "Entwürfe"],
)
@pytest.mark.parametrize("parent", ["", "INBOX."])
def test_they_are_known_by_name_where_the_server_says_nothing(name, parent):
    listed = entries('() "." INBOX', f'() "." "{parent}{write_name(name).decode()}"')
    assert names(listed) == ["INBOX"]
    assert names(listed, drafts=True, junk=True) == ["INBOX", parent + name]


def test_what_the_server_says_counts_before_the_name():
    listed = entries(r'(\Drafts) "/" Pisane', '() "/" Drafts')
    assert names(listed) == ["Drafts"]


def test_a_folder_of_drafts_below_a_client_is_work():
    assert names(entries('() "/" Acme/Drafts')) == ["Acme/Drafts"]


def test_a_folder_that_is_named_is_wanted():
    assert names(entries('() "/" INBOX', '() "/" Spam'), include=("spam", "inbox")) == ["INBOX", "Spam"]


def test_names_have_wildcards_and_ignore_case():
    listed = entries('() "/" INBOX', '() "/" "Projekty/[2025] a"', '() "/" Projekty/2024', '() "/" Inne')
    assert names(listed, include=("projekty/*",)) == ["Projekty/[2025] a", "Projekty/2024"]
    assert names(listed, include=("*/202?",)) == ["Projekty/2024"]
    assert names(listed, exclude=("PROJEKTY/[2025]*", "inne")) == ["INBOX", "Projekty/2024"]
    assert names(listed, include=()) == []


def test_what_cannot_be_opened_or_read_is_no_folder():
    lines = (
        r'(\Noselect) "/" a',
        r'(\NonExistent) "/" b',
        '("/" c',
        "",
        '() "/" ""',
        '() "/" (a)',
        "() (a) b",
    )
    assert entries(*lines) == [None] * len(lines)
    assert read_entry(Response(b"*", b"LIST", pieces=[b'() "/" ', b"a\r\nDELETE b", b""])) is None


def test_a_name_may_be_a_literal_and_have_no_parent():
    entry = read_entry(Response(b"*", b"LIST", pieces=[b"() NIL ", b'"a" {1}', b""]))
    assert choose([entry], Choice()) == [Folder('"a" {1}')]


def test_an_inbox_is_the_inbox_in_any_spelling():
    assert names(entries('() "/" inbox', r'(\Inbox) "/" Odebrane')) == ["INBOX"]


@pytest.mark.parametrize("raw", [b"&", b"&AAA-", b"a&2D0-b", b"&!!!-", b"tab\there", b"\xff\xfe", b"&BB8"])
def test_a_broken_name_is_shown_as_the_server_spells_it(raw):
    name = read_name(raw)
    assert name.isprintable() or raw == b"tab\there"
    name.encode()


@pytest.mark.parametrize("name", ["Żółw & co", "Проект/смета", "日本語", 'a "b" [c] * %', "&-", "😀"])
def test_a_name_goes_to_the_server_as_it_came(name):
    assert read_name(write_name(name)) == name


def test_a_server_that_writes_utf8_is_read():
    assert read_name("Входящие".encode()) == "Входящие"


GMAIL = (
    r'(\HasNoChildren) "/" INBOX',
    r'(\HasChildren \Noselect) "/" [Gmail]',
    r'(\All \HasNoChildren) "/" "[Gmail]/Wszystkie"',
    r'(\Drafts) "/" "[Gmail]/Wersje robocze"',
    r'(\Junk) "/" "[Gmail]/Spam"',
    r'(\Trash) "/" "[Gmail]/Kosz"',
    r'() "/" Klienci',
)


def test_gmail_is_read_through_all_mail_alone():
    listed = [entry for entry in entries(*GMAIL) if entry]
    assert choose_on_gmail(listed, Choice()) == [Folder("[Gmail]/Wszystkie", "all")]
    junk = choose_on_gmail(listed, Choice(junk=True))
    assert [folder.special for folder in junk] == ["all", "junk", "trash"]


def test_gmail_without_all_mail_is_read_by_folders():
    listed = [entry for entry in entries(*GMAIL) if entry and entry.special != "all"]
    assert [folder.name for folder in choose_on_gmail(listed, Choice())] == ["INBOX", "Klienci"]


def test_old_gmail_names_its_folders_by_xlist():
    listed = entries(r'(\AllMail) "/" a', r'(\Spam) "/" b', r'(\Starred) "/" c')
    assert [entry.special for entry in listed] == ["all", "junk", "flagged"]
