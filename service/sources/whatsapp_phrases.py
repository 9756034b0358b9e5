"""What WhatsApp's own words in an export mean. In: a text. Out: a Phrase, or None. Never: parses lines.

The words are in `whatsapp_phrases.json`: from the localisation of WhatsApp for iOS and from real Android
exports. There `%` stands for any words, and `добавил(-а)` for every gender. A language that is missing is
still read: its records keep their text, only some of their kinds are not known.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Direction marks; iOS puts U+200E before every text that a person did not write."""
_SPACES = re.compile("[ \t\u00a0\u2007\u2009\u202f]+")
_HARD_SPACES = dict.fromkeys([0x00A0, 0x202F], " ")
_LONGEST = 1000
"""Characters of a notice; group subjects have at most 100."""
_LONGEST_FIXED = 200
_START = 3
_NOTICE, _NOTICE_BEHIND_NAME = 20, 26
"""So many fixed letters at the start of a notice, or behind a name, are hardly ever typed by a person."""
_GENDERED = re.compile(r"([^\W\d_]+)\\\((?:\\-)?[^\W\d_]+\\\)")
_LOOSE = re.compile(r"%|\S*\(\S*\)\S*")
_CAPTIONED = re.compile(r"(\S.*\.\w{1,5})(?: •.*)?")

OMITTED = frozenset({"media", "image", "video", "note", "audio", "document", "gif", "sticker", "contact"})
_MEANINGS = (*sorted(OMITTED), "deleted", "missed", "started", "call", "waiting", "service")
"""In this order a text is tried: `voice call` must not hide `missed voice call`."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that was recognised."""

    meaning: str
    """One of OMITTED, or deleted, missed, started, call, waiting, service."""
    language: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A phrase with names in it."""

    phrase: Phrase
    run: str
    """Its longest stretch of fixed letters: whoever lacks it need not be matched."""
    expression: re.Pattern[str]
    start: str
    """What it begins with; empty for a name."""


def fold(text: str) -> str:
    r"""Return a text as phrases compare: no direction marks, plain spaces and quotes, lower case.

    >>> fold("\u200eThis message was deleted.")
    'this message was deleted'
    """
    plain = _SPACES.sub(" ", MARKS.sub("", text)).replace("’", "'").strip()
    return unicodedata.normalize("NFC", plain).casefold().removesuffix(".")


@lru_cache(maxsize=4096)
def phrase_of(text: str) -> Phrase | None:
    """Return what a whole text means if WhatsApp wrote it; patterns with names in them included."""
    return exact_phrase(text) or _matching(_patterns(), text)


def exact_phrase(text: str) -> Phrase | None:
    """Return what a whole text means where it is a fixed phrase: safe on what a person may have typed."""
    fixed, starts = _fixed()
    # Nearly all texts are people's: they must cost next to nothing.
    head = text.lstrip()[:_START].casefold().translate(_HARD_SPACES)
    if len(text) > _LONGEST_FIXED or (head not in starts and head[:1].isprintable()):
        return None
    return fixed.get(fold(text))


def telling_phrase(text: str, *, behind_name: bool) -> Phrase | None:
    """Return a notice with so many fixed words that hardly anybody types them; some begin with a name."""
    by_start, others = _telling()
    patterns = by_start.get(text[:_START].casefold(), [])
    return _matching([*patterns, *others] if behind_name else patterns, text)


def _matching(patterns: list[_Pattern], text: str) -> Phrase | None:
    if not patterns or len(text) > _LONGEST or "\n" in text:
        return None
    folded = fold(text)
    for pattern in patterns:
        if pattern.run in folded and pattern.expression.fullmatch(folded):
            return pattern.phrase
    return None


def edited_at_end(text: str) -> int | None:
    """Return where the mark of an edited message starts, if the text ends with one."""
    found = _edited().search(text) if ">" in text[-8:] else None
    return found.start() if found else None


def attached_name(text: str) -> str | None:
    """Return the file name in a line such as `IMG-1.jpg (file attached)` or `<attached: a.pdf>`."""
    found = _attached().fullmatch(MARKS.sub("", text).strip())
    return next((name for name in found.groups() if name), None) if found else None


def omitted_name(text: str) -> str | None:
    """Return the file name in a line such as `Offer.pdf • 2 pages document omitted`."""
    folded = fold(text)
    for omitted in _documents():
        if folded.endswith(omitted) and (
            found := _CAPTIONED.fullmatch(text.rstrip(" .")[: -len(omitted)].strip())
        ):
            return found.group(1)
    return None


def chat_title(stem: str) -> Phrase | None:
    """Return the chat's name (as `meaning`) in the name of an export's file, and the language around it."""
    plain = unicodedata.normalize("NFC", _SPACES.sub(" ", MARKS.sub("", stem))).strip()
    for language, pattern in _titles():
        if found := pattern.fullmatch(plain):
            return Phrase(found.group(1).strip(), language)
    return None


@lru_cache(maxsize=4096)
def is_notice_before_colon(words: str) -> bool:
    """Say whether `words` before a colon are no name: `Dodano do grupy`, or a subject that holds the colon.

    >>> is_notice_before_colon('Anna changed the subject to "Plan')
    True
    """
    cut_quote = words.count('"') % 2 or words.count("„") > words.count("”") + words.count("“")
    return bool(cut_quote) or words.count("«") > words.count("»") or fold(words) in _before_colon()


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    words: dict[str, dict[str, list[str]]] = json.loads(
        files("service.sources").joinpath("whatsapp_phrases.json").read_text("utf-8")
    )
    return words


def _templates(meaning: str) -> Iterator[tuple[str, str]]:
    for language, words in _words().items():
        for template in words.get(meaning, ()):
            yield language, template


@cache
def _fixed() -> tuple[dict[str, Phrase], frozenset[str]]:
    """Return the fixed phrases, and how they start: composed letters or not."""
    phrases = {
        template: Phrase(meaning, language)
        for meaning in reversed(_MEANINGS)
        for language, template in _templates(meaning)
        if "%" not in template
    }
    forms = [unicodedata.normalize(form, phrase) for phrase in phrases for form in ("NFC", "NFD")]
    return phrases, frozenset(form[:_START] for form in forms)


@cache
def _patterns() -> list[_Pattern]:
    return [
        _pattern(template, Phrase(meaning, language))
        for meaning in _MEANINGS
        for language, template in _templates(meaning)
        if "%" in template or "(" in template
    ]


def _pattern(template: str, phrase: Phrase) -> _Pattern:
    runs = _LOOSE.split(template)
    longest = max(runs, key=_weight)
    return _Pattern(phrase, longest.strip(), re.compile(_expression(template), re.DOTALL), runs[0])


@cache
def _telling() -> tuple[dict[str, list[_Pattern]], list[_Pattern]]:
    """Return patterns that hardly anybody types: by how they begin, and those that begin with a name."""
    by_start: dict[str, list[_Pattern]] = {}
    behind_name: list[_Pattern] = []
    for pattern in _patterns():
        if pattern.phrase.meaning not in ("service", "deleted"):
            continue
        if _weight(pattern.start) >= _NOTICE:
            by_start.setdefault(pattern.start[:_START], []).append(pattern)
        elif not pattern.start and _weight(pattern.run) >= _NOTICE_BEHIND_NAME:
            behind_name.append(pattern)
    return by_start, behind_name


def _weight(run: str) -> int:
    """Count letters; those of Chinese, Japanese and Korean say as much as two of others."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in run)


