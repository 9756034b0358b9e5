"""Somebody who may sign in, as pages and routes know them."""

from dataclasses import dataclass

from service.accounts.scope import Scope


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-in account with what it may see and do."""

    id: int
    name: str
    is_admin: bool
    language: str
    scope: Scope
    can_write: bool = True
    """False for a read-only API token."""
