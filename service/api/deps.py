"""What routes ask for: who is calling, and the installation. Never: lets anybody in without a token."""

from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.accounts.account import Account
from service.accounts.store import account_of_token
from service.db.session import reading
from service.pipeline.installation import Installation

Id = Annotated[int, Path(ge=0, lt=2**63)]
"""An id in a path: what a database can hold; a larger one would be its error, not the caller's."""

_bearer = HTTPBearer(auto_error=False, description="An API token of `scripta user token`.")


def _house(request: Request) -> Installation:
    house = request.app.state.house
    assert isinstance(house, Installation)
    return house


House = Annotated[Installation, Depends(_house)]


def _reader(house: House, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Account:
    if given is not None:
        with reading(house.engine) as session:
            account = account_of_token(session, given.credentials)
        if account is not None:
            return account
    raise HTTPException(
        401, "Send a valid token: Authorization: Bearer scripta_...", {"WWW-Authenticate": "Bearer"}
    )


Reader = Annotated[Account, Depends(_reader)]


def _writer(account: Reader) -> Account:
    if not (account.can_write and account.is_admin):
        raise HTTPException(403, "This needs a writing token of an administrator: scripta user token --write")
    return account


Writer = Annotated[Account, Depends(_writer)]


def _auditor(account: Reader) -> Account:
    if not account.scope.everything:
        raise HTTPException(
            403, "The ledger, the imports and the sources speak of all projects: administrators only."
        )
    return account


Auditor = Annotated[Account, Depends(_auditor)]
