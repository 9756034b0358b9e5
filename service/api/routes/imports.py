"""/imports: hand in files, look at what they hold, and see what became of them."""

import asyncio
import json
import re
from contextlib import ExitStack
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from service.accounts.account import Account
from service.api.body import body_of, described
from service.api.cursors import PLAIN, Cursor, Limit, cut, unpack_number
from service.api.deps import Auditor, House, Writer
from service.api.schemas.imports import ChoiceIn, ImportOut, PreviewOut
from service.api.schemas.page import Page
from service.archive import imports
from service.archive.imports import Import
from service.db.session import reading
from service.errors import ArchiveError
from service.pipeline.import_queue import ImportQueue
from service.pipeline.ingest import Wish
from service.pipeline.installation import Installation
from service.pipeline.previews import Previews
from service.pipeline.receive import FORM, Received, receive
from service.pipeline.staged import Key, choose, discard, expect_room, stage

ImportId = Annotated[int, PathParameter(ge=0, lt=2**31)]
Word = Annotated[str | None, Query(max_length=50, pattern=PLAIN)]
PREVIEW_S = 60.0
"""Looking takes 20 seconds at most, and as many again for each upload that is looked at before."""
LONGEST_WAIT_S = 60
QUOTE = '"'
ASK_S = 0.2
_WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})')
_FIELDS = ChoiceIn.model_json_schema()["properties"]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "One or more files: mails, mailboxes, chat exports, zips of them.",
                        },
                        **{name: _FIELDS[name] for name in ("zone", "date_order", "format", "project")},
                        "sides": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": "JSON: who is on which side, as in `ChoiceIn`.",
                            "examples": ['[{"kind": "name", "value": "Ewa Kłos", "side": "client"}]'],
                        },
                        "stage": {
                            "type": "string",
                            "enum": ["true", "false"],
                            "description": "`true`: wait for `POST /imports/{import_id}/choice`.",
                        },
                    },
                }
            }
        },
    }
}
"""The body, described by hand: FastAPI would read a declared one before it asks who sends it."""
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": ImportOut, "description": "This key was sent before, and its import is at its end"},
    201: {"model": ImportOut, "description": "It is at its end, within the time of `Prefer: wait`"},
    202: {"description": "It is under way, or waits for a choice; `Location` says how it goes"},
}
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Whatever makes this upload unique among yours: sent again with the same content, it is "
        "the same import; with other content it is refused.",
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        max_length=1000,
        description="`wait=N` (RFC 7240): answer when it is archived and its agreements are found, or after "
        f"N seconds, {LONGEST_WAIT_S} at most.",
    ),
]

ROUTER = APIRouter(prefix="/imports", tags=["imports"])


@ROUTER.get("")
def list_imports(
    house: House, _account: Auditor, limit: Limit = 50, cursor: Cursor = None
) -> Page[ImportOut]:
    """Return imports, the newest first."""
    with reading(house.engine) as session:
        found = imports.imports(session, limit=limit + 1, before=unpack_number(cursor))
    page, last = cut(found, limit)
    return Page(items=[ImportOut.of(one) for one in page], next_cursor=str(last.id) if last else None)


@ROUTER.get("/{import_id}")
def read_import(import_id: ImportId, house: House, _account: Auditor) -> ImportOut:
    """Return how far an import is, with the reasons of everything that could not be read."""
    return _told(house, import_id)


@ROUTER.post("", status_code=202, openapi_extra=BODY, responses=ANSWERS)
async def create_import(
    request: Request,
    response: Response,
    house: House,
    account: Writer,
    idempotency_key: IdempotencyKey = None,
    prefer: Prefer = None,
) -> ImportOut:
    """Take files, archive them and find what was agreed in them, in the background.

    The import is created also where files cannot be read: it ends as `incomplete`, with the reasons.
    """
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith(FORM):
        raise HTTPException(415, f"Send the files as a form: Content-Type: {FORM}.")
    await run_in_threadpool(expect_room, house)
    try:
        received = await receive(house, kind, request.stream())
    except ClientDisconnect as error:
        raise HTTPException(400, "The upload broke off: send it again.") from error
    import_id, is_new = await run_in_threadpool(_enter, house, account, received, idempotency_key)
    queue = queue_of(request)
    queue.wake()
    is_at_end = await _wait(house, queue, import_id, _wanted_wait(prefer, response))
    response.status_code = (201 if is_new else 200) if is_at_end else 202
    response.headers["Location"] = _address(request, import_id)
    return await run_in_threadpool(_told, house, import_id)


