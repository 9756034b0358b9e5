"""A mailbox on a real server is read whole, quickly, and is left as it was."""

import threading
from itertools import islice

import pytest
from imap_meddler import Replacing

from service.errors import SourceError, Unreachable
from service.sources.imap import session
from service.sources.imap.mailbox import Changes, Choice, Folder
from service.sources.imap.session import Mailbox

INBOX = Folder("INBOX")
NAMES = [
    'Klienci "Ż" [2025]',
    "Проект & co",
    "a * b % c",
    "back\\slash {5}",
    "日本語",
    "&-",
    "Umowy/[Acme] Ünïcode",
    "with, comma; and 'quote'",
]


@pytest.fixture
def small_windows(monkeypatch):
    monkeypatch.setattr(session, "WINDOW", 10)


@pytest.fixture
def grow(dovecot, anna, mails):
    """Let a mail arrive."""
    return lambda: dovecot.append(anna, "INBOX", mails(1))


def uids(listing):
    return [listed.uid for listed in listing]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_any_name_is_listed_opened_and_read(dovecot, anna, connect, mails, name):
    dovecot.create(anna, name)
    dovecot.append(anna, name, mails(2))
    mailbox = connect()
    folder = next(folder for folder in mailbox.folders(Choice()) if folder.name == name)
    assert mailbox.statuses([folder, INBOX]).keys() == {name, "INBOX"}
    assert mailbox.examine(folder).messages == 2
    assert [message.body for message in mailbox.fetch([1, 2])] == mails(2)


def test_folders_that_the_server_calls_drafts_or_junk_are_left_out(dovecot, anna, connect):
    for name in ("Drafts", "Spam", "Trash", "Sent", "Acme/Drafts"):
        dovecot.create(anna, name)
    folders = connect().folders(Choice())
    assert {(folder.name, folder.special) for folder in folders} == {
        ("INBOX", ""),
        ("Sent", "sent"),
        ("Acme", ""),
        ("Acme/Drafts", ""),
    } - {("Acme", "")}


def test_bytes_come_as_they_are_and_nothing_in_the_mailbox_moves(dovecot, anna, connect):
    odd = [
        b"Subject: all bytes\r\n\r\n" + bytes(set(range(1, 256)) - {10, 13}) * 50 + b"\r\n",
        b"Subject: protocol inside\r\n\r\n)\r\n* 2 FETCH (UID 2 BODY[] {3}\r\nS9 OK done\r\n* BYE\r\n",
        b"\r\n",
        b"Subject: large\r\n\r\n" + b"x" * 3_000_000 + b"\r\n",
    ]
    dovecot.append(anna, "INBOX", odd)
    dovecot.add_flags(anna, "INBOX", "\\Flagged", [2])
    before = dovecot.status(anna, "INBOX")
    mailbox = connect()
    assert mailbox.examine(INBOX).messages == 4
    fetched = list(mailbox.fetch([4, 3, 2, 1, 1, 99]))
    assert [message.body for message in fetched] == odd
    assert [message.uid for message in fetched] == [1, 2, 3, 4]
    assert all(message.internal_at.tzinfo and message.labels is None for message in fetched)
    assert [listed.size for listed in mailbox.listing()] == [len(mail) for mail in reversed(odd)]
    mailbox.close()
    assert dovecot.status(anna, "INBOX") == before
    assert before["recent"] == before["unseen"] == 4
    assert "\\Seen" not in "".join(dovecot.flags(anna, "INBOX").values())


def test_statuses_take_one_round_and_leave_out_what_is_gone(dovecot, anna, connect_through, mails):
    for number in range(30):
        dovecot.create(anna, f"F{number}")
    dovecot.append(anna, "F3", mails(5))
    what = Replacing()
    mailbox = connect_through(what)
    folders = mailbox.folders(Choice())
    asked = len(what.met)
    told = mailbox.statuses(folders)
    assert len(what.met) == asked + 1
    assert len(told) == 31
    assert (told["F3"].messages, told["F3"].uid_next) == (5, 6)
    dovecot.delete(anna, "F3")
    assert mailbox.statuses(folders).keys() == {folder.name for folder in folders} - {"F3"}


def test_statuses_are_the_same_without_list_status(dovecot, anna, connect, connect_through, mails):
    dovecot.append(anna, "INBOX", mails(5))
    dovecot.create(anna, "a * b")
    folders = [INBOX, Folder("a * b"), Folder("gone")]
    plain = connect_through(Replacing({b" LIST-STATUS": b"", b" SPECIAL-USE": b""}))
    assert connect().statuses(folders) == plain.statuses(folders)
    assert plain.statuses(folders)["INBOX"].messages == 5
    assert [folder.name for folder in plain.folders(Choice())] == ["a * b", "INBOX"]


