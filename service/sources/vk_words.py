"""What VK's own words in an archive mean. In: the description of an attachment. Out: Meaning.

Never: drops what it does not know: that keeps its words.
"""

import re
from dataclasses import dataclass

from service.sources.raw_message import Kind

OWN_NAMES = frozenset({"вы", "you", "ви", "ty"})
"""How VK calls the person whose archive it is, in Russian, English, Ukrainian and Polish."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an attachment is."""

    kind: Kind
    """The kind of a message that has nothing better; TEXT for what is no file."""
    media_type: str = ""
    """Empty for what is no file: a wall post, a poll, a gift."""


_PHOTO = Meaning(Kind.IMAGE, "image/jpeg")
_VIDEO = Meaning(Kind.FILE, "video/mp4")
_AUDIO = Meaning(Kind.FILE, "audio/mpeg")
VOICE = Meaning(Kind.VOICE, "audio/ogg")
_FILE = Meaning(Kind.FILE, "application/octet-stream")
_STICKER = Meaning(Kind.IMAGE, "image/png")
_CALL = Meaning(Kind.CALL)
_DELETED = Meaning(Kind.DELETED)
_OTHER = Meaning(Kind.TEXT)

_MEANINGS = (
    (_PHOTO, ("фотография", "фото", "photo", "фотографія", "zdjęcie", "граффити", "graffiti", "графіті")),
    (_VIDEO, ("видеозапись", "видео", "video", "відеозапис", "wideo", "film", "клип", "clip")),
    (_AUDIO, ("аудиозапись", "audio", "аудіозапис", "nagranie audio", "audio file")),
    (
        VOICE,
        (
            "голосовое сообщение",
            "voice message",
            "голосове повідомлення",
            "wiadomość głosowa",
            "audio message",
        ),
    ),
    (_FILE, ("файл", "file", "plik", "документ", "document", "dokument")),
    (_STICKER, ("стикер", "sticker", "стікер", "naklejka")),
    (
        _CALL,
        ("звонок", "call", "дзвінок", "połączenie", "групповой звонок", "group call", "груповий дзвінок"),
    ),
    (_CALL, ("аудиозвонок", "видеозвонок", "audio call", "voice call", "video call", "połączenie grupowe")),
    (_DELETED, ("сообщение удалено", "message deleted", "повідомлення видалено", "wiadomość usunięta")),
    (
        _OTHER,
        ("запись на стене", "wall post", "комментарий на стене", "wall comment", "комментарий", "comment"),
    ),
    (
        _OTHER,
        ("ссылка", "link", "посилання", "опрос", "poll", "история", "story", "подарок", "gift", "карта"),
    ),
    (_OTHER, ("map", "geo", "товар", "product", "market item", "плейлист", "playlist", "статья", "article")),
    (
        _OTHER,
        ("запрос на денежный перевод", "money request", "денежный перевод", "money transfer", "музыкант"),
    ),
    (_OTHER, ("artist", "сообщество с vk донатом", "подкаст", "podcast", "виджет", "widget", "момент")),
    (_OTHER, ("moment", "альбом фотографий", "photo album", "подборка товаров", "market album", "curator")),
    (
        _OTHER,
        ("attachment app action", "attachment channel message", "мини-приложение", "mini app", "событие"),
    ),
)
_BY_WORDS = {words: meaning for meaning, several in _MEANINGS for words in several}
_FORWARDED = re.compile(
    r"^\d+ (?:прикрепл[её]нн\w+ сообщени\w+|attached messages?|forwarded messages?"
    r"|прикріплен\w+ повідомлен\w+|(?:załączon|przekazan)\w+ wiadomo\w+)$"
)
_CALL_LINE = re.compile(r"звон(?:ок|ка)|\bcall\b|дзвін(?:ок|ка)|połączeni[ea]")
_QUOTED = re.compile('[«“"].*?[»”"]')


def meaning_of(description: str) -> Meaning | None:
    """Return what an attachment is; None where the words are not known.

    >>> meaning_of("Голосовое сообщение").kind.value
    'voice'
    """
    return _BY_WORDS.get(_fold(description))


def is_forward(description: str) -> bool:
    """Say whether an attachment stands for messages of others: an archive only counts them.

    >>> is_forward("2 прикреплённых сообщения"), is_forward("Опрос")
    (True, False)
    """
    return _FORWARDED.match(_fold(description)) is not None


def is_own_name(name: str) -> bool:
    """Say whether VK means the person whose archive it is."""
    return _fold(name) in OWN_NAMES


def is_call(line: str) -> bool:
    """Say whether a service line tells of a call; the title of a chat in it does not count."""
    return _CALL_LINE.search(_QUOTED.sub("", _fold(line))) is not None


def _fold(words: str) -> str:
    return " ".join(words.casefold().split())
