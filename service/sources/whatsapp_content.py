"""What a record of a WhatsApp chat is. In: its sender and text. Out: Content. Never: takes a person's words.

WhatsApp writes in people's names too: "image omitted", "Missed voice call". On iOS its marks tell whose words
they are; on Android only fixed phrases are trusted. Whatever is not known stays a text.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from service.sources.media import attach, find, media_type
from service.sources.raw_message import Kind, RawAttachment
from service.sources.whatsapp_lines import GENERATED, Header, Survey
from service.sources.whatsapp_phrases import (
    MARKS,
    OMITTED,
    attached_name,
    edited_at_end,
    exact_phrase,
    omitted_name,
    phrase_of,
    telling_phrase,
)

_OMITTED_AS = {
    "image": (Kind.IMAGE, "image/jpeg"),
    "audio": (Kind.VOICE, "audio/ogg"),
    "note": (Kind.VOICE, "video/mp4"),
    "video": (Kind.FILE, "video/mp4"),
    "gif": (Kind.FILE, "video/mp4"),
    "sticker": (Kind.FILE, "image/webp"),
    "contact": (Kind.FILE, "text/vcard"),
}
_OMITTED = "the chat was exported without media"
_SEEN_ONCE = "it could be seen once, or never arrived"
_SPACES = re.compile("[\u00a0\u202f\u2009]+")
_FILE_NAME = re.compile(r"\S.{0,250}\.\w{2,5}")
_IN_BRACKETS = re.compile(r"(\S.*\.\w{2,5}) \([^()]{4,40}\)")
_DURATION = re.compile(r"(\d+)\s?(h|hr|hrs|ч|год|godz|std|min|m|мин|хв|мін|sec|sek|сек|s|с)\b", re.IGNORECASE)
_SECONDS = {
    **dict.fromkeys(("h", "hr", "hrs", "ч", "год", "godz", "std"), 3600),
    **dict.fromkeys(("min", "m", "мин", "хв", "мін"), 60),
}
_ENDS_IN_UNIT = re.compile(r"\d\s?[^\W\d_]{1,4}\.?$")
_CALL = re.compile(r"([^\W\d_][\w -]{4,40}?)[.,]\s*(\d.*)", re.DOTALL)
_POLL = re.compile(r"([^\W\d_]{4,12}) ?:\n(.+)", re.DOTALL)
_OPTION = re.compile(r"([^\W\d_]{4,12}) ?: ?(.*?) \((?:\D*?(\d+)\D*?)\)")


_TELLING = 20
"""Characters of the shortest notice that nobody types by chance."""
_LONGEST_TALK = 60
_LONGEST_NAME = 400


@dataclass(frozen=True, slots=True)
class Content:
    """What a record turns out to be."""

    kind: Kind
    text: str = ""
    detail: str = ""
    attachments: tuple[RawAttachment, ...] = ()
    duration_for: timedelta | None = None
    edited: bool = False


def plain(text: str) -> str:
    """Return a text with plain spaces and without direction marks."""
    return _SPACES.sub(" ", MARKS.sub("", text)).strip()


@dataclass(frozen=True, slots=True)
class Reader:
    """Tells what the records of one file are."""

    root: Path
    """The folder with the media."""
    seen: Survey

    def content(self, header: Header, sender: str | None, text: str) -> Content:
        """Return what a record is; without a sender WhatsApp wrote it."""
        if sender is None:
            return _notice(text)
        if (edited := edited_at_end(text)) is not None:
            return replace(self._said(header, sender, text[:edited]), edited=True)
        return self._said(header, sender, text)

    def _said(self, header: Header, sender: str, text: str) -> Content:
        return (
            self._attached(text)
            or self._generated(header, sender, text)
            or _left_out(text, ios=header.bracketed)
            or _poll(text)
            or Content(Kind.TEXT, text)
        )

    def _attached(self, text: str) -> Content | None:
        """Read `a.jpg (file attached)` with a caption below, or a caption with `<attached: a.jpg>` behind."""
        first, _, below = text.partition("\n")
        if first.rstrip().endswith(")") and (name := attached_name(first) or self._there(first)):
            return Content(_file_kind(name), below, attachments=(attach(self.root, name),))
        above, _, last = text.rpartition("\n")
        if not last.rstrip().endswith(">") or not (name := attached_name(last)):
            return None
        before = plain(last[: last.rindex("<")])
        if before.partition(" • ")[0] in name:
            before = ""
        caption = "\n".join(filter(None, (above, before)))
        return Content(_file_kind(name), caption, attachments=(attach(self.root, name),))

    def _there(self, line: str) -> str | None:
        """Return the name in `Brief.pdf (words of a language that we do not know)` if that file is here."""
        found = _IN_BRACKETS.fullmatch(plain(line))
        return found.group(1) if found and find(self.root, found.group(1)) else None

    def _generated(self, header: Header, sender: str, text: str) -> Content | None:
        """Read what WhatsApp wrote under somebody's name."""
        marked = header.bracketed and text.startswith(GENERATED)
        if self.seen.marked and not marked and not header.marked:
            return None
        phrase = phrase_of(text) if marked else exact_phrase(text)
        if phrase is None and len(text) > _TELLING:
            phrase = telling_phrase(text, behind_name=header.bracketed)
        is_group = header.bracketed and sender == self.seen.notice_by and sender not in self.seen.writers
        is_about = text.startswith(f"{sender} ")
        if phrase is None and (is_group or is_about):
            phrase = phrase_of(text)
        if phrase is None:
            return Content(Kind.SYSTEM, detail=plain(text)) if is_group and marked else _talk(text)
        if phrase.meaning == "service" and not header.bracketed and not is_about:
            return None
        return _meant(phrase.meaning, text)