def _expression(template: str) -> str:
    """Turn a template into a regular expression: the last letters of a word give way to other genders."""
    escaped = re.escape(template).replace("%", ".*")
    return _GENDERED.sub(
        lambda word: rf"{word.group(1)[: max(3, len(word.group(1)) // 2)]}\w*(?:\(-?\w+\))?", escaped
    )


@cache
def _documents() -> tuple[str, ...]:
    return tuple(sorted({template for _, template in _templates("document")}, key=len, reverse=True))


@cache
def _before_colon() -> frozenset[str]:
    return frozenset(template.partition(":")[0] for _, template in _templates("service") if ": %" in template)


@cache
def _edited() -> re.Pattern[str]:
    phrases = (_loosely(template.strip("<>")) for _, template in _templates("edited"))
    return re.compile(rf"[\s\u200e\u200f]*<(?:{'|'.join(phrases)})\.?>\s*\Z", re.IGNORECASE)


@cache
def _attached() -> re.Pattern[str]:
    behind = [_loosely(template.strip("()")) for _, template in _templates("attached") if "%" not in template]
    before = [
        _loosely(template.strip("<>%:： ")) for _, template in _templates("attached") if "%" in template
    ]
    return re.compile(
        rf"(.+?) ?\((?:{'|'.join(behind)})\)|(?:.*\s)?<(?:{'|'.join(before)})\s?[:：] ?(.+)>"
        r"|(?:.*\s)?<[^<>:：]{2,30}[:：] ?(\d{8}-.+)>"
        r"|((?:IMG|VID|PTT|AUD|STK|DOC)-\d{8}-WA\d+\.\w+) \([^()]+\)",
        re.IGNORECASE | re.DOTALL,
    )


def _loosely(words: str) -> str:
    return r"[ \u00a0\u202f]".join(re.escape(word) for word in words.split())


@cache
def _titles() -> list[tuple[str, re.Pattern[str]]]:
    ordered = sorted(_templates("title"), key=lambda one: -len(one[1]))
    return [
        (language, re.compile(re.escape(template).replace("%", "(.+)"), re.IGNORECASE))
        for language, template in ordered
    ]
