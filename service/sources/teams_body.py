"""The body of a message of Microsoft Teams. In: its HTML. Out: TeamsBody, the words without the quote.

Never: fetches an image; leaves a placeholder of an attachment in the text.

Teams writes HTML with elements of its own: `<at>` around each word of a mentioned name, `<emoji>`,
`<attachment>` where a file or a quote stands. Until 2021 a quote was a `<blockquote>` of Skype's.
"""

from dataclasses import dataclass
from textwrap import dedent

from lxml.etree import ParserError
from lxml.html import HtmlElement, fragment_fromstring, tostring

from service.sources.json_values import storable
from service.sources.mail_text import html_to_text

_REPLY, _EMOJI = "schema.skype.com/Reply", "schema.skype.com/Emoji"
_OF_EMOJI = frozenset({"emoji", "customemoji"})
_LARGEST = 1_000_000
"""Characters; Teams allows about 28 KB."""


@dataclass(frozen=True, slots=True)
class TeamsBody:
    """What a body says."""

    text: str
    reply_to: str | None = None
    """The message that an old quote is of."""
    pictures: tuple[str, ...] = ()
    """The descriptions of images inside the text; their bytes are on Microsoft's servers."""


def read_html(html: str) -> TeamsBody:
    r"""Return the words of a body.

    >>> read_html('<p><at id="0">Anna</at>&nbsp;<at id="1">Nowak</at>, ok <emoji alt="🙂"></emoji></p>').text
    'Anna Nowak, ok 🙂'
    """
    if "<" not in html or len(html) > _LARGEST:
        return TeamsBody(_plain(html_to_text(html)))
    try:
        tree = fragment_fromstring(storable(html), create_parent="div")
    except (ParserError, ValueError):
        return TeamsBody(_plain(html_to_text(html)))
    reply_to = _take_quote(tree)
    pictures = _take_pictures(tree)
    for placeholder in list(tree.iter("attachment", "systemeventmessage")):
        placeholder.drop_tag()
    return TeamsBody(_plain(html_to_text(tostring(tree, encoding="unicode"))), reply_to, pictures)


def _take_quote(tree: HtmlElement) -> str | None:
    """Remove the quoted message and return its id."""
    reply_to = None
    for quote in list(tree.iter("blockquote")):
        if _REPLY in (quote.get("itemtype") or ""):
            reply_to = reply_to or (quote.get("itemid") or "").strip() or None
            quote.drop_tree()
    return reply_to


def _take_pictures(tree: HtmlElement) -> tuple[str, ...]:
    """Put the characters of emoji into the text, and return the descriptions of all other images."""
    pictures = []
    for element in list(tree.iter("img", *_OF_EMOJI)):
        alt = element.get("alt") or ""
        if element.tag in _OF_EMOJI or _EMOJI in (element.get("itemtype") or ""):
            element.tail = alt + (element.tail or "")
        else:
            pictures.append(" ".join(alt.split())[:200] or "image")
    return tuple(pictures)


def _plain(text: str) -> str:
    """Return a text without the space that stands before all lines but the first, and behind lines."""
    first, _, rest = text.replace("\xa0", " ").strip().partition("\n")
    return storable("\n".join(line.rstrip() for line in (first, *dedent(rest).split("\n"))).strip())
