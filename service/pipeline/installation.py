"""One installation: its settings, database, store of originals and signing key, opened together."""

from dataclasses import dataclass

from sqlalchemy import Engine

from service.archive.blobs import Blobs, open_blobs
from service.config import Settings
from service.db.engine import open_database
from service.db.migrate import migrate


@dataclass(frozen=True, slots=True)
class Installation:
    """What every command, route and job works on."""

    settings: Settings
    engine: Engine
    blobs: Blobs


def open_installation(settings: Settings) -> Installation:
    """Open the data folder, making it and bringing its database to the newest schema where needed."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_database(settings.database_url)
    migrate(engine)
    return Installation(settings, engine, open_blobs(settings.originals_url))
