r"""Read the RTF in which Outlook keeps what people write (MS-OXRTFCP, MS-OXRTFEX). Never: raises on RTF.

In: bytes, compressed or not. Out: text, or the HTML that an RTF was made from.

In one pass over the tokens: expressions that search ahead, as RTF libraries use them, can be made to run for
hours.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from service.sources.charsets import decode

LARGEST = 8 * 1024 * 1024
"""Bytes of RTF that are read: pictures are kept as attachments, so words take far less."""

# MS-OXRTFCP 2.1.2.1: what the window holds before the first byte.
_WINDOW = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n\0]+|([^\\{}\r\n\0]+)"
)
_ANY = re.compile(rb"()()()()()(.)", re.DOTALL)
_UTF_8 = 65001
_NO_TEXT = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr listtable "
    b"listoverridetable rsidtbl themedata datastore generator xmlnstbl latentstyles filetbl revtbl".split()
)
_SAID = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"row": "\n",
    b"tab": "\t",
    b"cell": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"emspace": "\u2003",
    b"enspace": "\u2002",
}
_SYMBOLS = {
    b"{": "{",
    b"}": "}",
    b"\\": "\\",
    b"~": "\xa0",
    b"_": "\u2011",
    b"-": "\xad",
    b"\n": "\n",
    b"\r": "\n",
}
_FONT_CHARSETS = {  # RTF 1.9.1: \fcharset
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}


def decompress(data: bytes) -> bytes:
    """Undo the compression of PidTagRtfCompressed; what is damaged is read as far as it goes."""
    size, kind = int.from_bytes(data[:4], "little"), data[8:12]
    if kind == b"MELA":
        return data[16 : 16 + LARGEST]
    if kind != b"LZFu":
        return b""
    return bytes(_expanded(data[16 : min(size + 4, len(data))]))


def _expanded(data: bytes) -> bytearray:
    window = bytearray(_WINDOW.ljust(4096))
    out, place, write = bytearray(), 0, len(_WINDOW)
    while place < len(data) and len(out) < LARGEST:
        control, place = data[place], place + 1
        for bit in range(8):
            if control >> bit & 1:
                token, place = int.from_bytes(data[place : place + 2]), place + 2
                if place > len(data) or token >> 4 == write:
                    return out
                copied = range(token >> 4, (token >> 4) + (token & 15) + 2)
            elif place < len(data):
                window[write], place = data[place], place + 1
                copied = range(write, write + 1)
            else:
                return out
            for source in copied:  # one by one: a reference may reach into what it writes itself
                window[write] = window[source & 4095]
                out.append(window[write])
                write = write + 1 & 4095
    return out


def read_rtf(data: bytes) -> tuple[str, bool]:
    r"""Return the text of an RTF, and whether it is HTML that the RTF was made from (`\fromhtml1`).

    >>> read_rtf(rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2, \u1084?\u1080?\u1088?\par}")
    ('Привет, мир\n', False)
    """
    reader = _Reader(data[:LARGEST], html=rb"\fromhtml1" in data[:2000])
    return reader.read(), reader.html


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds between two braces."""

    silent: bool = False
    """A destination that is no text: fonts, colours, pictures."""
    marked: bool = False
    r"""Behind `\*`: silent if its first word is one that we do not know."""
    fonts: bool = False
    rendering: bool = False
    r"""Between `\htmlrtf` and `\htmlrtf0`: for programs that read no HTML."""
    tag: bool = False
    r"""Inside `\htmltag`: the HTML itself."""
    fallback: int = 1
    r"""Characters that stand for a `\u` where it is not understood."""
    font: int = -1


@dataclass(slots=True)
class _Reader:
    """One pass over an RTF."""

    data: bytes
    html: bool
    group: _Group = _Group()
    outer: list[_Group] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)
    """Bytes of the current font that are not decoded yet: a letter may take two."""
    charset: str = "cp1252"
    charsets: dict[int, str] = field(default_factory=dict)
    skipped: int = 0

    def read(self) -> str:
        place = 0
        while found := _TOKEN.match(self.data, place) or _ANY.match(self.data, place):
            place = found.end()
            word, number, hexed, symbol, brace, text = found.groups()
            if word == b"bin":
                place += max(int(number or 0), 0)
            elif word is not None:
                self.word(word, int(number) if number else None)
            elif brace == b"{":
                self.outer.append(self.group)
            elif brace == b"}":
                self.flush()
                self.group = self.outer.pop() if self.outer else _Group()
            elif symbol is not None:
                self.symbol(symbol)
            elif hexed or text:
                self.bytes(bytes.fromhex(hexed.decode()) if hexed else text)
        self.flush()
        return "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def word(self, word: bytes, number: int | None) -> None:
        if word in _NO_TEXT or (self.group.marked and word != b"htmltag"):
            self.change(silent=True, marked=False, fonts=word == b"fonttbl")
        elif word == b"htmltag":
            self.change(tag=True, marked=False)
        elif word == b"htmlrtf":
            self.change(rendering=number != 0)
        elif word == b"f":
            self.change(font=number or 0)
        elif word == b"fcharset" and self.group.fonts:
            self.charsets[self.group.font] = _FONT_CHARSETS.get(number or 0, "")
        elif word == b"ansicpg" and number:
            self.charset = f"cp{number}" if number != _UTF_8 else "utf-8"
        elif word == b"uc":
            self.change(fallback=max(number or 0, 0))
        elif word == b"u" and number is not None:
            self.say(chr(number & 0xFFFF))
            self.skipped = self.group.fallback
        elif word in _SAID:
            self.say(_SAID[word])

    def symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.change(marked=True)
        elif symbol in _SYMBOLS:
            self.say(_SYMBOLS[symbol])

    def bytes(self, raw: bytes) -> None:
        skipped = min(self.skipped, len(raw))
        self.skipped -= skipped
        if self.is_heard:
            self.pending += raw[skipped:]

    def change(self, **changes: Any) -> None:
        self.flush()
        self.group = replace(self.group, **changes)

    def say(self, text: str) -> None:
        self.flush()
        if self.is_heard:
            self.out.append(text)

    def flush(self) -> None:
        if self.pending:
            self.out.append(_decoded(bytes(self.pending), self.charsets.get(self.group.font) or self.charset))
            self.pending.clear()

    @property
    def is_heard(self) -> bool:
        return not self.group.silent and not (self.html and self.group.rendering)


def _decoded(raw: bytes, charset: str) -> str:
    """Decode a run of letters: too short to be judged by them, and RTF names its charsets well."""
    try:
        return raw.decode(charset, "replace")
    except LookupError:
        return decode(raw)[0]
