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
_NOTICE = 20
_GENDERED = re.compile(r"([^\W\d_]+)\\\((?:\\-)?[^\W\d_]+\\\)")

OMITTED = frozenset({"media", "image", "video", "note", "audio", "document", "gif", "sticker", "contact"})
_MEANINGS = (*sorted(OMITTED), "deleted", "missed", "started", "call", "waiting", "service")
"""In this order a text is tried: `voice call` must not hide `missed voice call`."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that was recognised."""

    meaning: str
    """One of OMITTED, or deleted, missed, started, call, waiting, service."""
    language: str


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
    folded = fold(text)
    if len(folded) > 1000 or "\n" in folded:
        return None
    return exact_phrase(text) or next(
        (
            Phrase(meaning, language)
            for meaning, language, pattern in _patterns()
            if pattern.fullmatch(folded)
        ),
        None,
    )


def exact_phrase(text: str) -> Phrase | None:
    """Return what a whole text means where it is a fixed phrase: safe on what a person may have typed."""
    return _fixed().get(fold(text)) if len(text) < 200 else None


def edited_at_end(text: str) -> int | None:
    """Return where the mark of an edited message starts, if the text ends with one."""
    found = _edited().search(text)
    return found.start() if found else None


def attached_name(text: str) -> str | None:
    """Return the file name in a line such as `IMG-1.jpg (file attached)` or `<attached: a.pdf>`."""
    found = _attached().fullmatch(MARKS.sub("", text).strip())
    return next((name for name in found.groups() if name), None) if found else None


def chat_title(stem: str) -> Phrase | None:
    """Return the chat's name (as `meaning`) in the name of an export's file, and the language around it."""
    plain = unicodedata.normalize("NFC", _SPACES.sub(" ", MARKS.sub("", stem))).strip()
    for language, pattern in _titles():
        if found := pattern.fullmatch(plain):
            return Phrase(found.group(1).strip(), language)
    return None


def is_notice_before_colon(words: str) -> bool:
    """Say whether `words` before a colon are no name: `Dodano do grupy`, or a subject that holds the colon.

    >>> is_notice_before_colon('Anna changed the subject to "Plan')
    True
    """
    cut_quote = words.count('"') % 2 or words.count("„") > words.count("”") + words.count("“")
    return bool(cut_quote) or words.count("«") > words.count("»") or fold(words) in _before_colon()


@lru_cache(maxsize=1024)
def notice_of(text: str) -> Phrase | None:
    """Return a notice that starts with so many fixed words that hardly anybody types them."""
    folded = fold(text)
    for language, template in _templates("service"):
        fixed = template.partition("%")[0]
        if len(fixed) >= _NOTICE and folded.startswith(fixed):
            return Phrase("service", language)
    return None


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
def _fixed() -> dict[str, Phrase]:
    return {
        template: Phrase(meaning, language)
        for meaning in reversed(_MEANINGS)
        for language, template in _templates(meaning)
        if "%" not in template
    }


@cache
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    return [
        (meaning, language, re.compile(_expression(template)))
        for meaning in _MEANINGS
        for language, template in _templates(meaning)
        if "%" in template or "(" in template
    ]


def _expression(template: str) -> str:
    """Turn a template into a regular expression: the last letters of a word give way to other genders."""
    escaped = re.escape(template).replace("%", ".*")
    return _GENDERED.sub(
        lambda word: rf"{word.group(1)[: max(3, len(word.group(1)) // 2)]}\w*(?:\(-?\w+\))?", escaped
    )


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
    before = [_loosely(template.strip("<>%: ")) for _, template in _templates("attached") if "%" in template]
    return re.compile(
        rf"(.+?) ?\((?:{'|'.join(behind)})\)|(?:.*\s)?<(?:{'|'.join(before)})\s?: ?(.+)>"
        r"|(?:.*\s)?<[^<>:]{2,30}: ?(\d{8}-.+)>|((?:IMG|VID|PTT|AUD|STK|DOC)-\d{8}-WA\d+\.\w+) \([^()]+\)",
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
