"""Read the body of a Skype message. In: its XML-like content. Out: SkypeBody, the words apart from the marks.

Never: raises for markup that does not close; puts quoted words, or a link to a file, into the text.

Skype's clients wrote fragments that were escaped twice, cut, or not closed, so this reads them as browsers
read HTML. What the elements mean is known from exports only: Microsoft never described them.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

from service.sources.json_values import number, seconds, storable

_UNSEEN = frozenset({"uriobject", "partlist", "files", "contacts"})
"""Elements whose words are for clients that know them not."""
_SAYS_OUTCOME = frozenset({"started", "ended", "missed", "declined", "noanswer", "busy", "canceled"})
_DECLARATION = re.compile(r"<(?=[!?])")
_OBJECT = re.compile(r"/objects/([\w.-]+)")
_EMPTY = frozenset({"br", "e_m", "meta", "originalname", "filesize"})
_NEW_LINE = frozenset({"br", "p", "div", "li", "tr"})


@dataclass(slots=True)
class SkypeFile:
    """A file that a body names; its bytes are in another archive, if anywhere."""

    key: str = ""
    """The id of the object, which begins the file's name in `media/`."""
    type_: str = ""
    """`Picture.1`, `File.1`, `Audio.1/Message.1`, `Video.1/Message.1`."""
    name: str = ""
    size: int | None = None
    lasted: timedelta | None = None


@dataclass(slots=True)
class SkypeQuote:
    """A message that was quoted."""

    message_id: str
    author: str
    author_name: str
    text: str = ""


@dataclass(slots=True)
class SkypeBody:
    """What a body says."""

    text: str = ""
    quote: SkypeQuote | None = None
    edited_at: int | None = None
    """Milliseconds since 1970."""
    files: list[SkypeFile] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    outcome: str = ""
    """Of a call: `started`, `ended`, `missed`, ..."""
    lasted: timedelta | None = None
    names: dict[str, str] = field(default_factory=dict)
    """Of those in a call, by id without its prefix."""
    values: dict[str, list[str]] = field(default_factory=dict)
    """The words inside each element, for the events of a group."""
    place: str = ""
    warnings: tuple[str, ...] = ()


def read_body(content: str) -> SkypeBody:
    r"""Return what a body says.

    >>> read_body('<quote author="jan" messageid="7"><legacyquote>[1] Jan: </legacyquote>ok?</quote>tak').text
    'tak'
    """
    reader = _Reader()
    # Skype has no declarations; HTMLParser of Python 3.11 fails on some of them.
    reader.feed(_DECLARATION.sub("&lt;", storable(content)))
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    """Collects words by where they stand."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.body = SkypeBody()
        self.open: list[str] = []
        self.words: list[str] = []
        self.quoted: list[str] = []
        self.legacy: list[str] = []
        self.in_quote = False
        self.link = ""
        self.part = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag not in _EMPTY:
            self.open.append(tag)
        if tag in _NEW_LINE:
            self.handle_data("\n")
        elif tag == "quote":
            self._begin_quote(has)
        elif tag == "e_m":
            self.body.edited_at = number(has.get("ts_ms")) or (number(has.get("ts")) or 0) * 1000 or None
        elif tag == "a":
            self.link = has.get("href", "")
        else:
            self._begin_thing(tag, has)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag == "quote":
            self.in_quote = False
        elif tag == "legacyquote" and self.in_quote:
            self.legacy.clear()
            self.quoted.append("")
        elif tag == "a" and self.link:
            self.handle_data(self.link)

    def handle_data(self, data: str) -> None:
        if "legacyquote" in self.open:
            self.legacy.append(data)
            return
        self.link = ""
        inside = self.open[-1] if self.open else ""
        if inside:
            self.body.values.setdefault(inside, []).append(data)
        self._part(inside, data)
        if self.in_quote:
            self.quoted.append(data)
        elif _UNSEEN.isdisjoint(self.open):
            self.words.append(data)

    def finished(self) -> SkypeBody:
        body = self.body
        if self.in_quote:
            # The quotation has no end: what follows its last mark is the answer.
            marks = [place for place, one in enumerate(self.quoted) if not one]
            after = self.quoted[marks[-1] + 1 :] if marks else self.quoted
            self.words.extend([*after, *self.legacy])
            self.quoted = self.quoted[: len(self.quoted) - len(after)]
            body.warnings = ("a quotation without an end",)
        if body.quote is not None:
            body.quote.text = "".join(self.quoted).strip()
        body.text = "".join(self.words).strip()
        return body

    def _begin_quote(self, has: dict[str, str]) -> None:
        self.in_quote = True
        self.body.quote = self.body.quote or SkypeQuote(
            has.get("messageid", ""), has.get("author", ""), has.get("authorname", "")
        )

    def _begin_thing(self, tag: str, has: dict[str, str]) -> None:
        body = self.body
        if tag == "uriobject":
            self._begin_file(has)
        elif tag == "originalname" and body.files:
            body.files[-1].name = has.get("v", "")
        elif tag == "filesize" and body.files:
            body.files[-1].size = number(has.get("v"))
        elif tag == "file":
            body.files.append(SkypeFile(type_="File.1", size=number(has.get("size"))))
        elif tag == "c":
            body.contacts.append(has.get("f") or has.get("s") or has.get("p", ""))
        elif tag == "location":
            body.place = ", ".join(filter(None, (has.get("address", ""), _degrees(has))))
        elif tag == "partlist":
            body.outcome = has.get("type", "") or body.outcome
        elif tag == "part":
            self.part = bare_id(has.get("identity", ""))
        elif tag in _SAYS_OUTCOME:
            body.outcome = body.outcome or tag

    def _begin_file(self, has: dict[str, str]) -> None:
        found = _OBJECT.search(has.get("uri", ""))
        milliseconds = number(has.get("duration_ms"))
        self.body.files.append(
            SkypeFile(
                key=has.get("doc_id") or (found[1] if found else ""),
                type_=has.get("type", ""),
                lasted=seconds(milliseconds / 1000) if milliseconds else None,
            )
        )

    def _part(self, inside: str, data: str) -> None:
        """Take the name or the length of one who was in a call, or the name of a file."""
        if inside in ("name", "displayname") and self.part and bare_id(data) != self.part:
            self.body.names[self.part] = data.strip()
        elif inside == "duration" and (length := seconds(data)) is not None:
            self.body.lasted = max(length, self.body.lasted or length)
        elif inside == "file" and self.body.files:
            self.body.files[-1].name += data


def bare_id(identity: str) -> str:
    """Return a person's id without the number of its kind.

    >>> bare_id("8:live:anna_1"), bare_id("live:anna_1")
    ('live:anna_1', 'live:anna_1')
    """
    return re.sub(r"^\d+:", "", identity.strip())


def _degrees(has: dict[str, str]) -> str:
    """Return the coordinates, which Skype wrote in millionths of a degree."""
    values = [number(has.get(key)) for key in ("latitude", "longitude")]
    return ", ".join(f"{value / 1_000_000:.6f}" for value in values if value is not None)
