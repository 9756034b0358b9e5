"""Errors on the wire: problem details (RFC 9457). In: ScriptaError and HTTP errors. Never: a stack trace."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from service.errors import (
    AccessDenied,
    ArchiveError,
    ConfigError,
    DatabaseError,
    LedgerError,
    PeopleError,
    ScriptaError,
    SearchError,
    SidesDiffer,
    SourceError,
    TooManyUploads,
    UploadRefused,
    UploadTooLarge,
)

MEDIA_TYPE = "application/problem+json"

CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "No valid token", "content": CONTENT},
    403: {"description": "The token may not do this", "content": CONTENT},
    422: {"description": "Some parameters are wrong", "content": CONTENT},
    "default": {"description": "Anything else that went wrong", "content": CONTENT},
}
"""What every route may answer beside its own."""

STATUS: tuple[tuple[type[ScriptaError], HTTPStatus], ...] = (
    (AccessDenied, HTTPStatus.FORBIDDEN),
    (SearchError, HTTPStatus.BAD_REQUEST),
    (UploadTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (TooManyUploads, HTTPStatus.TOO_MANY_REQUESTS),
    (UploadRefused, HTTPStatus.BAD_REQUEST),
    (SourceError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ConfigError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (SidesDiffer, HTTPStatus.CONFLICT),
    (PeopleError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (LedgerError, HTTPStatus.CONFLICT),
    (DatabaseError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ArchiveError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def problem(
    status: int,
    detail: str,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return a problem; `errors` names the fields that are wrong."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def install_handlers(app: FastAPI) -> None:
    """Answer every error of the API as a problem."""

    @app.exception_handler(ScriptaError)
    def refused(_request: Request, error: ScriptaError) -> JSONResponse:
        status = next((code for kind, code in STATUS if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
        return problem(status, str(error))

    @app.exception_handler(HTTPException)
    def http_error(_request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [
            {"field": ".".join(str(part) for part in one["loc"]), "why": one["msg"]} for one in error.errors()
        ]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Some parameters are wrong.", fields)