@ROUTER.get("/{import_id}/preview")
def read_preview(
    import_id: ImportId,
    request: Request,
    house: House,
    _account: Auditor,
    format_name: Annotated[Word, Query(alias="format")] = None,
    date_order: Word = None,
) -> PreviewOut:
    """Look into an upload that waits: what was recognised, who wrote, and what is to be chosen.

    Takes up to 20 seconds the first time.
    """
    one = _find(house, import_id)
    if one.state != imports.State.STAGED:
        raise HTTPException(409, f"The import {import_id} is {one.state}: it waits for no choice.")
    previews = request.app.state.previews
    assert isinstance(previews, Previews)
    looked = previews.of(one, Wish(format_name or None, None, date_order or None), wait_s=PREVIEW_S)
    if looked.trouble:
        raise HTTPException(409, looked.trouble)
    if looked.preview is None:
        raise HTTPException(503, "Others are being looked at before it: ask again.", {"Retry-After": "10"})
    return PreviewOut.of(looked.preview)


@ROUTER.post("/{import_id}/choice", status_code=202, openapi_extra=described(ChoiceIn))
def choose_for_import(
    import_id: ImportId,
    request: Request,
    response: Response,
    house: House,
    _account: Writer,
    wanted: Annotated[ChoiceIn, Depends(body_of(ChoiceIn))],
) -> ImportOut:
    """Queue an upload that waits, with what is chosen for it."""
    _find(house, import_id)
    try:
        choose(house, import_id, wanted.choice())
    except ArchiveError as error:
        raise HTTPException(409, str(error)) from error
    queue_of(request).wake()
    response.headers["Location"] = _address(request, import_id)
    return _told(house, import_id)


@ROUTER.delete("/{import_id}", status_code=204)
def discard_import(import_id: ImportId, house: House, _account: Writer) -> None:
    """Throw away an upload that is staged or queued; nothing of it was archived."""
    _find(house, import_id)
    try:
        discard(house, import_id)
    except ArchiveError as error:
        raise HTTPException(409, str(error)) from error


def queue_of(request: Request) -> ImportQueue:
    """Return the queue of this process."""
    queue = request.app.state.queue
    assert isinstance(queue, ImportQueue)
    return queue


def _enter(house: Installation, account: Account, received: Received, key: str | None) -> tuple[int, bool]:
    with ExitStack() as undo:
        undo.callback(received.remove)
        choice = _chosen(received.fields).choice()
        undo.pop_all()
    # RFC 8941 writes the key with quotes; many clients leave them out.
    known = Key(f"{account.id}:{key.strip().strip(QUOTE)}", received.content) if key else None
    import_id, is_new = stage(house, received.folder, received.names, account.name, known)
    if is_new and received.fields.get("stage") != "true":
        choose(house, import_id, choice)
    return import_id, is_new


def _chosen(fields: dict[str, str]) -> ChoiceIn:
    """Return what the fields of a form choose; an empty one chooses nothing."""
    given: dict[str, Any] = {name: fields[name] for name in _FIELDS if fields.get(name)}
    try:
        given["sides"] = json.loads(given.get("sides", "[]"))
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "The field `sides` is no JSON: send a list of objects.") from error
    try:
        return ChoiceIn.model_validate(given)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("form", *one["loc"])} for one in wrong]) from error


def _wanted_wait(prefer: str | None, response: Response) -> int:
    found = _WAIT.search(prefer or "")
    if found is None:
        return 0
    seconds = min(int(found[1]), LONGEST_WAIT_S)
    response.headers["Preference-Applied"] = f"wait={seconds}"
    return seconds


async def _wait(house: Installation, queue: ImportQueue, import_id: int, seconds: int) -> bool:
    """Wait until an import is at its end; return whether it is."""
    until = monotonic() + seconds
    while True:
        one = await run_in_threadpool(_find, house, import_id)
        if one.state not in imports.ACTIVE and import_id not in queue.unread:
            return True
        if monotonic() >= until:
            return False
        # Threads are few: a caller that waits must not hold one.
        await asyncio.sleep(ASK_S)


def _address(request: Request, import_id: int) -> str:
    return f"{request.scope.get('root_path', '')}/imports/{import_id}"


def _told(house: Installation, import_id: int) -> ImportOut:
    with reading(house.engine) as session:
        reasons = imports.quarantined(session, import_id)
    return ImportOut.of(_find(house, import_id), reasons)


def _find(house: Installation, import_id: int) -> Import:
    with reading(house.engine) as session:
        found = imports.find(session, import_id)
    if found is None:
        raise HTTPException(404, f"There is no import {import_id}.")
    return found
