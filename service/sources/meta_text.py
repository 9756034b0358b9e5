"""The words of Meta's exports: their damaged encoding, and the sentences that the platform wrote itself.

In: strings of a Messenger or Instagram export. Out: what people typed; what a generated sentence stands for.
Never: changes a string that is not damaged; takes a sentence for generated that starts with another's name.

Generated sentences look like any other text and are in the account's language: English, Russian and Polish
ones are known here, the rest stay messages. None of them is documented by Meta.
"""

import re
from dataclasses import dataclass

from service.sources.json_values import storable
from service.sources.raw_message import Kind

_LONGEST = 300
_LIKE = "❤"
_YOU = frozenset({"you", "вы", "ty"})


def as_typed(text: str) -> str:
    r"""Undo the export's mistake of writing each byte of UTF-8 as a character; leave all other strings.

    >>> as_typed("\u00d0\u0094\u00d0\u00b0"), as_typed("Zażółć"), as_typed("café")
    ('Да', 'Zażółć', 'café')
    """
    if text.isascii():
        return text
    try:
        return storable(text.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return text


@dataclass(frozen=True, slots=True)
class Generated:
    """What a sentence of the platform stands for; `emoji` is that of a reaction."""

    kind: Kind
    detail: str = ""
    emoji: str = ""


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(patterns)})[\s.]*", re.DOTALL | re.IGNORECASE)


# Whole sentences with their capital and full stop: people write of missed calls too.
_MISSED = re.compile(
    r"(?:You missed an? (?:\w+ )?(?:call|chat)(?: (?:from|with) [^,;!?]{1,80})?"
    r"|[^,;!?]{1,80} missed (?:your|an?) (?:\w+ )?(?:call|chat)(?: (?:from|with) [^,;!?]{1,80})?"
    r"|Missed (?:\w+ )?(?:call|chat)"
    r"|Вы пропустили (?:видео|аудио)?(?:звонок|чат)(?: от [^,;!?]{1,80})?"
    r"|[^,;!?]{1,80} пропустила?(?:\(а\))? ваш (?:видео|аудио)?(?:звонок|чат)"
    r"|Пропущенный (?:видео|аудио)?звонок(?: от [^,;!?]{1,80})?"
    r"|(?:Masz nieodebrane|Nieodebrane) połączenie(?: od [^,;!?]{1,80})?)\.\s*"
)
_ENDED = re.compile(
    r"(?:(?:The (?:(?:video|audio|voice) )?|(?:Video|Audio|Voice) )(?:call|chat) (?:has )?ended"
    r"|(?:Видеозвонок|Аудиозвонок|Звонок|Видеочат) заверш[её]н"
    r"|(?:Czat wideo|Rozmowa(?: wideo)?|Połączenie) (?:zosta\w+ )?zakończon[aye])[\s.]*"
)
_REACTED = _any_of(
    r"reacted (?P<a>\S{1,16}) to your message",
    r"отреагировала?(?:\(а\))? (?P<b>\S{1,16}) на ваше сообщение",
    r"zareagował(?:a|\(a\))? (?P<c>\S{1,16}) na twoją wiadomość",
)
_LIKED = _any_of(r"liked a message", r"понравилось сообщение", r"polubi(?:ono|ł|ła|ł\(a\)) wiadomość")
_DID = _any_of(
    r"named the group .+",
    r"(?:left|created|joined) (?:the|this) group",
    r"removed the group name",
    r"(?:added|removed) .+ (?:to|from) the group",
    r"set .{1,80}nickname .+",
    r"cleared .{1,80}nickname",
    r"changed the (?:group photo|(?:chat )?theme|(?:chat )?colou?rs?|emoji|quick reaction)(?: to .+)?",
    r"set the (?:emoji|quick reaction) to .+",
    r"(?:started|joined) (?:a|an|the) (?:(?:video|audio|voice|group) )?(?:call|chat)",
    r"(?:un)?pinned a message",
    r"(?:назвала?|переименовала?) (?:группу|беседу|чат) .+",
    r"(?:покинула?|создала?) (?:группу|чат)",
    r"(?:добавила?|удалила?) .+ (?:в группу|из группы|в чат|из чата)",
    r"(?:nadał|nadała|zmienił|zmieniła) (?:grupie nazwę|nazwę grupy) .+",
    r"(?:opuścił|opuściła|utworzył|utworzyła) grupę",
    r"(?:dodał|dodała|usunął|usunęła) .+ (?:do|z) grupy",
)
_ABOUT_NOBODY = _any_of(
    r"(?:you are|you're) now connected on messenger",
    r"you can now (?:message and )?call each other.*",
    r"вы теперь общаетесь в messenger",
    r"jesteście teraz połączeni w (?:aplikacji )?messenger(?:ze)?",
)


def generated(text: str, sender: str) -> Generated | None:
    """Say what the platform meant by a text, or None where a person wrote it.

    >>> generated("Anna named the group Banner.", "Anna Nowak").kind
    <Kind.SYSTEM: 'system'>
    >>> generated("Piotr left the group.", "Anna Nowak") is None
    True
    """
    if not text or len(text) > _LONGEST:
        return None
    if reaction := _REACTED.fullmatch(text):
        return Generated(Kind.REACTION, emoji=next(filter(None, reaction.groups())))
    if _LIKED.fullmatch(text):
        return Generated(Kind.REACTION, emoji=_LIKE)
    for detail, pattern in (("missed", _MISSED), ("ended", _ENDED)):
        if pattern.fullmatch(text):
            return Generated(Kind.CALL, detail)
    if _ABOUT_NOBODY.fullmatch(text) or any(map(_DID.fullmatch, _without_actor(text, sender))):
        return Generated(Kind.SYSTEM, text.strip())
    return None


def _without_actor(text: str, sender: str) -> list[str]:
    """Return the text behind the sender's own name, first name or "You"; nothing behind other names."""
    first = sender.split(" ", 1)[0]
    return [
        text[len(name) + 1 :]
        for name in {sender, first, *_YOU}
        if name and text[: len(name) + 1].casefold() == f"{name.casefold()} "
    ]
