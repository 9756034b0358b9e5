"""/imports: hand in files, and see what became of them."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request
from fastapi import Path as PathParameter
from starlette.concurrency import run_in_threadpool

from service.api.cursors import Cursor, Limit, cut, unpack_number
from service.api.deps import Auditor, House, Writer
from service.api.schemas.imports import ImportOut
from service.api.schemas.page import Page
from service.api.upload import Upload, put_files, uploaded
from service.archive import imports
from service.db.session import reading
from service.pipeline.ingest import Wish, ingest
from service.pipeline.installation import Installation
from service.pipeline.read import read_waiting
from service.pipeline.watch import watch

ImportId = Annotated[int, PathParameter(ge=0, lt=2**31)]
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "One or more files: mails, mailboxes, chat exports, zips of them.",
                        },
                        "zone": {
                            "type": "string",
                            "description": "Zone of times without one.",
                            "examples": ["Europe/Warsaw"],
                        },
                        "format": {"type": "string", "description": "Read as this format."},
                        "date_order": {
                            "type": "string",
                            "enum": ["day-first", "month-first"],
                            "description": "Where the export does not show it.",
                        },
                    },
                }
            }
        },
    }
}
"""The body, described by hand: FastAPI would read a declared one before it asks who sends it."""

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
    """Return one import with the reasons of everything that could not be read."""
    return _import(house, import_id)


@ROUTER.post("", status_code=201, openapi_extra=FORM)
async def create_import(request: Request, house: House, account: Writer) -> ImportOut:
    """Archive files and find what was agreed in them; answers when both are done.

    The import is created also where files cannot be read: its state then is `incomplete`, with the reasons.
    """
    with tempfile.TemporaryDirectory(prefix="upload-", dir=house.settings.data) as name:
        folder = Path(name)
        async with uploaded(request, house.settings.upload_limit) as form:
            upload = await put_files(form, folder)
        if not upload.paths:
            raise HTTPException(422, "No file was sent: send one or more as the form's field `file`.")
        return await run_in_threadpool(_ingest, house, folder, upload, account.name)


def _ingest(house: Installation, folder: Path, upload: Upload, actor: str) -> ImportOut:
    fields = upload.fields
    wish = Wish(fields.get("format"), fields.get("zone"), fields.get("date_order"), actor, folder)
    report = ingest(house, upload.paths, wish)
    read_waiting(house)
    watch(house)
    return _import(house, report.import_id)


def _import(house: Installation, import_id: int) -> ImportOut:
    with reading(house.engine) as session:
        found = imports.find(session, import_id)
        reasons = imports.quarantined(session, import_id)
    if found is None:
        raise HTTPException(404, f"There is no import {import_id}.")
    return ImportOut.of(found, reasons)
