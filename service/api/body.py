"""Read a JSON body once the caller is known. In: a model. Out: a dependency. Never: more than its limit.

FastAPI reads a body that a route declares before it asks who sends it, and without a limit.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from service.api.deps import Writer

LIMIT = 65_536
Body = TypeVar("Body", bound=BaseModel)


def body_of(model: type[Body]) -> Callable[[Request, Writer], Awaitable[Body]]:
    """Return the dependency that reads the body as this model, for whoever may write."""

    async def read(request: Request, _account: Writer) -> Body:
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > LIMIT:
                raise HTTPException(413, f"The body is larger than {LIMIT:,} bytes.")
        try:
            return model.model_validate_json(bytes(data))
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False, include_context=False)
            raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in wrong]) from error

    return read


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Return the body's part of a route's description; `service.api.app` adds the schema itself."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
