"""The names that a generic import knows: fields, kinds, outcomes. GENERIC.md is their page; a test compares.

In: a key, a column's header, a word for a kind. Out: the field or kind that is meant. Never: guesses others.
`generic_names.json` has, for each name, the other words for it in English, Russian and Polish.
"""

import json
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from service.sources.raw_message import Kind

_Names = dict[str, dict[str, list[str]]]
NAMES: _Names = json.loads(files("service.sources").joinpath("generic_names.json").read_text("utf-8"))
"""`fields`, `kinds` and `outcomes`."""

_YES = frozenset({"1", "true", "yes", "y", "да", "tak", "t"})


def folded(name: str) -> str:
    """Return a name as names compare.

    >>> folded("Chat_Title "), folded("E-Mail")
    ('chat title', 'e mail')
    """
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip(" :*\ufeff")


def _by_word(part: str) -> dict[str, str]:
    return {folded(word): name for name, words in NAMES[part].items() for word in (name, *words)}


_FIELD_OF, _KIND_OF, _OUTCOME_OF = map(_by_word, ("fields", "kinds", "outcomes"))


@lru_cache(maxsize=1024)
def field_named(name: str) -> str | None:
    """Return the field that a key or a header means."""
    return _FIELD_OF.get(folded(name)) if len(name) < 100 else None


def kind_named(word: str) -> Kind | None:
    """Return the kind that a word means; a missed call is a call."""
    named = _KIND_OF.get(folded(word))
    if named is None:
        return Kind.CALL if outcome_named(word) == "missed" else None
    return Kind(named)


def outcome_named(word: str) -> str:
    """Return how a call went in the words of all formats, or the word itself.

    >>> outcome_named("Пропущенный")
    'missed'
    """
    return _OUTCOME_OF.get(folded(word), word)


def is_yes(value: object) -> bool:
    """Say whether a field such as `deleted` is set.

    >>> is_yes(True), is_yes("да"), is_yes("0"), is_yes(None)
    (True, True, False, False)
    """
    return value is True or (isinstance(value, (str, int)) and folded(str(value)) in _YES)
