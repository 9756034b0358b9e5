"""Re-import of any sample adds 0: of all formats, as it is and in a zip, on both engines."""

import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import select

from service.archive.tables import (
    AttachmentRow,
    CopyRow,
    DeletionRow,
    MessageRow,
    ReactionRow,
    RevisionRow,
    VersionRow,
)
from service.db.session import reading
from service.ledger.store import verify_log
from service.pipeline.ingest import Ingested, Wish, ingest
from service.plugins import discover
from service.sources import formats

SAMPLES = Path(__file__).parents[1] / "sources" / "samples"
EXPECTED = ".expected.json"
SOURCES = discover(formats, "SOURCE")
TABLES = (MessageRow, AttachmentRow, CopyRow, DeletionRow, ReactionRow, RevisionRow, VersionRow)


@pytest.fixture
def counts(house):
    def rows() -> dict[str, int]:
        with reading(house.engine) as session:
            return {
                str(table.__tablename__): session.exec(select(func.count()).select_from(table)).one()
                for table in TABLES
            }

    return rows


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_reimport_of_any_sample_adds_0(source, house, counts, tmp_path):
    samples = [one for one in sorted((SAMPLES / source.name).glob("*")) if not one.name.endswith(EXPECTED)]
    for path in (*samples, *(_zipped(one, tmp_path / f"{one.name}.zip") for one in samples)):
        first = _read(house, path)
        before = counts()
        for _ in range(2):
            again = _read(house, path)
            assert (path, again.new, again.changed) == (path, 0, 0)
            assert (path, again.read, again.unreadable) == (path, first.read, first.unreadable)
            assert (path, counts()) == (path, before)
    assert counts()["message"] > 0
    with reading(house.engine) as session:
        assert verify_log(session, house.key.verifier).ok


def _read(house, path) -> Ingested:
    return ingest(house, [path], Wish())


def _zipped(sample: Path, path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for one in sorted(sample.rglob("*")) if sample.is_dir() else [sample]:
            file.write(one, one.relative_to(sample if sample.is_dir() else sample.parent))
    return path
