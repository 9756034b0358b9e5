"""`/language`: the reader picks the language of the page."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from service.web.visit import LANGUAGE_COOKIE, Anyone, own_path

ROUTER = APIRouter()


@ROUTER.post("/language")
def pick(
    visit: Anyone,
    language: Annotated[Literal["en", "ru", "pl"], Form()],
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Remember the language in this browser and return to the page."""
    response = RedirectResponse(own_path(back), status_code=303)
    secure = visit.request.url.scheme == "https"
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86_400, samesite="lax", secure=secure)
    return response
