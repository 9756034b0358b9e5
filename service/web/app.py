"""Build the page. In: Installation. Out: a FastAPI app. Never: knows what a page shows."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from service.errors import AccessDenied, ScriptaError
from service.pipeline.import_queue import ImportQueue
from service.pipeline.installation import Installation
from service.pipeline.previews import Previews
from service.pipeline.pulls import Pulls
from service.plugins import discover
from service.web import pages
from service.web.attempts import Attempts
from service.web.guard import Guard
from service.web.integrity import Integrity
from service.web.sign_ins import SignIns
from service.web.visit import SignInNeeded, keep_signed_in, open_demo_session, sign_in_address, someone


def build_web(house: Installation, *, signed_in_as: int | None = None) -> FastAPI:
    """Return the application of the page.

    `signed_in_as` is an account's id: a visitor without a session gets one of that account. Only for the
    demo, on loopback.
    """
    integrity = Integrity(house)
    queue = ImportQueue(house)

    @asynccontextmanager
    async def background(app: FastAPI) -> AsyncIterator[None]:
        async with integrity.watching(app):
            with queue.working():
                yield

    app = FastAPI(title="Scripta", openapi_url=None, docs_url=None, redoc_url=None, lifespan=background)
    app.state.house = house
    app.state.integrity = integrity
    app.state.attempts = Attempts()
    app.state.queue = queue
    app.state.previews = Previews(house)
    app.state.pulls = Pulls(house)
    app.state.sign_ins = SignIns()
    app.state.signed_in_as = signed_in_as
    # What the session cookie holds after signing out, until this process ends.
    app.state.signed_out = f"signed-out-{secrets.token_hex(8)}"
    app.add_middleware(Guard)
    for router in discover(pages, "ROUTER"):
        app.include_router(router)
    if signed_in_as is not None:
        _welcome_everybody(app, signed_in_as)
    _answer_errors(app)
    return app


def _welcome_everybody(app: FastAPI, account_id: int) -> None:
    @app.middleware("http")
    async def welcome(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        is_page = request.method == "GET" and not request.url.path.startswith(("/static/", "/api/"))
        secret = await run_in_threadpool(open_demo_session, request, account_id) if is_page else None
        if secret is None:
            return await proceed(request)
        request.state.fresh_session = secret
        response = await proceed(request)
        keep_signed_in(response, request, secret)
        return response


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(SignInNeeded)
    def send_to_sign_in(request: Request, _: SignInNeeded) -> Response:
        address = sign_in_address(request)
        if request.headers.get("hx-request") == "true":
            return Response(status_code=401, headers={"HX-Redirect": address})
        return RedirectResponse(address, status_code=303)

    @app.exception_handler(AccessDenied)
    def refuse(request: Request, error: AccessDenied) -> Response:
        return someone(request).page("error.html", 403, said=str(error))

    @app.exception_handler(ScriptaError)
    def explain(request: Request, error: ScriptaError) -> Response:
        return someone(request).page("error.html", 500, said=str(error))

    @app.exception_handler(HTTPException)
    def not_here(request: Request, error: HTTPException) -> Response:
        return someone(request).page("error.html", error.status_code, said="")

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, _: RequestValidationError) -> Response:
        return someone(request).page("error.html", 404, said="")
