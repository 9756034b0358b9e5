"""Who asks for a page, and how the answer is made. In: Request. Out: Visit. Never: a page for a stranger.

A page takes `visit: Visited` and gives back `visit.page("name.html", ...)`; whoever is not signed in is sent
to the sign-in page before the page's code runs.
"""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import Field
from starlette.responses import Response

from service import clock
from service.accounts.account import Account
from service.accounts.scope import NOTHING
from service.accounts.store import account_of_session, open_session
from service.config import zone_named
from service.db.session import reading, writing
from service.errors import AccessDenied, ConfigError
from service.pipeline.installation import Installation
from service.web.reader import Reader
from service.web.render import render
from service.web.texts import LANGUAGES, chosen

SESSION_COOKIE = "scripta_session"
LANGUAGE_COOKIE = "scripta_language"
ZONE_COOKIE = "scripta_zone"
"""Written by the page's script: only the browser knows the reader's zone."""
NOBODY = Account(id=0, name="", is_admin=False, language="", scope=NOTHING, can_write=False)


class SignInNeeded(Exception):
    """The visitor has to sign in first."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, by whom, and how that reader reads."""

    request: Request
    house: Installation
    account: Account
    reader: Reader

    @property
    def path(self) -> str:
        """Return path and query, as a link back to here."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def ledger_is_intact(self) -> bool:
        """Say whether the last verification found nothing wrong."""
        return bool(self.request.app.state.integrity.is_intact)

    def navigation(self) -> list[tuple[str, str]]:
        """Return the addresses and names of the main pages."""
        text = self.reader.texts.gettext
        pages = [
            ("/", text("Agreed")),
            ("/gaps", text("Only by voice")),
            ("/alerts", text("Alerts")),
            ("/conversations", text("Conversations")),
        ]
        if self.account.is_admin:
            pages += [
                ("/people", text("People")),
                ("/sources", text("Sources")),
                ("/imports", text("Imports")),
            ]
        return pages

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a page for this reader."""
        return HTMLResponse(render(self.reader, template, visit=self, **values), status_code=status)

    def require_admin(self) -> None:
        """Refuse whoever may not change the archive. Raises AccessDenied."""
        if not self.account.is_admin:
            text = self.reader.texts.gettext("Only an administrator may do this. Ask one to do it for you.")
            raise AccessDenied(text)


def someone(request: Request) -> Visit:
    """Return the visit of anybody, signed in or not."""
    house: Installation = request.app.state.house
    account = _account(request, house) or NOBODY
    language = _language(request, account, house.settings.language)
    return Visit(request, house, account, Reader(language, _zone(request, house), clock.now()))


def signed_in(request: Request) -> Visit:
    """Return the visit of somebody who is signed in. Raises SignInNeeded."""
    visit = someone(request)
    if visit.account is NOBODY:
        raise SignInNeeded
    if "\0" in unquote(visit.path):
        # PostgreSQL cannot even compare with it, and nothing here is named so.
        raise not_found()
    return visit


Id = Annotated[int, Field(ge=0, lt=2**63)]
"""An id in an address: what a database can hold."""
Number = Annotated[int, Field(ge=0, lt=2**31)]
"""The same for rows that the database numbers itself."""
Anyone = Annotated[Visit, Depends(someone)]
Visited = Annotated[Visit, Depends(signed_in)]


def not_found() -> HTTPException:
    """Make the answer for what does not exist or may not be seen: the two must look the same."""
    return HTTPException(404)


def open_demo_session(request: Request, account_id: int) -> str | None:
    """Return a new session's secret for a visitor of the demo who has none and did not sign out of this one.

    Cookies do not know ports and outlive the process: the browser may hold one of yesterday's demo.
    """
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie == request.app.state.signed_out or _account(request, request.app.state.house):
        return None
    with writing(request.app.state.house.engine) as session:
        return open_session(session, account_id)


def keep_signed_in(response: Response, request: Request, secret: str, days: int = 14) -> None:
    """Set the session cookie; scripts cannot read it, and other sites cannot send it with a form."""
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=days * 86_400,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def sign_in_address(request: Request) -> str:
    """Return the address of the sign-in page that leads back to where the visitor wanted to go."""
    url = request.url
    wanted = f"{url.path}?{url.query}" if url.query else url.path
    if request.method != "GET" or wanted == "/":
        return "/sign-in"
    return f"/sign-in?onward={quote(wanted, safe='')}"


def own_path(address: str) -> str:
    """Return a path of this site, and `/` for anything that leads elsewhere.

    >>> own_path("//evil.example"), own_path("/gaps?q=1")
    ('/', '/gaps?q=1')
    """
    # Browsers read a backslash as a slash, and drop tabs and line ends inside addresses.
    safe = address.startswith("/") and address[1:2] not in {"/", "\\"} and address.isprintable()
    return address if safe else "/"


def _account(request: Request, house: Installation) -> Account | None:
    secret = getattr(request.state, "fresh_session", "") or request.cookies.get(SESSION_COOKIE)
    if not secret:
        return None
    with reading(house.engine) as session:
        return account_of_session(session, secret)


def _language(request: Request, account: Account, otherwise: str) -> str:
    picked = request.cookies.get(LANGUAGE_COOKIE, "")
    if picked in LANGUAGES:
        return picked
    if account.language in LANGUAGES:
        return account.language
    return chosen(request.headers.get("accept-language", ""), otherwise)


def _zone(request: Request, house: Installation) -> ZoneInfo:
    wanted = request.cookies.get(ZONE_COOKIE, "").replace("%2F", "/")
    try:
        return ZoneInfo(zone_named(wanted)) if wanted else ZoneInfo(house.settings.zone)
    except ConfigError:
        return ZoneInfo(house.settings.zone)
