"""Rooms of Matrix are archived whole: gaps are filled, edits believed from their author alone."""

from threading import Event

import pytest
from chat_servers import BROKEN, CUT, Reply, slow_down

from service.errors import ConfigError
from service.intake.source import State
from service.pipeline import sources

ROOM = "!klinika:klos.example"
EWA, OLGA = "@ewa:klos.example", "@olga:kreska.example"


def text(body, **more):
    return {"msgtype": "m.text", "body": body, **more}


def edit(target, body):
    relation = {"rel_type": "m.replace", "event_id": target["event_id"]}
    return {**text(f"* {body}"), "m.new_content": text(body), "m.relates_to": relation}


@pytest.fixture
def live(follow, matrix):
    name = {"type": "m.room.name", "state_key": "", "content": {"name": "Klinika: strona"}}
    member = {"type": "m.room.member", "state_key": EWA, "content": {"displayname": "Ewa Kłos"}}
    matrix.state[ROOM] = [name, member]
    return follow(matrix, "matrix")


@pytest.fixture
def say(matrix):
    def send(*numbers, room=ROOM):
        for number in numbers:
            matrix.send(room, content=text(f"slowo{number}"))

    return send


def test_a_room_is_archived_to_its_beginning(live, matrix, say):
    matrix.most = 7
    say(*range(40))
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 40)
    assert live.texts() == [f"slowo{number}" for number in range(40)]
    assert live.conversations() == {ROOM: "Klinika: strona"}
    assert live.chats[""].cursor == "s40"
    assert live.chats[ROOM].cursor == "[]"
    assert live.pull().import_id is None
    say(40)
    assert live.pull().new == 1
    live.assert_whole()


def test_what_a_long_absence_left_out_is_filled(live, matrix, say):
    matrix.most = 5
    say(*range(5))
    live.pull()
    say(*range(5, 30))
    live.begin()
    assert live.pull().new == 25
    assert live.texts() == [f"slowo{number}" for number in range(30)]
    live.assert_whole()


@pytest.mark.parametrize("commits", [2, 4, 6])
def test_a_run_that_is_killed_between_batches_goes_on_where_it_was(live, matrix, say, monkeypatch, commits):
    from service.pipeline import archive_chats

    matrix.most = 5
    say(*range(30))
    original, left = archive_chats.raise_cursor, [commits]

    def dying(*arguments):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        original(*arguments)

    with monkeypatch.context() as killed:
        killed.setattr(archive_chats, "raise_cursor", dying)
        with pytest.raises(KeyboardInterrupt):
            live.pull()
    assert len(live.messages()) in range(5, 30, 5)
    say(*range(30, 50))
    live.begin()
    live.pull()
    assert live.texts() == [f"slowo{number}" for number in range(50)]
    live.assert_whole()


@pytest.mark.parametrize("fault", [BROKEN, CUT, slow_down(), Reply(200, b"not json")])
@pytest.mark.parametrize("at", ["/sync", "/messages"])
def test_a_fault_in_the_middle_costs_nothing(live, matrix, say, fault, at):
    matrix.most = 5
    say(*range(20))
    matrix.fail(fault, fault, at=at)
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 20)
    live.assert_whole()


def test_a_server_that_has_forgotten_the_place_is_read_anew(live, matrix, say):
    say(*range(10))
    live.pull()
    say(10)
    matrix.oldest = 11
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 1)
    matrix.oldest = 100
    assert live.pull().state == State.FAILING
    live.assert_whole()


def test_an_edit_is_another_version_wherever_it_comes_from(live, matrix):
    first = matrix.send(ROOM, content=text("Zgoda"))
    live.pull()
    later = first["origin_server_ts"] + 7 * 60_000
    matrix.send(ROOM, content=edit(first, "Zgoda, 64 000"), origin_server_ts=later)
    found = live.pull()
    assert (found.state, found.new) == (State.COMPLETE, 0)
    assert live.versions() == ["Zgoda, 64 000"]
    assert live.messages()[0].edited_at.timestamp() * 1000 == later
    assert len(live.messages()) == 1
    live.assert_whole()


