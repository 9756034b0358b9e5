"""One installation: its settings, database, store of originals and signing key, opened together."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from service.archive.blobs import Blobs, open_blobs
from service.config import Settings
from service.db.engine import open_database
from service.db.migrate import migrate
from service.db.session import failures_told, reading, writing
from service.errors import ConfigError, LedgerError
from service.ledger.append import sign_checkpoint
from service.ledger.key import SigningKey, create_key, load_key
from service.ledger.store import log_size

KEY_FILE = "ledger.key"
DATABASE_FILE = "scripta.db"


@dataclass(frozen=True, slots=True)
class Installation:
    """What every command, route and job works on."""

    settings: Settings
    engine: Engine
    blobs: Blobs
    key: SigningKey


def open_existing(settings: Settings) -> Installation:
    """Open a data folder that is there. Raises ConfigError rather than find an empty ledger intact."""
    if not any((settings.data / name).exists() for name in (KEY_FILE, DATABASE_FILE)):
        raise ConfigError(
            f"There is nothing of Scripta in {settings.data}. Name your data folder with --data or "
            "SCRIPTA_DATA; `scripta ingest` begins one."
        )
    return open_installation(settings)


def open_installation(settings: Settings) -> Installation:
    """Open the data folder, making it and bringing its database to the newest schema where needed.

    Raises LedgerError where a ledger has entries but its key is gone: a new key would hide a changed history;
    ConfigError for a folder that cannot be used, DatabaseError for a database that cannot be opened.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = open_database(settings.database_url)
        with failures_told(engine):
            migrate(engine)
        return Installation(settings, engine, open_blobs(settings.originals_url), _key(settings, engine))
    except OSError as error:
        raise ConfigError(
            f"The data folder {settings.data} cannot be used: {error}. Name a folder that this account may "
            "write to, with --data or SCRIPTA_DATA."
        ) from error


@contextmanager
def recording(house: Installation) -> Iterator[Session]:
    """Open a writing transaction whose new ledger entries are signed before it commits.

    So no entry is ever without a checkpoint that promises it.
    """
    with writing(house.engine) as session:
        yield session
        # An empty log promises nothing: a checkpoint of no entries would be a proof of what never was.
        if log_size(session):
            sign_checkpoint(session, house.key)


def _key(settings: Settings, engine: Engine) -> SigningKey:
    path = settings.data / KEY_FILE
    if path.exists():
        return load_key(path)
    with reading(engine) as session:
        size = log_size(session)
    if size:
        raise LedgerError(
            f"The ledger has {size} entries, but its key {path} is gone; restore it from your backup."
        )
    # A log's name is unique, so that checkpoints of two installations cannot be taken for each other.
    return create_key(path, f"scripta.localhost/{secrets.token_hex(8)}")
