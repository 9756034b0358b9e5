"""`/sources/…/sign-in`: sign a mailbox in at its provider, by this browser or by a code on another device."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service import clock
from service.errors import ConfigError, SignInRefused, SourceError
from service.intake.source import AddedSource
from service.pipeline import sources
from service.pipeline.oauth_app import app_of
from service.sources.oauth.choose import provider_named
from service.sources.oauth.provider import Provider
from service.sources.oauth.sign_in import (
    REDIRECT_PATH,
    PendingDevice,
    begin_device,
    begin_redirect,
    finish_redirect,
    poll_device,
    redirect_refused,
)
from service.sources.oauth.tokens import Tokens
from service.web.pages.sources import pulls_of, source_here
from service.web.sign_ins import SignIns
from service.web.visit import SESSION_COOKIE, Number, Visit, Visited, not_found

ROUTER = APIRouter()


@ROUTER.get("/sources/{source_id}/sign-in")
def ask(visit: Visited, source_id: Number) -> Response:
    """Show the ways to sign in, or the code that is to be typed."""
    return _page(visit, source_here(visit, source_id))


@ROUTER.get("/sources/{source_id}/sign-in/browser")
def leave(visit: Visited, source_id: Number) -> Response:
    """Send the browser to the provider."""
    # A link and no form: the page's policy lets no form lead to another site.
    one = source_here(visit, source_id)
    provider = _provider(one)
    try:
        app = app_of(visit.house.settings, provider.name)
        user = str(one.settings.get("user", ""))
        pending = begin_redirect(provider, app, _way_back(visit), user)
    except ConfigError as error:
        return _page(visit, one, str(error))
    _under_way(visit).begin(_secret(visit), one.id, provider.name, pending)
    return RedirectResponse(pending.url, status_code=303)


@ROUTER.get(REDIRECT_PATH)
def come_back(
    visit: Visited, state: str = "", code: str = "", error: str = "", error_description: str = ""
) -> Response:
    """Take the browser back from the provider, with a code or a refusal."""
    visit.require_admin()
    way = _under_way(visit).take(_secret(visit), state)
    if way is None or isinstance(way.pending, PendingDevice):
        text = visit.reader.texts.gettext(
            "This sign-in was not begun in this browser, or too long ago. Open the source and begin it again."
        )
        return visit.page("error.html", 400, said=text)
    one = source_here(visit, way.source_id)
    provider = provider_named(way.provider)
    try:
        if error or not code:
            raise redirect_refused(provider, error or "no code", error_description)
        app = app_of(visit.house.settings, provider.name)
        tokens = finish_redirect(provider, app, way.pending, code, state)
    except (SourceError, ConfigError) as refused:
        return _page(visit, one, str(refused))
    return _done(visit, one.id, tokens)


@ROUTER.post("/sources/{source_id}/sign-in/device")
def show_code(visit: Visited, source_id: Number) -> Response:
    """Ask the provider for a code that is typed on another device, and show it."""
    one = source_here(visit, source_id)
    provider = _provider(one)
    try:
        pending = begin_device(provider, app_of(visit.house.settings, provider.name))
    except (SourceError, ConfigError) as error:
        return _page(visit, one, str(error))
    _under_way(visit).begin(_secret(visit), one.id, provider.name, pending)
    return RedirectResponse(f"/sources/{source_id}/sign-in", status_code=303)


@ROUTER.post("/sources/{source_id}/sign-in/poll")
def look(visit: Visited, source_id: Number) -> Response:
    """Ask the provider whether the code was typed; not more often than it allows."""
    one = source_here(visit, source_id)
    under_way = _under_way(visit)
    way = under_way.device(_secret(visit), source_id)
    if way is None or not isinstance(way.pending, PendingDevice) or clock.now() < way.ask_at:
        return _page(visit, one)
    provider = provider_named(way.provider)
    try:
        found = poll_device(provider, app_of(visit.house.settings, provider.name), way.pending)
    except (SignInRefused, ConfigError) as error:
        under_way.forget_device(_secret(visit), source_id)
        return _page(visit, one, str(error))
    except SourceError as error:
        under_way.wait(way, way.pending)
        return _page(visit, one, str(error))
    if isinstance(found, PendingDevice):
        under_way.wait(way, found)
        return _page(visit, one)
    under_way.forget_device(_secret(visit), source_id)
    return _done(visit, source_id, found)


def _done(visit: Visit, source_id: int, tokens: Tokens) -> Response:
    sources.sign_in(visit.house, source_id, tokens, actor=visit.account.name)
    pulls_of(visit).begin(source_id)
    address = f"/sources/{source_id}"
    if visit.request.headers.get("hx-request") == "true":
        return Response(headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def _page(visit: Visit, one: AddedSource, trouble: str = "") -> Response:
    provider = _provider(one)
    way = _under_way(visit).device(_secret(visit), one.id)
    return visit.page(
        "source_sign_in.html",
        one=one,
        provider=provider,
        device=way.pending if way and isinstance(way.pending, PendingDevice) else None,
        way_back=_way_back(visit),
        trouble=trouble,
    )


def _provider(one: AddedSource) -> Provider:
    name = str(one.settings.get("provider", ""))
    if not name:
        # A mailbox with a password has no such page.
        raise not_found()
    return provider_named(name)


def _way_back(visit: Visit) -> str:
    return f"{visit.house.settings.public_url}{REDIRECT_PATH}"


def _secret(visit: Visit) -> str:
    return visit.request.cookies.get(SESSION_COOKIE, "")


def _under_way(visit: Visit) -> SignIns:
    under_way = visit.request.app.state.sign_ins
    assert isinstance(under_way, SignIns)
    return under_way
