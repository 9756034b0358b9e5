"""Look at all of a chat export before its first record is archived. In: an export. Out: Chats. Never: writes.

Whether a chat is kept already may only show where it overlaps, which can be its last pages; by then its first
ones would be archived as another chat. So it is read twice, unless nothing of its platform is kept.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from service.archive.alike import Trace, traces_of
from service.archive.chats import Chats, keeps_chats_of
from service.db.session import reading
from service.pipeline.prepared import records
from service.pipeline.reading_process import ReadingProcess
from service.sources.open import size_of
from service.sources.raw_message import RawMessage
from service.sources.recognise import source_named
from service.sources.source import Export, HoldsOpen, Source, everything

WORTH_A_PROCESS = 8 * 1024 * 1024
"""Bytes of an export from which another process reads it: to start one takes as long as reading some MiB."""
AT_ONCE = 500


def look_ahead(
    engine: Engine,
    source: Source,
    export: Export,
    zone: ZoneInfo,
    seen_at: datetime,
    *,
    project_id: int | None = None,
) -> Chats:
    """Return where the chats of an export are kept, of which somebody may have said its project."""
    # What asks for each file asks once.
    if source.channel == "email" or export.wants is not everything:
        return Chats(project_id=project_id)
    with reading(engine) as session:
        if not keeps_chats_of(session, source.channel):
            return Chats(project_id=project_id)
        chats = Chats(is_whole=True, project_id=project_id)
        with closing(_traces(source, export, zone, seen_at)) as found:
            for some in found:
                chats.look(session, some)
        chats.settle(session)
    return chats


def is_worth_a_process(source: Source, export: Export) -> bool:
    """Say whether another process reads an export: not what asks for each file, or keeps files open."""
    here = isinstance(source, HoldsOpen) or export.wants is not everything
    return not here and size_of(export.path) >= WORTH_A_PROCESS


def read_traces(name: str, export: Export, zone: str, seen_at: datetime) -> Iterator[list[Trace]]:
    """Read an export by the name of its format: what another process is told to do."""
    found = records(source_named(name), export)
    raws = (one for one in found if isinstance(one, RawMessage))
    yield from _cut(traces_of(raws, ZoneInfo(zone), seen_at))


def _traces(
    source: Source, export: Export, zone: ZoneInfo, seen_at: datetime
) -> Generator[list[Trace], None, None]:
    if not is_worth_a_process(source, export):
        yield from read_traces(source.name, export, zone.key, seen_at)
        return
    with ReadingProcess() as process:
        yield from process.run(read_traces, source.name, export, zone.key, seen_at)


def _cut(traces: Iterable[Trace]) -> Iterator[list[Trace]]:
    left = iter(traces)
    while some := list(islice(left, AT_ONCE)):
        yield some
