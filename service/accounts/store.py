"""Create accounts, sign in, issue tokens. In: names and secrets. Out: Account. Never: a secret at rest."""

import secrets
from datetime import timedelta
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlmodel import Session, col, delete, select

from service import clock
from service.accounts.account import Account
from service.accounts.scope import Scope
from service.accounts.tables import AccountRow, ApiTokenRow, GrantRow, WebSessionRow
from service.errors import AccessDenied, ConfigError

SESSION_FOR = timedelta(days=14)
SHORTEST_PASSWORD = 10


def create_account(session: Session, name: str, password: str, *, is_admin: bool = False) -> int:
    """Create an account and return its id. Raises ConfigError for a taken name or a short password."""
    name = name.strip().lower()
    if not name or not name.isprintable():
        raise ConfigError("An account needs a name to sign in with, of printable characters.")
    if len(password) < SHORTEST_PASSWORD:
        raise ConfigError(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    if _named(session, name):
        raise ConfigError(f"There is an account {name!r} already; choose another name.")
    row = AccountRow(
        name=name, password_hash=_hasher().hash(password), is_admin=is_admin, created_at=clock.now()
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def grant(session: Session, name: str, project_id: int) -> None:
    """Let an account see a project; again changes nothing. Raises ConfigError for an unknown name."""
    account_id = _known(session, name)
    if session.get(GrantRow, (account_id, project_id)) is None:
        session.add(GrantRow(account_id=account_id, project_id=project_id))


def check_password(session: Session, name: str, password: str) -> int:
    """Return the id of the account; raises AccessDenied, the same for every reason.

    Slow on purpose, and only reads: `open_session` then writes in a transaction of its own.
    """
    row = _named(session, name.strip().lower())
    # An unknown name costs as much time as a wrong password, so that names cannot be probed.
    stored = row.password_hash if row else _nobody()
    try:
        _hasher().verify(stored, password)
    except VerifyMismatchError:
        row = None
    if row is None or row.id is None or row.disabled_at is not None:
        raise AccessDenied("The name or the password is wrong.")
    return row.id


def open_session(session: Session, account_id: int) -> str:
    """Return the secret of a new browser session for an account that has proved itself."""
    secret = secrets.token_urlsafe(32)
    expires_at = clock.now() + SESSION_FOR
    session.add(WebSessionRow(secret_sha256=_hash(secret), account_id=account_id, expires_at=expires_at))
    return secret


def sign_out(session: Session, secret: str) -> None:
    """End a browser session; an unknown one is no error."""
    session.exec(delete(WebSessionRow).where(col(WebSessionRow.secret_sha256) == _hash(secret)))


def account_of_session(session: Session, secret: str) -> Account | None:
    """Return who is signed in with this secret, or None."""
    row = session.get(WebSessionRow, _hash(secret))
    if row is None or row.expires_at < clock.now():
        return None
    return account(session, row.account_id)


def issue_token(session: Session, name: str, label: str, *, can_write: bool = False) -> str:
    """Return a new API token of an account; it is shown once. Raises ConfigError for an unknown name."""
    account_id = _known(session, name)
    secret = f"scripta_{secrets.token_urlsafe(32)}"
    session.add(
        ApiTokenRow(
            account_id=account_id,
            name=label,
            secret_sha256=_hash(secret),
            can_write=can_write,
            created_at=clock.now(),
        )
    )
    return secret


def revoke_tokens(session: Session, name: str, label: str | None = None) -> int:
    """Make the tokens of an account worthless, or those with this label; return how many.

    Raises ConfigError for an unknown name.
    """
    mine = ApiTokenRow.account_id == _known(session, name)
    query = select(ApiTokenRow).where(mine, col(ApiTokenRow.revoked_at).is_(None))
    if label is not None:
        query = query.where(ApiTokenRow.name == label)
    rows = session.exec(query).all()
    for row in rows:
        row.revoked_at = clock.now()
    return len(rows)


def disable_account(session: Session, name: str) -> None:
    """Shut an account out, with its tokens and browsers. Raises ConfigError for an unknown name."""
    row = session.get_one(AccountRow, _known(session, name))
    row.disabled_at = row.disabled_at or clock.now()
    session.exec(delete(WebSessionRow).where(col(WebSessionRow.account_id) == row.id))


def account_of_token(session: Session, secret: str) -> Account | None:
    """Return whose bearer token this is, or None."""
    query = select(ApiTokenRow).where(
        ApiTokenRow.secret_sha256 == _hash(secret), col(ApiTokenRow.revoked_at).is_(None)
    )
    row = session.exec(query).first()
    return None if row is None else account(session, row.account_id, can_write=row.can_write)


def account(session: Session, account_id: int, *, can_write: bool = True) -> Account | None:
    """Return an account with its grants, or None where it is unknown or disabled."""
    row = session.get(AccountRow, account_id)
    if row is None or row.disabled_at is not None:
        return None
    projects = session.exec(select(GrantRow.project_id).where(GrantRow.account_id == account_id))
    scope = Scope(everything=row.is_admin, projects=frozenset(projects))
    return Account(account_id, row.name, row.is_admin, row.language, scope, can_write)


def names(session: Session) -> list[str]:
    """Return the names of all accounts."""
    return list(session.exec(select(AccountRow.name).order_by(AccountRow.name)))


def _named(session: Session, name: str) -> AccountRow | None:
    name = name.strip().lower()
    # PostgreSQL cannot even compare with a name that holds a NUL.
    if not name.isprintable():
        return None
    return session.exec(select(AccountRow).where(AccountRow.name == name)).first()


def _known(session: Session, name: str) -> int:
    row = _named(session, name)
    if row is None or row.id is None:
        raise ConfigError(f"There is no account {name!r}.")
    return row.id


def _hash(secret: str) -> str:
    # Secrets of 256 random bits need no slow hash.
    return sha256(secret.encode()).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
