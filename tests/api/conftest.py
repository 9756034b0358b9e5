"""The small archive behind the API, on both engines, and callers with tokens of every kind."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from asgi_client import Client
from factories import PASSWORD, Seeded, installation, seed
from sqlalchemy import text

from service.accounts.store import create_account, grant, issue_token, revoke_tokens
from service.api.app import build_api
from service.db.engine import open_database
from service.db.session import writing


@dataclass(frozen=True)
class Served:
    """The API of a seeded installation, and a client for each kind of caller."""

    seeded: Seeded
    admin: Client
    auditor: Client
    """An administrator whose token may only read."""
    igor: Client
    """May see the clinic's project."""
    priya: Client
    """May see the hotel's project."""
    nobody: Client
    """Has an account and no grant."""
    revoked: Client
    stranger: Client
    """Sends no token."""


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def served(request, tmp_path_factory) -> Iterator[Served]:
    """One seeded archive for each engine: tests that share it only read."""
    folder = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "scripta.db")
        engine = open_database(f"sqlite:///{folder / 'scripta.db'}")
    else:
        server = open_database(request.getfixturevalue("postgres_template"))
        name = f"api_{uuid.uuid4().hex}"
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_scripta STRATEGY file_copy"))
        engine = open_database(server.url.set(database=name).render_as_string(hide_password=False))
        server.dispose()
    house = installation(engine, folder, zone="Europe/Warsaw", upload_limit=200_000)
    seeded = seed(house, folder / "mails")
    yield Served(seeded, **clients_of(house))
    engine.dispose()


@pytest.fixture
def admin(house) -> Iterator[Client]:
    """An administrator who may write, at an empty archive of their own that imports what is queued."""
    with writing(house.engine) as session:
        create_account(session, "olga", PASSWORD, is_admin=True)
        client = client_of(house, issue_token(session, "olga", "crm", can_write=True))
    with client.app.state.queue.working():
        yield client


def clients_of(house) -> dict[str, Client]:
    with writing(house.engine) as session:
        secrets = {
            "admin": issue_token(session, "olga", "crm", can_write=True),
            "auditor": issue_token(session, "olga", "bi"),
            "igor": issue_token(session, "igor", "crm", can_write=True),
            "priya": issue_token(session, "priya", "crm"),
            "nobody": issue_token(session, "nobody", "crm", can_write=True),
            "revoked": issue_token(session, "olga", "old", can_write=True),
        }
        revoke_tokens(session, "olga", "old")
        grant(session, "igor", 404)
    return {name: client_of(house, secret) for name, secret in secrets.items()} | {
        "stranger": Client(build_api(house))
    }


def client_of(house, secret: str) -> Client:
    return Client(build_api(house), headers={"Authorization": f"Bearer {secret}"})
