"""Choose folders. In: what LIST says, a Choice. Out: Folder. Never: asks the server."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.sources.imap.framing import Malformed, Response, read_values
from service.sources.imap.mailbox import Choice, Folder
from service.sources.imap.names import read_name

_CLOSED = {b"\\NOSELECT", b"\\NONEXISTENT"}
_SPECIAL = {
    b"\\ALL": "all",
    b"\\ALLMAIL": "all",  # this one and the two below: XLIST, Gmail's of before RFC 6154
    b"\\ARCHIVE": "archive",
    b"\\DRAFTS": "drafts",
    b"\\FLAGGED": "flagged",
    b"\\STARRED": "flagged",
    b"\\JUNK": "junk",
    b"\\SPAM": "junk",
    b"\\SENT": "sent",
    b"\\TRASH": "trash",
}
# What servers and mail programs call these folders where nobody says what they are for: Exchange, Outlook,
# Thunderbird, Apple Mail, Roundcube, Yandex, Mail.ru, WP, Onet, O2, Interia, GMX, T-Online.
_NAMES = {
    "drafts": "draft|drafts|черновик|черновики|kopie robocze|robocze|szkice|wersje robocze|entwurf|entwürfe",
    "junk": "junk|junk mail|junk e-mail|junk email|bulk|bulk mail|spam|спам|нежелательная почта"
    "|niechciane|wiadomości-śmieci|wiadomości śmieci|junk-e-mail|spamverdacht|unerwünscht",
    "trash": "trash|bin|deleted|deleted items|deleted messages|корзина|удаленные|удалённые"
    "|удаленные сообщения|kosz|elementy usunięte|usunięte|papierkorb|gelöscht"
    "|gelöschte elemente|gelöschte objekte",
    "sent": "sent|sent items|sent mail|sent messages|отправленные|исходящие|wysłane|elementy wysłane"
    "|gesendet|gesendete elemente|gesendete objekte",
    "archive": "archive|archives|архив|archiwum|archiv",
}
_BY_NAME = {name: special for special, names in _NAMES.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of LIST: a folder that can be opened."""

    raw: bytes
    """Its name as the server writes it."""
    name: str
    leaf: str
    """Its name without its parents where it is at the top or right below INBOX; else empty."""
    special: str


def read_entry(response: Response) -> Entry | None:
    """Read an untagged LIST or XLIST; None where it is no folder to open, or makes no sense."""
    try:
        attributes, delimiter, raw, *_ = read_values(response.pieces)
    except (Malformed, ValueError):
        return None
    if not isinstance(attributes, list) or not isinstance(raw, bytes) or isinstance(delimiter, list):
        return None
    said = {word.upper() for word in attributes if isinstance(word, bytes)}
    # A name with a line break could only be sent back as a literal; no server makes one.
    if said & _CLOSED or not raw or set(raw) & set(b"\r\n\0"):
        return None
    if raw.upper() == b"INBOX" or b"\\INBOX" in said:
        return Entry(b"INBOX", "INBOX", "", "")
    special = next((_SPECIAL[word] for word in sorted(said) if word in _SPECIAL), "")
    name = read_name(raw)
    return Entry(raw, name, _leaf(name, read_name(delimiter or b"")), special)


def choose(entries: Iterable[Entry], choice: Choice) -> list[Folder]:
    """Return the folders that are wanted, in the server's order.

    A folder that is named in full is wanted whatever it is for.
    """
    listed = {entry.name: entry for entry in entries}.values()
    known = {entry.special for entry in listed}
    named = {name.casefold() for name in choice.include}
    include, exclude = _pattern(choice.include), _pattern(choice.exclude)
    unwanted = _unwanted(choice)
    folders = (Folder(entry.name, entry.special or _special_by_name(entry, known)) for entry in listed)
    return [
        folder
        for folder in folders
        if include.match(folder.name)
        and not exclude.match(folder.name)
        and (folder.special not in unwanted or folder.name.casefold() in named)
    ]


def choose_on_gmail(entries: Sequence[Entry], choice: Choice) -> list[Folder]:
    """Return All Mail, which has every message once (its labels say the rest), and junk where wanted.

    Where All Mail is hidden (Gmail's settings: "Show in IMAP"), labels are folders like any other.
    """
    wanted = {"all", "junk", "trash"} if choice.junk else {"all"}
    if not any(entry.special == "all" for entry in entries):
        return choose(entries, choice)
    return [Folder(entry.name, entry.special) for entry in entries if entry.special in wanted]


def _unwanted(choice: Choice) -> set[str]:
    unwanted = set() if choice.drafts else {"drafts"}
    return unwanted if choice.junk else unwanted | {"junk", "trash"}


def _special_by_name(entry: Entry, known: set[str]) -> str:
    """Guess what a folder is for, where the server does not say it of any folder."""
    special = _BY_NAME.get(entry.leaf.casefold(), "")
    return "" if special in known else special


def _leaf(name: str, delimiter: str) -> str:
    # A client's folder `Acme/Drafts` holds somebody's work, not this mailbox's drafts.
    if not delimiter:
        return name
    parent, _, leaf = name.rpartition(delimiter)
    return leaf if parent.upper() in {"", "INBOX"} else ""


def _pattern(wildcards: Iterable[str]) -> re.Pattern[str]:
    r"""Compile names with `*` and `?`; brackets stand for themselves.

    >>> bool(_pattern(["projekty/*"]).match("Projekty/[2025]"))
    True
    """
    parts = [re.escape(each).replace(r"\*", ".*").replace(r"\?", ".") for each in wildcards]
    return re.compile(rf"(?:{'|'.join(parts)})\Z" if parts else r"(?!)", re.IGNORECASE)
