"""`/sign-in` and `/sign-out`. Never: tells whether it was the name or the password that was wrong."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from service import clock
from service.accounts import store
from service.db.session import reading, writing
from service.errors import AccessDenied
from service.web.visit import NOBODY, SESSION_COOKIE, Anyone, Visit, keep_signed_in, own_path

ROUTER = APIRouter()


@ROUTER.get("/sign-in")
def ask(visit: Anyone, onward: str = "/") -> Response:
    """Show the form; whoever is signed in goes on."""
    if visit.account is not NOBODY:
        return RedirectResponse(own_path(onward), status_code=303)
    return _form(visit, own_path(onward))


@ROUTER.post("/sign-in")
def sign_in(
    visit: Anyone,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    onward: Annotated[str, Form()] = "/",
) -> Response:
    """Sign in and go on to where the visitor wanted to go."""
    attempts = visit.request.app.state.attempts
    address = visit.request.client.host if visit.request.client else ""
    gettext = visit.reader.texts.gettext
    if attempts.must_wait(name, address, clock.now()):
        said = gettext("Too many attempts. Wait a quarter of an hour, then try again.")
        return _form(visit, own_path(onward), said, status=429)
    try:
        # Checking a password takes a while: not in a transaction that other writers wait for.
        with reading(visit.house.engine) as session:
            account_id = store.check_password(session, name, password)
    except AccessDenied:
        attempts.note(name, address, clock.now())
        return _form(visit, own_path(onward), gettext("The name or the password is wrong."), status=403)
    attempts.forget(name, address)
    with writing(visit.house.engine) as session:
        secret = store.open_session(session, account_id)
    response = RedirectResponse(own_path(onward), status_code=303)
    keep_signed_in(response, visit.request, secret)
    return response


@ROUTER.post("/sign-in/demo")
def come_back(visit: Anyone) -> Response:
    """Let a visitor of the demo in again."""
    response = RedirectResponse("/", status_code=303)
    if visit.request.app.state.signed_in_as is not None:
        response.delete_cookie(SESSION_COOKIE)
    return response


@ROUTER.post("/sign-out")
def sign_out(visit: Anyone) -> Response:
    """End the session on the server as well."""
    with writing(visit.house.engine) as session:
        store.sign_out(session, visit.request.cookies.get(SESSION_COOKIE, ""))
    response = RedirectResponse("/sign-in", status_code=303)
    keep_signed_in(response, visit.request, visit.request.app.state.signed_out, days=1)
    return response


def _form(visit: Visit, onward: str, said: str = "", status: int = 200) -> Response:
    is_demo = visit.request.app.state.signed_in_as is not None
    return visit.page("sign_in.html", status, onward=onward, said=said, is_demo=is_demo)
