"""Accounts, their grants, sessions and API tokens, at rest. Secrets only as hashes."""

from datetime import datetime

from sqlmodel import Field

from service.db.base import Hash, Table, UtcDateTime


class AccountRow(Table, table=True):
    """Somebody who may sign in."""

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    """What they sign in with, lower-cased."""
    password_hash: str
    """Argon2id in PHC form (RFC 9106)."""
    is_admin: bool = False
    language: str = ""
    """en, ru or pl; empty: what the browser asks for."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GrantRow(Table, table=True):
    """A project that an account may see. No row, no access; administrators see everything."""

    __tablename__ = "account_grant"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    project_id: int = Field(primary_key=True)


class WebSessionRow(Table, table=True):
    """A signed-in browser."""

    __tablename__ = "web_session"

    secret_sha256: str = Field(primary_key=True, sa_type=Hash)
    account_id: int = Field(foreign_key="account.id", index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ApiTokenRow(Table, table=True):
    """A bearer token of another tool (RFC 6750)."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str
    secret_sha256: str = Field(unique=True, sa_type=Hash)
    can_write: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