def test_an_edit_that_comes_before_its_message_waits_for_none(live, matrix, say):
    matrix.most = 3
    first = matrix.send(ROOM, content=text("Zgoda"))
    say(*range(10))
    matrix.send(ROOM, content=edit(first, "Zgoda, 64 000"))
    assert live.pull().state == State.COMPLETE
    assert len(live.messages()) == 11
    assert live.messages()[0].external_id == first["event_id"]
    assert {"Zgoda", "Zgoda, 64 000"} <= {*live.versions(), *live.texts()}
    live.assert_whole()


def test_nobody_edits_the_words_of_another(live, matrix):
    first = matrix.send(ROOM, content=text("Nie zgadzam się"))
    live.pull()
    matrix.send(ROOM, sender=OLGA, content=edit(first, "Zgadzam się"))
    live.pull()
    assert live.texts()[0] == "Nie zgadzam się"
    assert live.versions() == []
    assert [one.kind for one in live.messages()] == ["text", "unknown"]
    assert "another sender" in live.messages()[1].detail


def test_what_is_taken_back_stays_and_is_known_as_deleted(live, matrix, say):
    say(1, 2)
    live.pull()
    first = matrix.stream[0][1]
    later = first["origin_server_ts"] + 7 * 60_000
    redaction = {"type": "m.room.redaction", "origin_server_ts": later, "content": {"reason": "pomyłka"}}
    matrix.send(ROOM, redacts=first["event_id"], **redaction)
    assert live.pull().state == State.COMPLETE
    assert live.texts()[:2] == ["slowo1", "slowo2"]
    assert live.deleted() == ["slowo1"]
    assert live.conversations() == {ROOM: "Klinika: strona"}
    live.assert_whole()


def test_encrypted_rooms_are_told_with_what_to_do(live, matrix):
    matrix.state[ROOM].append({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.x"}})
    matrix.send(
        ROOM, type="m.room.encrypted", content={"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}
    )
    assert live.pull().state == State.COMPLETE
    assert "encrypted" in live.chats[ROOM].trouble
    assert [one.kind for one in live.messages()] == ["unknown"]
    live.begin()
    matrix.state[ROOM] = []
    matrix.send(ROOM, type="m.room.encrypted", content={"ciphertext": "x"})
    live.pull()
    assert "encrypted" in live.chats[ROOM].trouble


def test_files_come_through_the_own_server(live, matrix):
    matrix.files = {"klos.example/abc": b"%PDF-1.7"}
    content = {"msgtype": "m.file", "body": "umowa.pdf", "url": "mxc://klos.example/abc", "info": {"size": 8}}
    matrix.send(ROOM, content=content)
    matrix.send(ROOM, content=content | {"body": "gone.pdf", "url": "mxc://klos.example/gone"})
    matrix.send(ROOM, content=content | {"body": "evil.pdf", "url": "https://evil.example/x"})
    assert live.pull().state == State.COMPLETE
    files = dict(live.files())
    assert files["umowa.pdf"] == b"%PDF-1.7"
    assert "404" in files["gone.pdf"]
    assert "no address" in files["evil.pdf"]


def test_a_token_that_is_refused_waits_for_a_person(live, matrix):
    matrix.token = "another"
    found = live.pull()
    assert found.state == State.SIGN_IN
    assert "M_UNKNOWN_TOKEN" in found.detail


def test_a_room_that_is_refused_costs_no_other(live, matrix, say):
    matrix.most = 2
    say(*range(5))
    say(*range(5, 9), room="!other:klos.example")
    matrix.forbidden = {ROOM}
    found = live.pull()
    assert (found.state, found.new) == (State.INCOMPLETE, 6)
    assert "Klinika" in found.detail
    matrix.forbidden = set()
    assert live.pull().new == 3


def test_a_room_that_was_left_is_told(live, matrix, say):
    say(1)
    live.pull()
    matrix.left = {ROOM}
    say(2)
    live.pull()
    assert "no longer in this room" in live.chats[ROOM].trouble


def test_a_wait_ends_when_something_comes(live, say):
    say(1)
    live.pull()
    say(2)
    live.connection.wait(Event(), 30)
    assert live.pull().new == 1


@pytest.mark.parametrize(
    "server", ["", "http://matrix.example.com", "matrix.example.com", "https://a@b.example"]
)
def test_what_cannot_work_is_refused_when_it_is_added(house, server):
    with pytest.raises(ConfigError):
        sources.add(house, "Matrix", "matrix", {"server": server}, sources.password_secret("x"))
