"""How alike two pieces of text are. In: text. Out: Content and a score from 0 to 1. Never: models, guesses.

Words are compared by their first letters: in Russian, Polish and English these carry the meaning and the
rest the case, gender and tense, and unlike a dictionary they survive misspelling, slang and missing accents.
"""

import re
import unicodedata
from dataclasses import dataclass

STEM_LETTERS = 5
"""Long enough to tell words apart, short enough to join their forms (вывеска, вывеску; terminu, termin)."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_FIGURE = re.compile(r"\d+(?:[ \u00a0\u202f]\d{3}(?!\d))*(?:[.,:]\d+)*")
_THOUSANDS = re.compile(r"\s?(?:тыс|тыщ|тр\b|т\.\s?р|к\b|k\b|tys|tysi)", re.IGNORECASE)
_GROUPED = re.compile(r"(?<=\d)(?<!\b0)[\s.,](?=\d{3}(?!\d))")

_EMPTY_WORDS = """
 что как это так вот там тут все всё уже ещё еще для при под над без про или если чтобы когда тогда только
 нам вам нас вас мне меня вы мы они она оно его них ним этот эта эти того тот который можно нужно
 надо будет быть
 есть был была были просто давайте давай пожалуйста пока потом сейчас теперь тоже очень наш ваш наша ваша
 добрый день здравствуйте спасибо хорошо
 się nie jest tak jak już też czy dla pod nad bez przy lub albo żeby kiedy tylko jeszcze nam was pan pani pana
 państwa państwu ten tego tej tym jest są był była będzie proszę może można więc oraz ale który
 dzień dobry dziękuję
 the and for not with you your are was were will would can could should this that these those from have
 has had
 but our out its it's let's just also then than there here what which who how all any some please thanks thank
 hello dear regards yes okay sure
"""


def fold(text: str) -> str:
    """Lower-case and drop accents, so that hurried typing compares equal.

    >>> fold("Żółć, ЁЖ")
    'zolc, еж'
    """
    spread = unicodedata.normalize("NFD", text.lower().replace("й", "\u0001"))
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return bare.replace("\u0001", "й").replace("ł", "l")


_EMPTY = frozenset(fold(word) for word in _EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Content:
    """What a text is about: stems of its meaningful words, and its numbers."""

    words: frozenset[str]
    figures: frozenset[str]

    def __or__(self, other: "Content") -> "Content":
        """Join what two texts are about."""
        return Content(self.words | other.words, self.figures | other.figures)

    @property
    def size(self) -> int:
        """Count the things by which it can be recognised."""
        return len(self.words) + len(self.figures)


NOTHING = Content(frozenset(), frozenset())


def content_of(text: str) -> Content:
    """Return what the text is about.

    >>> sorted(content_of("Прайс убираем, остаётся 39 000").words)
    ['остае', 'прайс', 'убира']
    >>> sorted(content_of("8,4k now, 340 тыс. later").figures)
    ['340000', '8400']
    """
    folded = fold(text)
    words = (word for word in _WORD.findall(folded) if word not in _EMPTY)
    return Content(frozenset(word[:STEM_LETTERS] for word in words), frozenset(_figures(folded)))


def _figures(text: str) -> list[str]:
    found = []
    for match in _FIGURE.finditer(text):
        plain = _GROUPED.sub("", match.group()).replace(",", ".").replace(" ", "").strip(".:")
        if plain.count(".") <= 1 and ":" not in plain and _THOUSANDS.match(text, match.end()):
            plain = f"{float(plain) * 1000:g}" if float(plain) < 1000 else plain
        found.append(plain)
    return found


def likeness(one: Content, other: Content) -> float:
    """Return the share of the smaller content that the other has too; a shared number counts twice."""
    smaller = min(len(one.words) + 2 * len(one.figures), len(other.words) + 2 * len(other.figures))
    shared = len(one.words & other.words) + 2 * len(one.figures & other.figures)
    return shared / smaller if smaller else 0.0


def shared(one: Content, other: Content) -> int:
    """Count the words and numbers that both have."""
    return len(one.words & other.words) + len(one.figures & other.figures)
