"""The REST API. In: Installation. Out: an ASGI app to mount below /api/v1. Never: SQL, pages."""

from typing import Any

from fastapi import FastAPI

from service.api import routes
from service.api.errors import RESPONSES, install_handlers
from service.api.schemas.imports import ChoiceIn
from service.api.schemas.people import DistinctIn, MergeIn, PersonChange
from service.api.schemas.problem import Problem
from service.api.schemas.source import SourceChange, SourceIn
from service.pipeline.import_queue import ImportQueue
from service.pipeline.installation import Installation
from service.pipeline.previews import Previews
from service.pipeline.pulls import Pulls
from service.plugins import discover

DESCRIPTION = """\
Everything that was agreed in writing, with the exact words and their proof, and what exists only by voice.

* **Tokens**: `Authorization: Bearer scripta_...`, from `scripta user token`; it sees what its account does.
* **Errors**: problem details (RFC 9457), `application/problem+json`.
* **Pages**: pass `next_cursor` of a page as `cursor` for the following one; it is null on the last page.
* **Times**: UTC; `offset_minutes` is the sender's own offset where it is known.
* **Ids** are opaque strings.
* **Uploads**: `Idempotency-Key` makes sending an import again safe; `Prefer: wait=N` (RFC 7240) waits for it.
"""


BODIES = (SourceIn, SourceChange, ChoiceIn, MergeIn, DistinctIn, PersonChange)
"""What `service.api.body` reads."""


class Api(FastAPI):
    """FastAPI, with the shapes of our problems and of bodies that we read ourselves in its description."""

    def openapi(self) -> dict[str, Any]:
        """Return the description; FastAPI itself knows problems of its own shape alone."""
        document = super().openapi()
        for model in (Problem, *BODIES):
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            document["components"]["schemas"] |= {**schema.pop("$defs", {}), model.__name__: schema}
        return document


def build_api(house: Installation) -> FastAPI:
    """Return the API of one installation; its description is at /openapi.json."""
    app = Api(
        title="Scripta",
        version="1",
        description=DESCRIPTION,
        # The interactive pages of FastAPI load scripts from a CDN; nothing here does.
        docs_url=None,
        redoc_url=None,
        responses=RESPONSES,
        # A redirect would be to http, with the token, behind a proxy that speaks https.
        redirect_slashes=False,
    )
    app.state.house = house
    app.state.pulls = Pulls(house)
    app.state.queue = ImportQueue(house)
    app.state.previews = Previews(house)
    install_handlers(app)
    for router in discover(routes, "ROUTER"):
        app.include_router(router)
    return app
