"""A mail as its writer's program meant it to look. In: its bytes. Out: AsSent. Never: safe to show as it is.

HTML is not kept apart: it is read from the original whenever somebody asks. The page sanitises it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from service.sources.charsets import decode
from service.sources.mail_text import declared_in_html, plain_lines
from service.sources.mime_parts import Part, leaves, read_parts

LARGEST = 2_000_000
"""Characters that are shown: newsletters have 200,000; the rest is in the original."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image inside the mail."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AsSent:
    """HTML as it came: hostile until it is sanitised."""

    html: str
    pictures: dict[str, Picture]
    """By Content-ID, as `cid:` addresses name them."""
    is_cut: bool


def read_as_sent(data: bytes) -> AsSent:
    """Return the HTML of a mail, and plain parts as preformatted text; empty where nothing can be shown."""
    root = read_parts(data)
    html = "\n".join(map(_html, _shown(root)))
    pictures = {
        unquote(leaf.content_id): Picture(leaf.media_type, leaf.content())
        for leaf in leaves(root)
        if leaf.content_id and leaf.media_type.startswith("image/")
    }
    return AsSent(html[:LARGEST], pictures, len(html) > LARGEST)


def _shown(part: Part) -> Iterator[Part]:
    if part.media_type == "multipart/alternative" and part.children:
        # The last is the richest (RFC 2046, 5.1.4), but a calendar or a watch's version is not meant.
        options = [list(_shown(child)) for child in part.children]
        rich = [option for option in options if any(one.media_type == "text/html" for one in option)]
        yield from (rich or [option for option in options if option] or [[]])[-1]
    elif part.children:
        for child in part.children:
            yield from _shown(child)
    elif (
        part.media_type in {"text/plain", "text/html"} and part.disposition != "attachment" and not part.name
    ):
        yield part


def _html(part: Part) -> str:
    content = part.content()
    charset = part.parameters.get("charset", "")
    if part.media_type == "text/html":
        return decode(content, charset or declared_in_html(content))[0]
    return f"<pre>{escape(plain_lines(decode(content, charset)[0]))}</pre>"
