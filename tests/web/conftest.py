import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from asgi_client import Client
from factories import Seeded, installation, seed

from service.accounts.store import open_session
from service.archive.blobs import open_blobs
from service.db.engine import open_database
from service.db.session import writing
from service.ledger.key import load_key
from service.pipeline.installation import KEY_FILE, Installation
from service.web.app import build_web
from service.web.visit import SESSION_COOKIE


@pytest.fixture(scope="session")
def seeded_folder(tmp_path_factory, sqlite_template) -> tuple[Path, Seeded]:
    folder = tmp_path_factory.mktemp("seeded")
    shutil.copy(sqlite_template, folder / "scripta.db")
    engine = open_database(f"sqlite:///{folder / 'scripta.db'}")
    seeded = seed(installation(engine, folder, zone="Europe/Warsaw"), folder / "mails")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return folder, seeded


@pytest.fixture
def seeded(seeded_folder, tmp_path) -> Seeded:
    """A copy of the small archive, on SQLite: most pages hold no SQL of their own."""
    original, known = seeded_folder
    folder = tmp_path / "data"
    shutil.copytree(original, folder)
    settings = replace(
        known.house.settings,
        data=folder,
        database_url=f"sqlite:///{folder / 'scripta.db'}",
        originals_url=(folder / "originals").as_uri(),
        upload_limit=200_000,
    )
    engine = open_database(settings.database_url)
    house = Installation(settings, engine, open_blobs(settings.originals_url), load_key(folder / KEY_FILE))
    yield replace(known, house=house)
    engine.dispose()


@pytest.fixture
def visitor(seeded):
    """A browser that has not signed in."""
    return Client(build_web(seeded.house))


@pytest.fixture
def sign_in(visitor, seeded):
    def enter(name: str) -> Client:
        # Passwords are slow on purpose; the tests of signing in use them.
        with writing(seeded.house.engine) as session:
            visitor.cookies.set(SESSION_COOKIE, open_session(session, seeded.accounts[name]))
        return visitor

    return enter
