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
from service.db.session import reading, writing
from service.errors import ConfigError, RunStopped, ScriptaError, SignInRefused, Throttled, Unreachable
from service.intake.lease import leased
from service.intake.source import AddedSource, State
from service.intake.store import Outlook, find_source, note_run
from service.pipeline import connectors
from service.pipeline.connector import Connection, Connector
from service.pipeline.installation import Installation
from service.pipeline.run import Progress, Pulled, Run
from service.plugins import discover

ATTEMPTS = 6
"""Times that one run connects: a connection that breaks off costs a moment, not the run."""
FIRST_BACK_OFF = timedelta(seconds=30)
LONGEST_BACK_OFF = timedelta(hours=1)
THROTTLED_FOR = timedelta(minutes=15)
"""How long a provider is left alone that says so: Gmail's bandwidth limits last minutes to hours."""


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
        used = connection or connector_of(source.kind).connect(house, source_id)
        try:
            found = _read(run, used)
        finally:
            if connection is None:
                used.close()
        _note(run, found)
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
        for attempt in stamina.retry_context(_is_passing, attempts=ATTEMPTS, wait_initial=0.5, wait_max=20):
            with attempt:
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
    doubled = FIRST_BACK_OFF * 2 ** min(run.source.failures, 10)
    return run.now + _jittered(min(doubled, LONGEST_BACK_OFF))


def _jittered(wait: timedelta) -> timedelta:
    return wait * secrets.SystemRandom().uniform(0.8, 1.2)


def _note(run: Run, found: Outlook) -> None:
    report = run.report
    report.state, report.detail = found.state.value, found.detail
    with writing(run.house.engine) as session:
        note_run(session, run.source.id, found, clock.now())
        if report.import_id is not None:
            states = {State.COMPLETE: "done", State.INCOMPLETE: "incomplete"}
            ended = states.get(found.state, "failed")
            ended = "incomplete" if ended == "done" and report.refused else ended
            imports.note(session, report.import_id, report.counts, ended, found.detail)
