"""Make the HTML of a mail safe to look at. In: AsSent. Out: Sanitised. Never: a script, a form, a request.

nh3 keeps what is on the lists below and nothing else. Around its answer stand two more walls: the frame
is sandboxed, and its policy allows neither scripts nor addresses. Pictures of the mail become `data:`
addresses: a sandboxed frame has no cookies, so that it could not ask us for them.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import nh3
from lxml.etree import ParserError
from lxml.html import HTMLParser, fragment_fromstring, tostring

from service.sources.mail_html import AsSent, Picture

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Content-Security-Policy of the answer that holds the HTML."""
MOST_PICTURES = 12_000_000
"""Bytes of pictures that are shown in one mail."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _names(
    """a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt
    em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup
    table tbody td tfoot th thead time tr tt u ul var wbr"""
)
_DROPPED_WHOLE = _names("script style head title template noscript svg math object embed iframe")
_LAYOUT = _names("align valign width height bgcolor border cellpadding cellspacing dir lang")
_ATTRIBUTES = {
    "*": {"style", "title", *_LAYOUT},
    "a": {"href", "data-host"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "type"},
    "font": {"color", "face", "size"},
    "col": {"span"},
}
_STYLES = _names(
    """background-color border border-bottom border-collapse border-color border-left border-radius
    border-right border-spacing border-style border-top border-width color direction display font
    font-family font-size font-style font-weight height letter-spacing line-height list-style-type margin
    margin-bottom margin-left margin-right margin-top max-width min-width padding padding-bottom
    padding-left padding-right padding-top text-align text-decoration text-indent text-transform
    vertical-align white-space width word-break"""
)
_CALLS = re.compile(
    r"[\\@<>]|/\*|(?:url|image|image-set|expression|attr|env|var|element|src)\s*\(", re.IGNORECASE
)
"""What a style could load something with, or hide such a thing behind."""
_PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp"})
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_UNCLEAR = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
"""Browsers and we read such addresses differently, so nobody can say where they lead."""
_A_FEW = 5
"""Characters that the rounds may write in another way without losing a word."""
_LINKS = frozenset({"http", "https", "mailto", "tel"})


@dataclass(frozen=True, slots=True)
class Sanitised:
    """HTML that may be put into a page of its own."""

    html: str
    left_out: int
    """Pictures of other servers, or of a kind that is not shown."""


@dataclass(slots=True)
class _Filter:
    """Judges single attributes; `pictures` are put in where they are named."""

    pictures: Mapping[str, Picture]
    left_out: int = 0
    room: int = MOST_PICTURES

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return None if _CALLS.search(value) else value
        if name == "src":
            return self._picture(value)
        if name == "href":
            return value if _host_of(value) is not None else None
        return value

    def _picture(self, address: str) -> str | None:
        if _PICTURE.fullmatch(address):
            return address
        found = self.pictures.get(unquote(address[4:])) if address[:4].lower() == "cid:" else None
        if found is None or found.media_type not in _PICTURE_TYPES or len(found.content) > self.room:
            self.left_out += 1
            return None
        self.room -= len(found.content)
        return f"data:{found.media_type};base64,{b64encode(found.content).decode()}"


@dataclass(slots=True)
class _FirstFilter(_Filter):
    """Leaves the addresses of pictures for the second round."""

    pictures: Mapping[str, Picture] = field(default_factory=dict)

    def _picture(self, address: str) -> str | None:
        return address


def sanitise(mail: AsSent) -> Sanitised:
    """Return the mail without anything that acts or asks; links say which host they lead to."""
    first = _clean(mail.html, _FirstFilter())
    # Between the rounds lxml marks the links. Only what nh3 wrote last is shown.
    marked = _with_hosts(first)
    words = nh3.clean(first, tags=set())
    if len(nh3.clean(marked, tags=set())) < len(words) * 0.99 - _A_FEW:
        return Sanitised(f"<pre>{words}</pre>", 0)  # nested so deep that lxml gave up: words alone
    judge = _Filter(mail.pictures)
    return Sanitised(_clean(marked, judge), judge.left_out)


def _clean(html: str, judge: _Filter) -> str:
    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=judge,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={*_LINKS, "cid", "data"},
        filter_style_properties=set(_STYLES),
    )


def _with_hosts(html: str) -> str:
    """Write beside each link where it leads: words like `bank.example` may lead anywhere."""
    try:
        tree = fragment_fromstring(
            html, create_parent="div", parser=HTMLParser(huge_tree=True, encoding="utf-8")
        )
    except (ParserError, ValueError):
        return html
    for link in tree.iter("a"):
        link.attrib.pop("data-host", None)
        if host := _host_of(link.get("href") or ""):
            link.set("data-host", host)
    return str(tostring(tree, encoding="unicode"))


def _host_of(address: str) -> str | None:
    """Return the host as it is asked for (punycode); empty where a link has none; None for an unclear one."""
    if _UNCLEAR.search(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        plain = host.encode("idna").decode("ascii") if host else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in _LINKS or (parts.scheme in {"http", "https"} and not plain):
        return None
    return plain
