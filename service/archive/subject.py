"""A subject without what mail programs put before it. In: a subject. Out: its own words. Never: joins.

Prefixes of English, Russian, Ukrainian, Polish and German programs, with the counters of The Bat! (`Re[2]:`),
Lotus (`Re^2:`) and others (`Re(2):`, `Re-2:`), and the tags that firms set before mail from outside.
"""

import re

_REPLIES = r"re|aw|antw|sv|vs|odp|на|ha|отв|ответ|відп|відповідь"
_FORWARDS = r"fwd?|wg|pd|tr|пересл|перес|пересилання|пересылка"
_PREFIX = rf"(?:{_REPLIES}|{_FORWARDS})\.?\s?(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|[\^*-]\d{{1,3}})?\s*[:\uff1a]"
_TAG = r"\[(?:ext|extern|external|zewnętrzna|внешнее|внешняя почта)\]|external:"
REPLY_PREFIX = re.compile(rf"^\s*(?:(?:{_TAG})\s*)*(?:{_PREFIX}\s*(?:(?:{_TAG})\s*)*)+", re.IGNORECASE)
_TAGS = re.compile(rf"^\s*(?:(?:{_TAG})\s*)+", re.IGNORECASE)


def is_reply(subject: str) -> bool:
    """Say whether a mail program wrote the beginning: the mail answers or forwards another.

    >>> is_reply("Odp: Umowa"), is_reply("Odpowiedź na umowę")
    (True, False)
    """
    return REPLY_PREFIX.match(subject) is not None


def bare_subject(subject: str) -> str:
    """Return the words that a person wrote.

    >>> bare_subject("Re[2]: FW: НА: [EXT] Odp: Смета")
    'Смета'
    """
    return _TAGS.sub("", REPLY_PREFIX.sub("", subject)).strip()
