"""`/imports`: bring in mail and chats, choose for them, and see what became of them. For administrators."""

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response

from service.archive import imports as book
from service.archive.imports import Import, State
from service.archive.message import Side
from service.archive.organise import projects
from service.db.session import reading
from service.errors import ArchiveError, ConfigError, SourceError
from service.pipeline.import_queue import ImportQueue
from service.pipeline.ingest import DATE_ORDERS, Wish
from service.pipeline.previews import Looked, Previews
from service.pipeline.receive import receive
from service.pipeline.staged import choose, discard, expect_room, stage
from service.sources.recognise import sources
from service.web.choice_form import Fields, choice_from, read_fields
from service.web.download import download
from service.web.pace import pace_of
from service.web.visit import Number, Visit, Visited, not_found

ROUTER = APIRouter()
PAGE = 30
MOST_REFUSED = 200
AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/", "UTC")


class Said(BaseModel):
    """What was chosen on the page until now: it is shown again."""

    format: str = Field("", max_length=50)
    date_order: str = Field("", max_length=50)
    zone: str = Field("", max_length=100)
    project: str = Field("", max_length=320)


@ROUTER.get("/imports")
def list_imports(visit: Visited, before: Number | None = None) -> Response:
    """Show the upload form, what waits or is being imported, and past imports, the newest first."""
    visit.require_admin()
    return _list(visit, before)


@ROUTER.post("/imports")
async def upload(visit: Visited) -> Response:
    """Take files to disk as they arrive, and go on to the choice for them."""
    visit.require_admin()
    request, house = visit.request, visit.house
    is_scripted = request.headers.get("hx-request") == "true"
    try:
        await run_in_threadpool(expect_room, house)
        received = await receive(house, request.headers.get("content-type", ""), request.stream())
    except SourceError as error:
        # The page's script shows an answer only where all is well.
        return await run_in_threadpool(_list, visit, None, str(error), 200 if is_scripted else 422)
    except ClientDisconnect:
        return Response(status_code=400)
    import_id, _ = await run_in_threadpool(stage, house, received.folder, received.names, visit.account.name)
    await run_in_threadpool(_look, visit, import_id)
    address = f"/imports/{import_id}"
    if is_scripted:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


@ROUTER.get("/imports/{import_id}")
def one_import(visit: Visited, import_id: Number, said: Annotated[Said, Query()]) -> Response:
    """Show what an upload holds and ask what is to be asked; how far an import is; or what came of it."""
    one = _find(visit, import_id)
    if one.state == State.STAGED:
        return _choice(visit, one, said.model_dump())
    # What the command line or a source reads shows its numbers alone: this process is not the one to ask.
    if one.folder is not None:
        return _progress(visit, one)
    return _summary(visit, one)


@ROUTER.post("/imports/{import_id}/choice")
async def choose_for(visit: Visited, import_id: Number) -> Response:
    """Queue an upload with what was chosen for it."""
    one = await run_in_threadpool(_find, visit, import_id)
    fields: Fields = {}
    try:
        fields = await read_fields(visit.request)
        await run_in_threadpool(choose, visit.house, import_id, choice_from(fields))
    except (ConfigError, SourceError) as error:
        return await run_in_threadpool(_choice, visit, one, fields, str(error))
    except ArchiveError:
        # Somebody was quicker: the page shows what became of it.
        pass
    else:
        _previews(visit).forget(import_id)
        _queue(visit).wake()
    return RedirectResponse(f"/imports/{import_id}", status_code=303)


@ROUTER.post("/imports/{import_id}/discard")
def throw_away(visit: Visited, import_id: Number) -> Response:
    """Discard an upload that waits."""
    _find(visit, import_id)
    try:
        discard(visit.house, import_id)
    except ArchiveError:
        # Somebody was quicker: the page shows what became of it.
        return RedirectResponse(f"/imports/{import_id}", status_code=303)
    _previews(visit).forget(import_id)
    return RedirectResponse("/imports", status_code=303)


@ROUTER.get("/imports/{import_id}/unreadable/{unreadable_id}")
def unreadable(visit: Visited, import_id: Number, unreadable_id: Number) -> Response:
    """Send the bytes of something that could not be read, as they came."""
    _find(visit, import_id)
    with reading(visit.house.engine) as session:
        found = book.quarantined_one(session, import_id, unreadable_id)
        if found is None or found.blob_sha256 is None:
            raise not_found()
        content = visit.house.blobs.read(session, found.blob_sha256)
    return download(content, f"unreadable-{import_id}-{unreadable_id}.bin")


def _list(visit: Visit, before: int | None, trouble: str = "", status: int = 200) -> Response:
    with reading(visit.house.engine) as session:
        found = book.imports(session, limit=PAGE + 1, before=before)
        active = book.active(session)
    return visit.page(
        "imports.html",
        status,
        active=[(one, pace_of(one, visit.reader.now)) for one in reversed(active)],
        busy=any(one.state != State.STAGED for one in active),
        rows=[one for one in found[:PAGE] if one.folder is None],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        formats=sources(),
        trouble=trouble,
    )


def _choice(visit: Visit, one: Import, said: Fields, trouble: str = "") -> Response:
    try:
        looked = _look(visit, one.id, said.get("format", ""), said.get("date_order", ""))
    except (ConfigError, SourceError) as error:
        trouble = trouble or str(error)
        looked = _look(visit, one.id)
    with reading(visit.house.engine) as session:
        known = projects(session)
    return visit.page(
        "import_choice.html",
        422 if trouble else 200,
        one=one,
        looked=looked,
        said=said,
        trouble=trouble,
        formats=sources(),
        orders=DATE_ORDERS,
        projects=known,
        sides=list(Side),
        zones=sorted(zone for zone in available_timezones() if zone.startswith(AREAS)),
    )


def _progress(visit: Visit, one: Import) -> Response:
    with reading(visit.house.engine) as session:
        active = book.active(session)
    before = sum(
        other.state == State.RUNNING or (other.state == State.QUEUED and other.id < one.id)
        for other in active
        if other.id != one.id
    )
    return visit.page("import_progress.html", one=one, before=before, pace=pace_of(one, visit.reader.now))


def _summary(visit: Visit, one: Import) -> Response:
    queue = _queue(visit)
    is_finding = one.id in queue.unread
    with reading(visit.house.engine) as session:
        refused = book.quarantined(session, one.id, limit=MOST_REFUSED)
        # A large import has many: not while the page asks again every second.
        talks = [] if is_finding else book.talks_of(session, one.id)
    return visit.page(
        "import.html",
        one=one,
        refused=refused,
        talks=talks,
        passed=queue.passed_over(one.id),
        finding=queue.reading if is_finding else None,
    )


def _find(visit: Visit, import_id: int) -> Import:
    visit.require_admin()
    with reading(visit.house.engine) as session:
        found = book.find(session, import_id)
    if found is None:
        raise not_found()
    return found


def _look(visit: Visit, import_id: int, format_name: str = "", date_order: str = "") -> Looked:
    wish = Wish(format_name or None, None, date_order or None)
    return _previews(visit).of(_find(visit, import_id), wish)


def _queue(visit: Visit) -> ImportQueue:
    queue = visit.request.app.state.queue
    assert isinstance(queue, ImportQueue)
    return queue


def _previews(visit: Visit) -> Previews:
    previews = visit.request.app.state.previews
    assert isinstance(previews, Previews)
    return previews
