"""Decode text whose charset is declared wrongly, or not at all.

In: bytes and what the sender declared. Out: text, and what had to be assumed.
Never: raises, or yields NUL bytes and lone surrogates (PostgreSQL refuses both).

Order: ASCII, UTF-8 (hardly any other charset is valid UTF-8 by accident), the declared charset, and where its
letters make no sense a guess among the charsets of Russian and Polish mail by letter statistics.
"""

import re
from functools import lru_cache
from itertools import islice

_STATEFUL = ("utf-7", "utf7", "utf-16", "utf16", "utf-32", "utf32", "iso-2022", "iso2022", "hz", "csiso2022")
"""Charsets whose bytes are ASCII, or hold NUL, without meaning it."""
_WIDE = ("gb", "big5", "euc", "shift", "sjis", "ks_c", "cp93", "cp94", "windows-93")
"""Charsets of East Asia: short texts in them can be valid UTF-8."""
_AS_THE_WEB_READS = {  # WHATWG Encoding Standard, 4.2: these labels stand for the larger Windows charset
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
}
_NOTHING_SAID = frozenset({"", "us-ascii", "ascii", "unknown", "unknown-8bit", "x-unknown", "8bit"})
_GUESSES = ("windows-1251", "koi8-r", "iso-8859-2", "windows-1250", "windows-1252", "cp866", "cp852")
_OF_DOS = frozenset({"cp866", "cp852"})
_SELDOM = 0.1
"""How much better a charset of DOS must fit than one of Windows."""
_TWINS = {"iso-8859-2": "windows-1250", "windows-1250": "iso-8859-2"}
"""They differ in ą, ś and ź alone, and Polish programs take one for the other."""
_POLISH, _CZECH = frozenset("ęłńżćĘŁŃŻĆ"), frozenset("ěřůčďťňĚŘŮČĎŤŇ")
_WIDE_BYTES = frozenset((0, 1, 4, 0x20))
"""High bytes of Latin, Polish, Cyrillic letters and dashes in UTF-16."""
_MOSTLY = 0.7
"""Share of such bytes on one side of the pairs; the other side has at most the rest."""
_HIGH = re.compile(rb"[\x80-\xff]")
_SAMPLE = 4000
_JUDGED = 150
"""So many letters outside ASCII are enough to tell charsets apart."""
_SENSIBLE = 0.6
"""Sentences in their own charset score 0.6 to 1, in a wrong one below 0.5."""
_FEW = 2
"""Fewer letters than these prove nothing against what the sender declared."""
_TRUST = 0.25
"""How much better a guess must be than what the sender declared."""


def _weights() -> dict[str, float]:
    weights = dict.fromkeys(map(chr, range(0x80, 0xA0)), -3.0)  # control characters: nobody types them
    for letters, weight in (
        ("оеаинт", 1.0),  # by their frequency in Russian, so that all capitals can be told apart too
        ("срвл", 0.9),
        ("кмдпуя", 0.7),
        ("ыьгзбчй", 0.5),
        ("хжшюцщэфёъіїєґ", 0.3),
        ("ąćęłńóśźż", 1.0),
        ("äöüßéèàçñ", 0.6),
        ("áíúêâîôëïůřšžčěýďťň", 0.3),
    ):
        weights |= dict.fromkeys(letters, weight) | dict.fromkeys(letters.upper(), weight * 0.8)
    return weights | dict.fromkeys("«»„”“’–—…№§°€\xa0•¡¿", 0.5)


_WEIGHTS = _weights()
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁіїєґ")
_CONSONANTS = _CYRILLIC - frozenset("аеиоуыэюяёйьъіїєАЕИОУЫЭЮЯЁЙЬЪІЇЄ")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def decode(raw: bytes, declared: str = "") -> tuple[str, str | None]:
    """Return the text, and a warning where the declared charset was not the one used.

    >>> decode("złoty".encode("iso-8859-2"), "x-unknown")
    ('złoty', 'no charset declared: read as iso-8859-2')
    """
    text, warning = _decode(raw, declared.strip(" \t\"'").partition("*")[0].lower())
    if "\0" in text:
        return text.replace("\0", ""), "NUL bytes left out of the text"
    return text, warning


def _decode(raw: bytes, declared: str) -> tuple[str, str | None]:
    if declared.startswith(_STATEFUL):
        text = _try(raw, declared)
        if text is not None:
            return text, None
    elif (wide := _utf_16(raw)) and (text := _try(raw, wide)) is not None:
        return text.removeprefix("\ufeff"), f"{_said(declared)}: read as {wide}"
    if raw.isascii():
        return raw.decode("ascii"), None
    if declared.startswith(_WIDE) and (text := _try(raw, declared)) is not None:
        return text, None
    text = _try(raw, "utf-8")
    if text is not None:
        right = declared in _NOTHING_SAID or declared.replace("-", "").startswith("utf8")
        return text, None if right else f"declared as {declared[:40]}, read as utf-8"
    return _decode_legacy(raw, declared)


