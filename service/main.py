"""Build the web application: the page, with the API below /api/v1. In: Installation. Out: an ASGI app."""

from fastapi import FastAPI

from service.api.app import build_api
from service.pipeline.installation import Installation
from service.web.app import build_web


def create_app(house: Installation, *, signed_in_as: int | None = None) -> FastAPI:
    """Return the application; `signed_in_as` opens the demo's page without a password, on loopback only."""
    app = build_web(house, signed_in_as=signed_in_as)
    api = build_api(house)
    # One queue of uploads for both; the page's lifespan works on it.
    api.state.queue, api.state.previews = app.state.queue, app.state.previews
    app.mount("/api/v1", api)
    return app