def test_folders_are_found_in_every_dialect_of_list(dovecot, anna, connect_through):
    for name in ("Sent", "Drafts"):
        dovecot.create(anna, name)
    xlist = Replacing({b" SPECIAL-USE": b" XLIST", b"* LIST ": b"* XLIST "}, to_server={b"XLIST": b"LIST"})
    declined = Replacing(to_server={b"RETURN (SPECIAL-USE)": b"RETURN NONSENSE"})
    for what in (xlist, declined):
        folders = connect_through(what).folders(Choice())
        assert {(folder.name, folder.special) for folder in folders} == {("INBOX", ""), ("Sent", "sent")}


def test_no_command_is_ever_sent_that_changes_a_mailbox(dovecot, anna, connect_through, mails):
    dovecot.append(anna, "INBOX", mails(3))
    what = Replacing()
    mailbox = connect_through(what)
    mailbox.statuses(mailbox.folders(Choice()))
    mailbox.examine(INBOX)
    assert len(list(mailbox.listing())) == len(list(mailbox.fetch([1, 2, 3]))) == 3
    mailbox.changes(1)
    mailbox.idle(0.1, None)
    mailbox.close()
    verbs = {line.split(b" ")[1].strip() for line in what.met if line[:1] == b"S" and b" " in line}
    assert verbs == {
        b"CAPABILITY",
        b"AUTHENTICATE",
        b"ID",
        b"ENABLE",
        b"LIST",
        b"EXAMINE",
        b"FETCH",
        b"UID",
        b"IDLE",
        b"LOGOUT",
    }
    bodies = [line for line in what.met if b"BODY" in line]
    assert bodies
    assert all(b"BODY.PEEK[]" in line for line in bodies)


def test_a_folder_that_is_gone_cannot_be_opened_and_the_connection_goes_on(connect):
    mailbox = connect()
    with pytest.raises(SourceError, match='does not open "Gone"') as error:
        mailbox.examine(Folder("Gone"))
    assert not isinstance(error.value, Unreachable)
    assert mailbox.examine(INBOX).messages == 0


def test_uidvalidity_tells_a_folder_that_was_numbered_anew(dovecot, anna, connect, mails):
    dovecot.append(anna, "INBOX", mails(3))
    before = connect().examine(INBOX)
    new = dovecot.reset_uidvalidity(anna, "INBOX")
    mailbox = connect()
    after = mailbox.examine(INBOX)
    assert (after.uid_validity, after.messages) == (new, 3)
    assert after.uid_validity != before.uid_validity
    assert mailbox.statuses([INBOX])["INBOX"].uid_validity == new


def test_a_listing_goes_down_to_what_is_known(dovecot, anna, connect, mails, monkeypatch):
    monkeypatch.setattr(session, "WINDOW", 10)
    dovecot.append(anna, "INBOX", mails(45))
    dovecot.expunge(anna, "INBOX", range(5, 15))
    mailbox = connect()
    assert mailbox.examine(INBOX).messages == 35
    assert uids(mailbox.listing()) == [*range(45, 14, -1), 4, 3, 2, 1]
    assert uids(mailbox.listing(above=40)) == [45, 44, 43, 42, 41]
    assert uids(mailbox.listing(above=45)) == []


def test_an_empty_folder_lists_nothing(connect):
    mailbox = connect()
    mailbox.examine(INBOX)
    assert uids(mailbox.listing()) == list(mailbox.fetch([1, 2, 3])) == list(mailbox.fetch([])) == []


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("lie", [{}, {b" QRESYNC": b""}])
def test_nothing_that_stays_is_passed_over_when_others_expunge_meanwhile(
    dovecot, anna, connect_through, mails, lie
):
    dovecot.append(anna, "INBOX", mails(60))
    mailbox = connect_through(Replacing(lie))
    mailbox.examine(INBOX)
    listing = mailbox.listing()
    seen = uids(islice(listing, 15))
    gone = [2, 3, 21, 22, 35, 36, 44, 55, 60]
    dovecot.expunge(anna, "INBOX", gone)
    # The server tells of the expunge when it may: with the answer to another command.
    assert [message.uid for message in mailbox.fetch([1, 2, 60])][:1] == [1]
    seen += uids(listing)
    assert len(seen) == len(set(seen))
    assert set(seen) >= set(range(1, 61)) - set(gone)


