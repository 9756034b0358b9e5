"""`/sources`: mailboxes and other sources that are read by themselves, and what of them is here.

For administrators: a source speaks of all projects.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from service.archive.imports import imports
from service.db.session import reading
from service.errors import ConfigError
from service.intake import live_chats, store
from service.intake.folders import folder_states, troubles
from service.intake.source import AddedSource
from service.pipeline import sources
from service.pipeline.pulls import Asked, Pulls
from service.sources.imap.presets import preset_of
from service.sources.live.slack_api import SCOPES
from service.sources.oauth.choose import providers
from service.web.completeness import bar_of
from service.web.source_form import LIVE, Kind, Line, SourceForm, form_of
from service.web.visit import Number, Visit, Visited, not_found

ROUTER = APIRouter()
RUNS = 15
MOST_TROUBLES = 50
"""Messages of one folder that are named; the API gives more."""
Sent = Annotated[SourceForm, Form()]


@ROUTER.get("/sources")
def list_sources(visit: Visited) -> Response:
    """List all sources with how they do."""
    visit.require_admin()
    with reading(visit.house.engine) as session:
        found = store.sources(session)
        counts = {one.id: folder_states(session, one.id) for one in found}
        chats = {one.id: live_chats.live_chats(session, one.id) for one in found if one.kind in LIVE}
    busy = {one.id for one in found if one.is_running or _is_asked(visit, one.id)}
    return visit.page("sources.html", rows=found, folders=counts, chats=chats, busy=busy, chip=chip)


@ROUTER.get("/sources/new")
def new(visit: Visited, kind: Kind = "imap", user: Line = "") -> Response:
    """Show the form of a kind; a mailbox's server is filled in from its address."""
    visit.require_admin()
    form = SourceForm(kind=kind, user=user)
    if kind == "imap":
        form.guess()
    return _form(visit, form)


@ROUTER.post("/sources")
def add(visit: Visited, form: Sent) -> Response:
    """Add a source and begin to read it, or go on to the provider's sign-in."""
    visit.require_admin()
    if form.kind == "imap" and not form.host:
        form.guess()
    try:
        secret = sources.password_secret(form.password) if form.way == "password" else ""
        source_id = sources.add(
            visit.house, form.title(), form.kind, form.settings(), secret, actor=visit.account.name
        )
    except ConfigError as error:
        return _form(visit, form, str(error))
    if form.kind == "imap" and form.way != "password":
        return RedirectResponse(f"/sources/{source_id}/sign-in", status_code=303)
    pulls_of(visit).begin(source_id)
    return RedirectResponse(f"/sources/{source_id}", status_code=303)


@ROUTER.get("/sources/{source_id}")
def show(visit: Visited, source_id: Number) -> Response:
    """Show what became of each folder, what is not here and why, and the latest runs."""
    one = source_here(visit, source_id)
    with reading(visit.house.engine) as session:
        folders = folder_states(session, source_id)
        missing = [
            (folder, trouble)
            for folder in folders
            if folder.failed or folder.refused
            for trouble in troubles(session, folder.id, MOST_TROUBLES)
        ]
        chats = live_chats.live_chats(session, source_id)
        stream = live_chats.places(session, source_id).get("")
        runs = imports(session, limit=RUNS, source_id=source_id)
    return visit.page(
        "source.html",
        one=one,
        folders=[(folder, bar_of(folder)) for folder in folders],
        chats=chats,
        stream=stream,
        is_live=one.kind in LIVE,
        missing=missing,
        runs=runs,
        asked=pulls_of(visit).latest(source_id) or Asked(is_active=False),
        chip=chip,
    )


@ROUTER.get("/sources/{source_id}/edit")
def edit(visit: Visited, source_id: Number) -> Response:
    """Show the form with the settings as they are; never the password."""
    one = source_here(visit, source_id)
    return _form(visit, form_of(one.kind, one.name, one.settings), one=one)


@ROUTER.post("/sources/{source_id}")
def change(visit: Visited, source_id: Number, form: Sent) -> Response:
    """Change the settings; an empty password keeps the old one."""
    one = source_here(visit, source_id)
    # What has no field (a setting of the API) stays as it is.
    unseen = {key: value for key, value in one.settings.items() if key not in SourceForm.model_fields}
    unseen.pop("provider", None)
    try:
        secret = sources.password_secret(form.password) if form.way == "password" else ""
        settings = unseen | form.model_copy(update={"kind": one.kind}).settings()
        sources.change(visit.house, source_id, settings, secret, actor=visit.account.name)
    except ConfigError as error:
        return _form(visit, form, str(error), one=one)
    return RedirectResponse(f"/sources/{source_id}", status_code=303)


@ROUTER.post("/sources/{source_id}/pull")
def pull(visit: Visited, source_id: Number, *, reconcile: Annotated[bool, Form()] = False) -> Response:
    """Begin to bring everything new, or to compare everything with the server."""
    source_here(visit, source_id)
    pulls_of(visit).begin(source_id, reconcile=reconcile)
    return RedirectResponse(f"/sources/{source_id}", status_code=303)


@ROUTER.post("/sources/{source_id}/pause")
def pause(visit: Visited, source_id: Number) -> Response:
    """Stop reading a source."""
    source_here(visit, source_id)
    sources.pause(visit.house, source_id, actor=visit.account.name)
    return RedirectResponse(f"/sources/{source_id}", status_code=303)


@ROUTER.post("/sources/{source_id}/resume")
def resume(visit: Visited, source_id: Number) -> Response:
    """Read a paused source again."""
    source_here(visit, source_id)
    sources.resume(visit.house, source_id, actor=visit.account.name)
    return RedirectResponse(f"/sources/{source_id}", status_code=303)


@ROUTER.post("/sources/{source_id}/remove")
def remove(visit: Visited, source_id: Number) -> Response:
    """Forget a source; its messages stay."""
    source_here(visit, source_id)
    sources.remove(visit.house, source_id, actor=visit.account.name)
    return RedirectResponse("/sources", status_code=303)


def source_here(visit: Visit, source_id: int) -> AddedSource:
    """Return a source for an administrator. Raises AccessDenied, and what answers 404."""
    visit.require_admin()
    with reading(visit.house.engine) as session:
        one = store.find_source(session, source_id)
    if one is None:
        raise not_found()
    return one


def chip(one: AddedSource) -> str:
    """Return the word for how a source does: its state, or what a run is doing to it."""
    if one.is_running:
        return "running"
    return "interrupted" if one.was_interrupted else one.state.value


def pulls_of(visit: Visit) -> Pulls:
    """Return the pulls of this process."""
    pulls = visit.request.app.state.pulls
    assert isinstance(pulls, Pulls)
    return pulls


def _is_asked(visit: Visit, source_id: int) -> bool:
    asked = pulls_of(visit).latest(source_id)
    return asked is not None and asked.is_active


def _form(visit: Visit, form: SourceForm, trouble: str = "", one: AddedSource | None = None) -> Response:
    return visit.page(
        "source_form.html",
        422 if trouble else 200,
        form=form,
        one=one,
        trouble=trouble,
        is_live=form.kind in LIVE,
        slack_scopes=SCOPES,
        preset=preset_of(form.user) if form.kind == "imap" else None,
        providers=providers(),
    )
