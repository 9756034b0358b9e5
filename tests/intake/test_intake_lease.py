"""One run at a time for each source; a dead run is seen in minutes."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
import time_machine

from service.db.session import reading, writing
from service.errors import SourceBusy
from service.intake.lease import LASTS, leased
from service.intake.store import add_source, find_source
from service.intake.tables import SourceRow

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def source(engine):
    with writing(engine) as session:
        return add_source(session, "Mail", "imap", {})


def state(engine, source):
    with reading(engine) as session:
        found = find_source(session, source)
    return found.is_running, found.was_interrupted


def test_a_second_run_is_refused_while_the_first_goes_on(engine, source):
    with leased(engine, source):
        assert state(engine, source) == (True, False)
        with pytest.raises(SourceBusy, match="Another run"), leased(engine, source):
            pass
    assert state(engine, source) == (False, False)


def test_of_many_that_begin_together_one_gets_the_lease(engine, source):
    begin, end = Event(), Event()
    got = []

    def run():
        begin.wait()
        try:
            with leased(engine, source):
                got.append("held")
                end.wait(20)
        except SourceBusy:
            got.append("busy")
            if got.count("busy") == 5:
                end.set()

    threads = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    begin.set()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["busy"] * 5 + ["held"]


def test_the_lease_of_a_dead_run_is_seen_and_taken_over(engine, source):
    with time_machine.travel(NOW, tick=False) as clock:
        dead = leased(engine, source)
        lease = dead.__enter__()
        clock.shift(LASTS + timedelta(seconds=1))
        assert state(engine, source) == (False, True)
        with (
            leased(engine, source),
            writing(engine) as session,
            pytest.raises(SourceBusy, match="taken for dead"),
        ):
            lease.assert_held(session)
        dead.__exit__(None, None, None)
        assert state(engine, source) == (False, False)


def test_the_heartbeat_moves_the_lease_on(engine, source):
    with time_machine.travel(NOW, tick=False) as clock, leased(engine, source, beat_s=0.01):
        clock.shift(LASTS - timedelta(seconds=1))
        until = None
        while until is None or until < NOW + LASTS + timedelta(seconds=1):
            with reading(engine) as session:
                until = session.get(SourceRow, source).lease_until
        clock.shift(timedelta(seconds=30))
        assert state(engine, source) == (True, False)


def test_a_crash_on_this_machine_is_taken_over_at_once(engine, source):
    code = (
        "import os, sys; from service.db.engine import open_database\n"
        "from service.intake.lease import leased\n"
        "with leased(open_database(sys.argv[1]), int(sys.argv[2])): os._exit(9)"
    )
    url = engine.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", code, url, str(source)], check=False)
    assert done.returncode == 9
    assert state(engine, source) == (True, False)
    with leased(engine, source):
        assert state(engine, source) == (True, False)