def _utf_16(raw: bytes) -> str:
    """Return which UTF-16 it must be: a mark says so, or every other byte of the start is a high one."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-le" if raw[0] == 0xFF else "utf-16-be"
    start = raw[: _SAMPLE & ~1]
    if b"\0" not in start or len(start) % 2:
        return ""
    high = [sum(byte in _WIDE_BYTES for byte in start[place::2]) * 2 / len(start) for place in (0, 1)]
    if max(high) < _MOSTLY or min(high) > 1 - _MOSTLY:
        return ""
    return "utf-16-be" if high[0] > high[1] else "utf-16-le"


def _said(declared: str) -> str:
    return "no charset declared" if declared in _NOTHING_SAID else f"declared as {declared[:40]}"


def _decode_legacy(raw: bytes, declared: str) -> tuple[str, str | None]:
    charset = named = _AS_THE_WEB_READS.get(declared, declared)
    sample = _sample(raw)
    if declared not in _NOTHING_SAID and (seen := _try(sample, charset)) is not None:
        charset, seen = _twin(charset, sample, seen)
        believable = len(sample) - _ascii_size(seen) < _FEW or _score(seen) >= _SENSIBLE
        if believable and (text := _try(raw, charset)) is not None:
            return text, None if charset == named else f"declared as {declared[:40]}, read as {charset}"
    patched = sample.decode("utf-8", "replace")
    if patched.count("\ufffd") * 20 <= len(patched) - _ascii_size(patched):
        return raw.decode("utf-8", "replace"), "damaged utf-8: the marks show where"
    return _guess(raw, sample, declared)


def _twin(charset: str, sample: bytes, seen: str) -> tuple[str, str]:
    """Return the other charset of Polish where it makes better Polish."""
    twin = _TWINS.get(charset)
    letters = frozenset(seen)
    if twin and letters & _POLISH and not letters & _CZECH:
        other = _try(sample, twin)
        if other is not None and _score(other) > _score(seen):
            return twin, other
    return charset, seen


def _sample(raw: bytes) -> bytes:
    """Return enough of a text to know its charset, from its first letter outside ASCII on."""
    first = _HIGH.search(raw)
    return raw[max(first.start() - 1, 0) : first.start() + _SAMPLE] if first else b""


def _ascii_size(text: str) -> int:
    return len(text.encode("ascii", "ignore"))


def _guess(raw: bytes, sample: bytes, declared: str) -> tuple[str, str | None]:
    named = _AS_THE_WEB_READS.get(declared, declared)
    charsets = (named, *(charset for charset in _GUESSES if charset != named)) if _known(named) else _GUESSES
    scores = {charset: _score(sample.decode(charset, "replace")) for charset in charsets}
    scores |= {charset: scores[charset] - _SELDOM for charset in _OF_DOS & scores.keys()}
    trusted = "" if declared in _NOTHING_SAID else named
    best = max(scores, key=lambda charset: scores[charset] + (_TRUST if charset == trusted else 0.0))
    text = _safe(raw.decode(best, "replace"))
    if best == trusted:
        return text, f"bytes that are not {declared[:40]}" if "\ufffd" in text else None
    return text, f"{_said(declared)}: read as {best}"


def _try(raw: bytes, charset: str) -> str | None:
    if not _known(charset):
        return None
    try:
        return _safe(raw.decode(charset))
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _known(charset: str) -> bool:
    """Say whether Python has it as a text encoding; the escapes of Python source are none of mail's."""
    if charset.startswith(("unicode_", "unicode-", "raw_", "raw-", "idna", "punycode", "undefined")):
        return False
    try:
        b"a".decode(charset)
    except UnicodeDecodeError:
        return True  # utf-16 and its like: one byte is no letter
    except (LookupError, ValueError):
        return False  # zip and rot13 are codecs, but none of text
    return True


def _safe(text: str) -> str:
    """Replace lone surrogates, which utf-7 and some wide charsets let through."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _score(text: str) -> float:
    """How much the letters outside ASCII look like Russian or Polish: about 1 for yes, below 0 for no."""
    total, seen, last, consonants = 0.0, 0, -2, 0
    for index, char in islice(((i, c) for i, c in enumerate(text) if c > "\x7f"), _JUDGED):
        before = text[index - 1] if index else " "
        consonants = consonants + 1 if char in _CONSONANTS and index == last + 1 else 0
        total += _WEIGHTS.get(char, -1.0) - (0.5 if consonants >= 3 else 0.0)
        mixed = char in _CYRILLIC and (before in _LATIN or text[index + 1 : index + 2] in _LATIN)
        if mixed or (char.isupper() and before.islower()):
            total -= 1.0
        last = index
        seen += 1
    return total / seen if seen else 0.0
