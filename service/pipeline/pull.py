"""Read an added source once. In: its id. Out: Pulled. Never: two runs at once, a failure without a state.

A failure of the source is no exception here but a state that people see; the next run goes on where this
one stopped. Only SourceBusy is raised, and what breaks the installation itself.
"""

import secrets
from datetime import datetime, timedelta
from threading import Event

import stamina

from service import clock
from service.archive import imports
from service.db.session import Session, reading, writing
from service.errors import ConfigError, RunStopped, ScriptaError, SignInRefused, Throttled, Unreachable
from service.intake.lease import leased
from service.intake.source import AddedSource, State
from service.intake.store import Outlook, find_source, note_run, secret_of
from service.pipeline import connectors
from service.pipeline.connector import Connection, Connector
from service.pipeline.installation import Installation
from service.pipeline.run import CHANGED, Progress, Pulled, Run
from service.plugins import discover

ATTEMPTS = 6
"""Times that one run connects: a connection that breaks off costs a moment, not the run."""
LONGEST_PAUSE_S = 5
"""Between two attempts: a service that is stopped waits for it."""
FIRST_BACK_OFF = timedelta(seconds=30)
LONGEST_BACK_OFF = timedelta(hours=1)
THROTTLED_FOR = timedelta(minutes=15)
"""How long a provider is left alone that says so: Gmail's bandwidth limits last minutes to hours."""
BROKE_OFF = "The run broke off in the middle, and the log says why; it is tried again by itself."


def pull(
    house: Installation,
    source_id: int,
    connection: Connection | None = None,
    *,
    reconcile: bool = False,
    progress: Progress = lambda _report: None,
    stop: Event | None = None,
) -> Pulled:
    """Bring everything new of a source; `connection` is one that stays open between runs.

    `stop` ends the run before its next batch; `reconcile` compares everything with the server. Raises
    SourceBusy where another run has the source.
    """
    with leased(house.engine, source_id) as lease:
        source = existing_source(house, source_id)
        run = Run(house, source, lease, clock.now(), Pulled(source.name), reconcile, progress, stop)
        with reading(house.engine) as session:
            secret = secret_of(session, source_id)
        used = connection or connector_of(source.kind).connect(house, source_id)
        found = Outlook(State.FAILING, BROKE_OFF, _next_try(run))
        try:
            found = _read(run, used)
        finally:
            if connection is None:
                used.close()
            _note(run, found, secret)
    return run.report


def connector_of(kind: str) -> Connector:
    """Return the connector of a kind. Raises ConfigError for one that does not exist."""
    every: list[Connector] = discover(connectors, "CONNECTOR")
    for one in every:
        if one.kind == kind:
            return one
    kinds = ", ".join(one.kind for one in every)
    raise ConfigError(f"There is no kind of source {kind!r}; there is {kinds}.")


def existing_source(house: Installation, source_id: int) -> AddedSource:
    """Return a source. Raises ConfigError where it was removed."""
    with reading(house.engine) as session:
        source = find_source(session, source_id)
    if source is None:
        raise ConfigError(f"There is no source {source_id}: it was removed.")
    return source


def _read(run: Run, connection: Connection) -> Outlook:
    try:
        # No limit of time: a message that makes the server hang is found by its second time-out.
        for attempt in stamina.retry_context(
            lambda error: _is_passing(error) and not (run.stop is not None and run.stop.is_set()),
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=0.5,
            wait_max=LONGEST_PAUSE_S,
        ):
            with attempt:
                run.report.shortfalls.clear()
                connection.pull(run)
    except RunStopped as error:
        return Outlook(State.INCOMPLETE, str(error))
    except SignInRefused as error:
        return Outlook(State.SIGN_IN, str(error))
    except Throttled as error:
        return Outlook(State.FAILING, str(error), run.now + _jittered(THROTTLED_FOR))
    except ScriptaError as error:
        return Outlook(State.FAILING, str(error), _next_try(run))
    if run.report.shortfalls:
        return Outlook(State.INCOMPLETE, " ".join(run.report.shortfalls))
    return Outlook(State.COMPLETE)


def _is_passing(error: Exception) -> bool:
    return isinstance(error, Unreachable) and not isinstance(error, Throttled)


def _next_try(run: Run) -> datetime:
    # One that brought something is not down: it only hangs up often.
    failures = 0 if run.report.read else min(run.source.failures, 10)
    doubled = FIRST_BACK_OFF * 2**failures
    return run.now + _jittered(min(doubled, LONGEST_BACK_OFF))


def _jittered(wait: timedelta) -> timedelta:
    return wait * secrets.SystemRandom().uniform(0.8, 1.2)


def _note(run: Run, found: Outlook, secret: bytes | None) -> None:
    report = run.report
    with writing(run.house.engine) as session:
        if run.lease.is_held(session):
            found = _of_today(session, run, found, secret)
            note_run(session, run.source.id, found, clock.now())
        report.state, report.detail = found.state.value, found.detail
        if report.import_id is not None:
            states = {State.COMPLETE: "done", State.INCOMPLETE: "incomplete"}
            ended = states.get(found.state, "failed")
            ended = "incomplete" if ended == "done" and report.refused else ended
            imports.note(session, report.import_id, report.counts, ended, found.detail)


def _of_today(session: Session, run: Run, found: Outlook, secret: bytes | None) -> Outlook:
    """Leave out what is only true of settings or of a password that a person has replaced meanwhile."""
    is_refused = found.state == State.SIGN_IN and secret_of(session, run.source.id) != secret
    return Outlook(State.INCOMPLETE, CHANGED) if is_refused or run.is_outdated(session) else found