def test_a_folder_that_is_emptied_during_a_listing_ends_it(dovecot, anna, connect, mails, monkeypatch):
    monkeypatch.setattr(session, "WINDOW", 5)
    dovecot.append(anna, "INBOX", mails(50))
    mailbox = connect()
    mailbox.examine(INBOX)
    listing = mailbox.listing()
    first = next(listing)
    dovecot.expunge(anna, "INBOX", range(1, 51))
    assert first.uid == 50
    assert set(uids(listing)) <= set(range(1, 50))


def test_messages_expunged_during_a_fetch_are_absent(dovecot, anna, connect, mails):
    dovecot.append(anna, "INBOX", mails(20))
    mailbox = connect()
    mailbox.examine(INBOX)
    dovecot.expunge(anna, "INBOX", [3, 4, 19])
    fetched = {message.uid: message.body for message in mailbox.fetch(range(1, 21))}
    assert fetched.keys() >= set(range(1, 21)) - {3, 4, 19}
    assert all(body in mails(20) for body in fetched.values())
    assert mailbox.refused == {}


def test_a_long_set_of_uids_is_cut_to_lines_that_servers_take(dovecot, anna, connect_through, mails):
    dovecot.append(anna, "INBOX", mails(4_000))
    what = Replacing()
    mailbox = connect_through(what)
    mailbox.examine(INBOX)
    odd = range(1, 4_000, 2)
    assert [message.uid for message in mailbox.fetch(odd)] == list(odd)
    assert max(map(len, what.met)) < 8_192
    assert sum(b"UID FETCH" in line for line in what.met) == 2


def test_only_one_message_of_a_batch_is_in_memory(dovecot, anna, connect):
    dovecot.append(
        anna, "INBOX", (b"Subject: %d\r\n\r\n" % number + b"x" * 1_000_000 for number in range(30))
    )
    mailbox = connect()
    mailbox.examine(INBOX)
    import tracemalloc

    tracemalloc.start()
    try:
        for message in mailbox.fetch(range(1, 31)):
            assert len(message.body) > 1_000_000
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_who_stops_in_the_middle_of_a_batch_loses_the_connection_and_is_told(dovecot, anna, connect, mails):
    dovecot.append(anna, "INBOX", mails(10))
    mailbox = connect()
    mailbox.examine(INBOX)
    batch = mailbox.fetch(range(1, 11))
    next(batch)
    with pytest.raises(Unreachable, match="middle of an answer"):
        mailbox.examine(INBOX)
    batch.close()
    with pytest.raises(Unreachable):
        mailbox.examine(INBOX)


def test_what_vanished_is_told_by_qresync(dovecot, anna, connect, mails):
    dovecot.append(anna, "INBOX", mails(10))
    modseq = connect().examine(INBOX).modseq
    dovecot.expunge(anna, "INBOX", [2, 3, 7])
    dovecot.append(anna, "INBOX", mails(1))
    dovecot.add_flags(anna, "INBOX", "\\Answered", [1])
    mailbox = connect()
    now = mailbox.examine(INBOX).modseq
    assert mailbox.changes(modseq).vanished >= {2, 3, 7}
    assert not mailbox.changes(modseq).vanished & {1, 4, 5, 6, 8, 9, 10, 11}
    assert mailbox.changes(now) == Changes(frozenset())
    # What goes while the folder is open is told as well.
    dovecot.expunge(anna, "INBOX", [10])
    assert mailbox.idle(30, None)
    assert mailbox.changes(now).vanished >= {10}
    # A server that was set back knows nothing of the time between.
    assert mailbox.changes(now + 1_000) is None
    assert mailbox.changes(0) is None


def test_what_vanished_is_not_told_without_qresync(dovecot, anna, connect_through, mails):
    dovecot.append(anna, "INBOX", mails(3))
    mailbox = connect_through(Replacing({b" QRESYNC": b""}))
    modseq = mailbox.examine(INBOX).modseq
    assert modseq
    assert mailbox.changes(modseq) is None


def test_modseq_is_known_where_condstore_cannot_be_enabled(dovecot, anna, connect_through, mails):
    dovecot.append(anna, "INBOX", mails(3))
    assert connect_through(Replacing({b" QRESYNC": b"", b" ENABLE": b""})).examine(INBOX).modseq
    nothing = Replacing({b" QRESYNC": b"", b" CONDSTORE": b"", b"[HIGHESTMODSEQ": b"[NOTHING"})
    assert connect_through(nothing).examine(INBOX).modseq is None


