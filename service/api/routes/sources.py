"""/sources: mailboxes, chats, watched folders and intakes that are read by themselves. For administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Path as PathParameter
from pydantic import SecretStr

from service.api.body import body_of, described
from service.api.deps import Auditor, House, Writer
from service.api.schemas.page import Page
from service.api.schemas.source import SourceChange, SourceIn, SourceOut, TroubleOut
from service.db.session import reading
from service.intake import store
from service.intake.folders import folder_states, troubles
from service.intake.live_chats import live_chats
from service.pipeline import sources
from service.pipeline.installation import Installation
from service.pipeline.pulls import Pulls

SourceId = Annotated[int, PathParameter(ge=0, lt=2**31)]
MOST_TROUBLES = 200

ROUTER = APIRouter(prefix="/sources", tags=["sources"])


@ROUTER.get("")
def list_sources(house: House, _account: Auditor) -> Page[SourceOut]:
    """Return all sources by name, without their folders."""
    with reading(house.engine) as session:
        found = store.sources(session)
    return Page(items=[SourceOut.of(one) for one in found])


@ROUTER.post("", status_code=201, openapi_extra=described(SourceIn))
def create_source(
    house: House, account: Writer, wanted: Annotated[SourceIn, Depends(body_of(SourceIn))]
) -> SourceOut:
    """Add a source; it is read from now on, and its password is never shown again."""
    secret = _secret(wanted.password)
    source_id = sources.add(house, wanted.name, wanted.kind, wanted.settings, secret, actor=account.name)
    return _source(house, source_id)


@ROUTER.get("/{source_id}")
def read_source(source_id: SourceId, house: House, _account: Auditor) -> SourceOut:
    """Return one source with what became of each of its folders and chats."""
    return _source(house, source_id)


@ROUTER.patch("/{source_id}", openapi_extra=described(SourceChange))
def change_source(
    source_id: SourceId,
    house: House,
    account: Writer,
    wanted: Annotated[SourceChange, Depends(body_of(SourceChange))],
) -> SourceOut:
    """Change settings or the password; a kept password is never sent to another server."""
    settings = _source(house, source_id).settings | wanted.settings
    sources.change(house, source_id, settings, _secret(wanted.password), actor=account.name)
    return _source(house, source_id)


@ROUTER.delete("/{source_id}", status_code=204)
def delete_source(source_id: SourceId, house: House, account: Writer) -> None:
    """Forget a source and its password; every message that came from it stays."""
    _source(house, source_id)
    sources.remove(house, source_id, actor=account.name)


@ROUTER.post("/{source_id}/pull", status_code=202)
def pull_source(source_id: SourceId, request: Request, house: House, _account: Writer) -> SourceOut:
    """Begin to bring everything new, and answer at once; the source says how it goes."""
    found = _source(house, source_id)
    _pulls(request).begin(source_id)
    return found


@ROUTER.post("/{source_id}/reconcile", status_code=202)
def reconcile_source(source_id: SourceId, request: Request, house: House, _account: Writer) -> SourceOut:
    """Begin to compare everything with the server, also what looks unchanged, and answer at once."""
    found = _source(house, source_id)
    _pulls(request).begin(source_id, reconcile=True)
    return found


@ROUTER.post("/{source_id}/pause")
def pause_source(source_id: SourceId, house: House, account: Writer) -> SourceOut:
    """Stop reading a source until it is resumed."""
    _source(house, source_id)
    sources.pause(house, source_id, actor=account.name)
    return _source(house, source_id)


@ROUTER.post("/{source_id}/resume")
def resume_source(source_id: SourceId, house: House, account: Writer) -> SourceOut:
    """Read a paused source again."""
    _source(house, source_id)
    sources.resume(house, source_id, actor=account.name)
    return _source(house, source_id)


@ROUTER.get("/{source_id}/folders/{folder_id}/troubles")
def list_troubles(
    source_id: SourceId, folder_id: SourceId, house: House, _account: Auditor
) -> Page[TroubleOut]:
    """Return the newest messages of a folder that are not here, with the reasons; at most 200."""
    with reading(house.engine) as session:
        if folder_id not in {one.id for one in folder_states(session, source_id)}:
            raise HTTPException(404, f"There is no folder {folder_id} of source {source_id}.")
        found = troubles(session, folder_id, MOST_TROUBLES)
    return Page(items=[TroubleOut.of(one) for one in found])


def _source(house: Installation, source_id: int) -> SourceOut:
    with reading(house.engine) as session:
        found = store.find_source(session, source_id)
        folders = folder_states(session, source_id)
        chats = live_chats(session, source_id)
    if found is None:
        raise HTTPException(404, f"There is no source {source_id}.")
    return SourceOut.of(found, folders, chats)


def _secret(password: SecretStr | None) -> str:
    return sources.password_secret(password.get_secret_value()) if password else ""


def _pulls(request: Request) -> Pulls:
    pulls = request.app.state.pulls
    assert isinstance(pulls, Pulls)
    return pulls
