"""/imports: hand in files, and see what became of them."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, UploadFile
from fastapi import Path as PathParameter

from service.api.cursors import Cursor, Limit, unpack_number
from service.api.deps import Auditor, House, Writer
from service.api.schemas.imports import ImportOut
from service.api.schemas.page import Page
from service.archive import imports
from service.db.session import reading
from service.pipeline.ingest import Wish, ingest
from service.pipeline.installation import Installation
from service.pipeline.read import read_waiting
from service.pipeline.watch import watch

ImportId = Annotated[int, PathParameter(ge=0, lt=2**31)]
ROUTER = APIRouter(prefix="/imports", tags=["imports"])


@ROUTER.get("")
def list_imports(
    house: House, _account: Auditor, limit: Limit = 50, cursor: Cursor = None
) -> Page[ImportOut]:
    """Return imports, the newest first."""
    with reading(house.engine) as session:
        found = imports.imports(session, limit=limit, before=unpack_number(cursor))
    following = str(found[-1].id) if len(found) == limit else None
    return Page(items=[ImportOut.of(one) for one in found], next_cursor=following)


@ROUTER.get("/{import_id}")
def read_import(
    import_id: ImportId, house: House, _account: Auditor
) -> ImportOut:
    """Return one import with the reasons of everything that could not be read."""
    return _import(house, import_id)


@ROUTER.post("", status_code=201)
def create_import(
    file: UploadFile,
    house: House,
    account: Writer,
    zone: Annotated[str | None, Form(description="Zone of times without one, like Europe/Warsaw.")] = None,
    format_name: Annotated[str | None, Form(alias="format", description="Read as this format.")] = None,
) -> ImportOut:
    """Archive a file and find what was agreed in it; answers when both are done."""
    if (file.size or 0) > house.settings.upload_limit:
        raise HTTPException(413, f"The file is larger than {house.settings.upload_limit} bytes.")
    name = Path((file.filename or "").replace("\\", "/")).name[:200] or "upload"
    with tempfile.TemporaryDirectory(prefix="upload-", dir=house.settings.data) as folder:
        path = Path(folder) / name
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        report = ingest(house, [path], Wish(format_name, zone, actor=account.name, shown_as=name))
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