def test_waiting_ends_when_mail_comes_and_when_it_goes(dovecot, anna, connect, mails):
    dovecot.append(anna, "INBOX", mails(3))
    mailbox = connect()
    mailbox.examine(INBOX)
    later = threading.Timer(0.2, dovecot.append, (anna, "INBOX", mails(1)))
    later.start()
    assert mailbox.idle(30, None)
    later.join()
    assert uids(mailbox.listing(above=3)) == [4]
    later = threading.Timer(0.2, dovecot.expunge, (anna, "INBOX", [1]))
    later.start()
    assert mailbox.idle(30, threading.Event())
    later.join()
    assert uids(mailbox.listing()) == [4, 3, 2]


def test_mail_that_was_announced_before_the_waiting_is_not_slept_over(dovecot, anna, connect, mails):
    mailbox = connect()
    mailbox.examine(INBOX)
    dovecot.append(anna, "INBOX", mails(1))
    list(mailbox.fetch([99]))
    mailbox.statuses([INBOX])
    assert mailbox.idle(30, None)
    assert uids(mailbox.listing()) == [1]


def test_waiting_ends_with_its_time_and_when_it_is_to_stop(connect, monkeypatch):
    monkeypatch.setattr(session, "LOOK_S", 0.1)
    mailbox = connect()
    mailbox.examine(INBOX)
    assert not mailbox.idle(0, None)
    assert not mailbox.idle(0.1, None)
    stop = threading.Event()
    later = threading.Timer(0.2, stop.set)
    later.start()
    assert not mailbox.idle(600, stop)
    later.join()
    # And the connection is as good as before.
    assert mailbox.examine(INBOX).messages == 0


def test_an_idle_is_renewed_before_servers_hang_up(connect_through, monkeypatch):
    monkeypatch.setattr(session, "IDLE_S", 0.05)
    what = Replacing()
    mailbox = connect_through(what)
    mailbox.examine(INBOX)
    assert not mailbox.idle(0.3, None)
    assert sum(line.endswith(b" IDLE\r\n") for line in what.met) > 1
    assert sum(line == b"DONE\r\n" for line in what.met) == sum(
        line.endswith(b" IDLE\r\n") for line in what.met
    )


@pytest.mark.parametrize("lie", [{b" IDLE": b""}, {}])
def test_a_server_without_idle_is_asked_from_time_to_time(connect_through, grow, monkeypatch, lie):
    monkeypatch.setattr(session, "NOOP_S", 0.05)
    # Not offered, or offered and not known.
    what = Replacing(lie, to_server={b" IDLE\r\n": b" NONSENSE\r\n"})
    mailbox = connect_through(what)
    mailbox.examine(INBOX)
    grow()
    assert mailbox.idle(30, None)
    assert not mailbox.idle(0.1, threading.Event())
    assert any(line.endswith(b" NOOP\r\n") for line in what.met)


def test_a_connection_that_is_killed_says_so_in_every_state(dovecot, anna, connect, mails):
    dovecot.append(anna, "INBOX", mails(2_000))
    mailbox = connect()
    mailbox.examine(INBOX)
    later = threading.Timer(0.2, dovecot.kick, (anna,))
    later.start()
    with pytest.raises(Unreachable):
        mailbox.idle(30, None)
    later.join()
    for action in (
        lambda: mailbox.examine(INBOX),
        lambda: mailbox.idle(1, None),
        lambda: mailbox.folders(Choice()),
    ):
        with pytest.raises(Unreachable):
            action()
    mailbox.close()


def test_a_server_that_stops_in_the_middle_of_a_batch_says_so(own_dovecot, mails):
    own_dovecot.user("jan")
    own_dovecot.append("jan", "INBOX", [mail + b"x" * 100_000 for mail in mails(200)])
    with Mailbox.open(own_dovecot.server(), own_dovecot.credentials("jan")) as mailbox:
        mailbox.examine(INBOX)
        batch = mailbox.fetch(range(1, 201))
        next(batch)
        own_dovecot.stop()
        with pytest.raises(Unreachable):
            list(batch)
    own_dovecot.start()
    with Mailbox.open(own_dovecot.server(), own_dovecot.credentials("jan")) as mailbox:
        assert mailbox.examine(INBOX).messages == 200


def test_a_closed_mailbox_may_be_closed_again(connect):
    mailbox = connect()
    mailbox.close()
    mailbox.close()
    with pytest.raises(Unreachable):
        mailbox.examine(INBOX)
