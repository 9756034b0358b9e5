"""Style sheet, scripts and icon, read once. Out: bytes with their type and hash. Never: user files."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

OURS = {
    "style.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that every page needs."""

    content: bytes
    media_type: str
    version: str
    """A piece of its hash: part of its address, so that browsers may keep it for ever."""


@cache
def assets() -> dict[str, Asset]:
    """Return all assets by the name in their address."""
    folder = files("service.web") / "static"
    found = {name: _asset((folder / name).read_bytes(), media_type) for name, media_type in OURS.items()}
    htmx = files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js"
    return found | {"htmx.js": _asset(htmx.read_bytes(), OURS["page.js"])}


def address(name: str) -> str:
    """Return the address of an asset, with its version."""
    return f"/static/{name}?v={assets()[name].version}"


def _asset(content: bytes, media_type: str) -> Asset:
    return Asset(content, media_type, sha256(content).hexdigest()[:12])