def _meant(meaning: str, text: str) -> Content:
    if meaning in OMITTED:
        return _omitted(meaning)
    if meaning == "deleted":
        return Content(Kind.DELETED, detail=plain(text))
    if meaning in ("missed", "started"):
        return Content(Kind.CALL, detail=meaning)
    if meaning == "call":
        return Content(Kind.CALL, detail=plain(text), duration_for=_duration(text))
    if meaning == "waiting":
        return Content(Kind.TEXT, detail=plain(text))
    return Content(Kind.SYSTEM, detail=plain(text))


def _notice(text: str) -> Content:
    phrase = phrase_of(text)
    if phrase is not None and phrase.meaning in ("missed", "started", "call"):
        return _meant(phrase.meaning, text)
    return Content(Kind.SYSTEM, detail=plain(text))


def _talk(text: str) -> Content | None:
    """Read `Voice call, 5 min`: the words of a call with nothing but its length behind them."""
    if (
        len(text) > _LONGEST_TALK
        or not _ENDS_IN_UNIT.search(text)
        or (found := _CALL.fullmatch(plain(text))) is None
    ):
        return None
    words, length = found.groups()
    phrase = phrase_of(words)
    is_length = not _DURATION.sub("", length).strip(" .,")
    return _meant("call", text) if phrase and phrase.meaning == "call" and is_length else None


def _left_out(text: str, *, ios: bool) -> Content | None:
    """Read media that the export leaves out, with a caption or a file's name before or below the words."""
    if text == "null":
        missing = RawAttachment("", "application/octet-stream", missing=_SEEN_ONCE)
        return Content(Kind.FILE, attachments=(missing,))
    if not ios:
        return _left_out_above(text)
    before, mark, words = text.rpartition(GENERATED)
    if mark:
        phrase = exact_phrase(words)
        if phrase is not None and phrase.meaning == "document":
            return _omitted("document", name=plain(before).partition(" • ")[0])
        if phrase is not None and phrase.meaning in OMITTED:
            return replace(_omitted(phrase.meaning), text=plain(before))
    if "." in text and len(text) < _LONGEST_NAME and (name := omitted_name(text)):
        return _omitted("document", name=plain(name))
    return None


def _left_out_above(text: str) -> Content | None:
    """Read `<Media omitted>` with the file's name or its caption in the next line (Android)."""
    first, _, below = text.partition("\n")
    if not below or not first.startswith("<"):
        return None
    phrase = exact_phrase(first)
    if phrase is None or phrase.meaning not in OMITTED:
        return None
    is_name = "\n" not in below and _FILE_NAME.fullmatch(below) is not None
    return _omitted(phrase.meaning, name=below) if is_name else replace(_omitted(phrase.meaning), text=below)


def _poll(text: str) -> Content | None:
    """Read a poll: a word with a colon, the question, and options with their votes, in any language."""
    if "(" not in text or (found := _POLL.fullmatch(MARKS.sub("", text).strip())) is None:
        return None
    if not found.group(1).isupper():
        return None
    lines = found.group(2).split("\n")
    options = [_OPTION.fullmatch(line.strip()) for line in lines]
    first = next((place for place, option in enumerate(options) if option), 0)
    chosen = [option for option in options[first:] if option]
    if not first or len(chosen) < len(lines) - first or any(not option[1].isupper() for option in chosen):
        return None
    question = "\n".join(lines[:first]).strip()
    return Content(Kind.TEXT, "\n".join([question, *(f"- {option[2]} ({option[3]})" for option in chosen)]))


def _omitted(meaning: str, name: str = "") -> Content:
    kind, type_ = _OMITTED_AS.get(meaning, (Kind.FILE, media_type(name)))
    return Content(kind, attachments=(RawAttachment(name, type_, missing=_OMITTED),))


def _file_kind(name: str) -> Kind:
    """Say what a file is by the name that WhatsApp gave it; only recordings are `.opus`."""
    type_ = media_type(name)
    if "PTT-" in name or "-AUDIO-" in name or name.lower().endswith(".opus"):
        return Kind.VOICE
    return Kind.IMAGE if type_.startswith("image/") and type_ != "image/webp" else Kind.FILE


def _duration(text: str) -> timedelta | None:
    found = _DURATION.findall(MARKS.sub("", text))
    seconds = sum(int(number) * _SECONDS.get(unit.lower(), 1) for number, unit in found if len(number) < 6)
    return timedelta(seconds=seconds) if found else None
