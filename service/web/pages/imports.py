"""`/imports`: bring in mail and chats, and see what became of every import. For administrators."""

from zoneinfo import available_timezones

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.archive import imports as book
from service.db.session import reading
from service.errors import SourceError
from service.pipeline.ingest import Wish
from service.sources.recognise import sources
from service.web.receive import receive
from service.web.uploads import Uploads
from service.web.visit import Number, Visit, Visited, not_found

ROUTER = APIRouter()
PAGE = 30
FOLDER = "uploads"
AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


@ROUTER.get("/imports")
def list_imports(visit: Visited, before: Number | None = None) -> Response:
    """Show the upload form, what is being imported now, and past imports, the newest first."""
    visit.require_admin()
    with reading(visit.house.engine) as session:
        found = book.imports(session, limit=PAGE + 1, before=before)
    jobs = _uploads(visit).jobs()
    return visit.page(
        "imports.html",
        jobs=jobs,
        busy=any(job.is_active for job in jobs),
        rows=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        formats=sources(),
        zones=sorted(zone for zone in available_timezones() if zone.startswith(AREAS)),
    )


@ROUTER.post("/imports")
async def upload(visit: Visited) -> Response:
    """Take files to disk as they arrive, and queue them."""
    visit.require_admin()
    settings = visit.house.settings
    uploads = _uploads(visit)
    try:
        received = await receive(visit.request, settings.data / FOLDER, settings.upload_limit)
    except SourceError as error:
        uploads.refuse(str(error))
    else:
        zone, order = (received.fields.get(name) or None for name in ("zone", "date_order"))
        hidden = received.path.parent
        uploads.add(received, Wish(None, zone, order, visit.account.name, hidden))
    return RedirectResponse("/imports", status_code=303)


@ROUTER.get("/imports/{import_id}")
def one_import(visit: Visited, import_id: Number) -> Response:
    """Show one import with everything that could not be read, and why."""
    visit.require_admin()
    with reading(visit.house.engine) as session:
        found = book.find(session, import_id)
        refused = book.quarantined(session, import_id)
    if found is None:
        raise not_found()
    jobs = [job for job in _uploads(visit).jobs() if job.report and job.report.import_id == import_id]
    passed = [one for job in jobs if job.report for one in job.report.passed_over]
    return visit.page(
        "import.html",
        one=found,
        refused=refused,
        passed=passed,
    )


def _uploads(visit: Visit) -> Uploads:
    uploads = visit.request.app.state.uploads
    assert isinstance(uploads, Uploads)
    return uploads
