"""Turn the body parts of a mail into readable text. In: str of a part. Out: clean lines. Never: raises."""

import re
from collections.abc import Iterator
from html import unescape

from inscriptis import Inscriptis
from lxml.etree import ParserError
from lxml.html import HtmlElement, document_fromstring

_LARGEST_HTML = 50_000
"""Characters: nobody writes more by hand; a tree of this size costs 13 ms, of a long newsletter 0.3 s."""
_CHUNK = 1_000_000
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|head|title)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_HIDING = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d]))",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"<(?:br|hr|/?p|/?div|/?tr|/?li|/?h[1-6]|/?blockquote|/?table)\b[^>]*>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\b[^>]*>", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_SPACED_LINES = re.compile(r" *\n *")
_TAG = re.compile(r"<[^<>]*>")
_ENRICHED_PARAMETER = re.compile(r"<param>[^<]*</param>", re.IGNORECASE)
_ENRICHED_LINES = re.compile(r"\n+")
_BLANK_LINES = re.compile(r"\n(?:[ \t\xa0]*\n){2,}")
_TRAILING = re.compile(r"[ \t\xa0]+$", re.MULTILINE)


def plain_lines(text: str) -> str:
    r"""Give every line one end, and the text none to spare.

    >>> plain_lines("a\r\nb\rc\n\n")
    'a\nb\nc'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip("\n")


def unflow(text: str, *, delsp: bool) -> str:
    r"""Join the lines that format=flowed split (RFC 3676): a space at the end means that the line goes on.

    >>> unflow("> a \n> b\nc \nd\n-- \nme", delsp=False)
    '> a b\nc d\n-- \nme'
    """
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        goes_on = words.endswith(" ") and words != "-- "
        if open_depth != depth or words == "-- ":
            paragraphs.append([">" * depth + " " * bool(depth and words)])
        paragraphs[-1].append(words[:-1] if goes_on and delsp else words)
        open_depth = depth if goes_on else -1
    return "\n".join(map("".join, paragraphs))


def enriched_to_text(text: str) -> str:
    r"""Return the words of text/enriched (RFC 1896): one line end is a blank, each further one a line.

    >>> enriched_to_text("<bold>Agreed</bold> on\n<param>red</param>1 << 2\n\nBye")
    'Agreed on 1 < 2\nBye'
    """
    words = _TAG.sub("", _ENRICHED_PARAMETER.sub("", text.replace("<<", "\0")))
    return _ENRICHED_LINES.sub(lambda found: found[0][1:] or " ", words).replace("\0", "<").strip()


def declared_in_html(content: bytes) -> str:
    """Return the charset of the page's own `<meta>`; empty where it names none."""
    found = _META_CHARSET.search(content, 0, 4096)
    return found[1].decode("ascii") if found else ""


def html_to_text(html: str) -> str:
    """Return the text of a page with its block structure; links and images leave only their words."""
    if len(html) <= _LARGEST_HTML:
        try:
            text = str(Inscriptis(_seen(html)).get_text())
        except (ValueError, RecursionError, ParserError):
            text = ""
        if text.strip():
            return _tidy(text)
    return _tidy(_without_tags(html))


def _seen(html: str) -> HtmlElement:
    """Parse a page and take out what mail programs do not show, such as the lines written for previews."""
    # lxml refuses text that says how it is encoded, and what it says is not true any more.
    tree = document_fromstring(_XML_DECLARATION.sub("", html, count=1))
    for element in tree.xpath(".//*[@hidden or @style]"):
        if element.get("hidden") is not None or _HIDING.search(element.get("style") or ""):
            element.drop_tree()
    return tree


def _without_tags(html: str) -> str:
    """Read HTML that is too large or nested too deep for a tree; crude, but nothing is lost."""
    return "".join(_chunk_text(chunk) for chunk in _chunks(_UNSEEN.sub("", html)))


def _chunk_text(html: str) -> str:
    blocks = _BLOCK.sub("\n", _CELL.sub("  ", _SPACE.sub(" ", html)))
    return unescape(_SPACED_LINES.sub("\n", _TAG.sub("", blocks)))


def _chunks(html: str) -> Iterator[str]:
    """Cut before a tag now and then: a list of all tags takes ten times their text."""
    start = 0
    while start < len(html):
        cut = html.find("<", start + _CHUNK)
        end = cut if cut != -1 else len(html)
        yield html[start:end]
        start = end


def _tidy(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", plain_lines(text))).strip()
