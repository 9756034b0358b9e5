"""`/static/...`: style sheet, scripts, icon."""

from fastapi import APIRouter
from starlette.responses import Response

from service.web.assets import assets
from service.web.visit import not_found

ROUTER = APIRouter()
FOR_EVER = "public, max-age=31536000, immutable"


@ROUTER.get("/static/{name}")
def static(name: str) -> Response:
    """Send an asset; its address changes with its content, so browsers keep it."""
    asset = assets().get(name)
    if asset is None:
        raise not_found()
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": FOR_EVER})
