"""Names as they sound, in Latin or Cyrillic letters. In: a shown name. Out: keys. Never: guesses who it is.

«Анна Клос», "Klos Anna" and "Anna Kłos" share a key. Latin letters are read in two ways, as Polish and as
what English makes of Russian: `ch` is «х» or «ч». Sibilants fall together, as nobody writes them alike:
«Вишневский», "Wiśniewski", "Vishnevsky". A key is one name's reading, so a name may have several.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from unicodedata import combining, normalize

from service.archive.first_names import FULL_NAMES

Sounds = tuple[str, ...]
"""How a word may sound."""

MOST_PARTS = 4
MOST_KEYS = 16
REMEMBERED = 60_000
"""Names and words whose keys are kept: a list of people is asked for again and again."""
_ASIDE = re.compile(r"[(\[{«\"].*?[)\]}»\"]")
_PART = re.compile(r"[^\W\d_]{2,}")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mgr", "inz", "inż", "prof", "pan", "pani", "via", "przez"})
_CYRILLIC = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэґ", "abvgdeziiklmnoprstufieg", strict=True))
    | {"ж": "z", "х": "h", "ц": "c", "ч": "c", "ш": "s", "щ": "s", "ъ": "", "ь": ""}
    | {"ю": "iu", "я": "ia", "і": "i", "ї": "i", "є": "e"}
)
_POLISH = str.maketrans({"ł": "l", "ó": "u", "ą": "on", "ę": "en"})
_PLAIN = str.maketrans({"ł": "l", "ß": "ss", "æ": "ae", "ø": "o", "đ": "d"})
_BOTH = (
    (re.compile("shch|szcz|sch|sh|sz"), "s"),
    (re.compile("cz|ts|tz"), "C"),
    (re.compile("zh"), "z"),
    (re.compile("kh"), "h"),
    (re.compile("ph"), "f"),
    (re.compile("x"), "ks"),
    (re.compile("q|ck"), "k"),
    (re.compile("w"), "v"),
    (re.compile("[yj]"), "i"),
)
_AS_POLISH = ((re.compile("ch"), "h"), (re.compile("rz"), "z"), (re.compile("c"), "C"))
_AS_ENGLISH = ((re.compile("ch"), "C"), (re.compile("c(?=[eiy])"), "C"), (re.compile("c"), "k"))
_SOFT = re.compile("(?<=.)i(?=[aou])|i(?=e)")
_DOUBLE = re.compile(r"(.)\1+")
_PATRONYMIC = re.compile("(?:ovic|evic|ovna|evna|icna)$")


def parts_of(name: str) -> list[str]:
    """Return the words of a name, without what stands in brackets, titles and initials.

    >>> parts_of("mgr Anna Kłos (Kreska)")
    ['anna', 'kłos']
    """
    words = _PART.findall(_ASIDE.sub(" ", normalize("NFC", name)).casefold())
    return [one for one in words if one not in _TITLES][:MOST_PARTS]


@lru_cache(REMEMBERED)
def sounds(part: str) -> Sounds:
    """Return how a word may sound.

    >>> sounds("вишневский") == sounds("vishnevsky"), set(sounds("клос")) <= set(sounds("kłos"))
    (True, True)
    """
    if any("а" <= one <= "ґ" for one in part):
        readings = {part.replace("ё", "е"), part.replace("ё", "йо")}
        return _spoken(one.translate(_CYRILLIC).replace("ts", "c") for one in readings)
    plain = _without_marks(part.translate(_PLAIN))
    polish = _without_marks(part.translate(_POLISH))
    return _spoken([_read(plain, _AS_ENGLISH), _read(polish, _AS_POLISH)])


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What a name shares with its other spellings."""

    whole: frozenset[str]
    """Of a name of two words or more, in whatever order; none for others."""
    familiar: frozenset[str]
    """The same with first names that people shorten made whole: Kasia Nowak is Katarzyna Nowak."""
    single: str
    """How a name of one word sounds; empty for others."""


@lru_cache(REMEMBERED)
def keys_of(name: str) -> NameKeys:
    """Return the keys of a name.

    >>> bool(keys_of("Анна Клос").whole & keys_of("Kłos, Anna").whole), keys_of("Anna").whole
    (True, frozenset())
    >>> bool(keys_of("Саша Ким").familiar & keys_of("Александр Ким").familiar)
    True
    """
    parts = parts_of(name)
    if len(parts) == 1:
        return NameKeys(frozenset(), frozenset(), sounds(parts[0])[0])
    heard = [sounds(one) for one in parts]
    whole = [_whole(one) for one in parts]
    keys = _keys(heard)
    return NameKeys(keys, keys if whole == heard else _keys(whole), "")


def is_first_name(word: str) -> bool:
    """Say whether a word is a first name that we know, or what people make of one.

    >>> is_first_name("kasia"), is_first_name("robert"), is_first_name("aklos")
    (True, True, False)
    """
    known = _by_sound()
    return any(sound in known for sound in sounds(word))


@lru_cache(REMEMBERED)
def _whole(part: str) -> Sounds:
    known = {full for one in sounds(part) for full in _by_sound().get(one, ())}
    return tuple(sorted({*sounds(part), *known}))


@lru_cache(1)
def _by_sound() -> dict[str, set[str]]:
    """Return the sounds of full names by the sounds of what people make of them."""
    found: dict[str, set[str]] = {}
    for names in FULL_NAMES:
        for full, short in names.items():
            whole = set(sounds(full))
            for one in (full, *short.split()):
                for sound in sounds(one):
                    found.setdefault(sound, set()).update(whole)
    return found


def _keys(readings: list[Sounds]) -> frozenset[str]:
    if len(readings) > 2:
        # A patronymic stands beside a first name and a surname, and is often left out.
        named = [some for some in readings if not all(_PATRONYMIC.search(one) for one in some)]
        readings = named if len(named) >= 2 else readings
    if len(readings) < 2:
        return frozenset()
    return frozenset(" ".join(sorted(some)) for some in islice(product(*readings), MOST_KEYS))


def _read(part: str, language: Iterable[tuple[re.Pattern[str], str]]) -> str:
    for pattern, sound in (*_BOTH, *language):
        part = pattern.sub(sound, part)
    return part.lower()


def _spoken(readings: Iterable[str]) -> Sounds:
    return tuple(sorted({_DOUBLE.sub(r"\1", _SOFT.sub("", _DOUBLE.sub(r"\1", one))) for one in readings}))


def _without_marks(part: str) -> str:
    if part.isascii():
        return part
    return "".join(one for one in normalize("NFD", part) if not combining(one))
