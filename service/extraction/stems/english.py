"""English stems, after Porter's idea but shorter. In: a lower-case word without diacritics. Out: a stem.

`english.txt` lists the stems of common words: what is not there and is not spelt in an English way is left
to Polish.
"""

import re
from importlib.resources import files

from service.extraction.stems.endings import pairs

_IRREGULAR = pairs("""
    sent:send paid:pay payment:pay payments:pay wrote:writ written:writ writing:writ made:mak making:mak
    took:tak taken:tak taking:tak gave:giv given:giv got:get knew:know known:know shown:show met:meet
    said:say held:hold drew:draw drawn:draw chose:choos chosen:choos spoke:speak spoken:speak began:begin
    begun:begin built:build bought:buy brought:bring done:do did:do does:do doing:do went:go gone:go
    goes:go going:go had:hav has:hav told:tel thought:think kept:keep left:leav lost:los found:find
    felt:feel meant:mean ran:run saw:see seen:see came:com coming:com needing:need needed:need using:use
    used:use uses:use adding:add decision:decid decisions:decid delivery:deliver deliveries:deliver
""")
_SUFFIXES = {
    "isation": 4,
    "ization": 4,
    "ation": 4,
    "ition": 5,
    "ment": 4,
    "ance": 5,
    "al": 5,
    "ly": 3,
    "ion": 4,
}
"""A suffix, and the shortest stem that it may leave."""
_BEFORE = {"ly": "abcdefghiklmnorstuvwxyz", "ion": "st"}
"""Letters after which these are suffixes: not in reply, not in million."""
_SPELLING = re.compile(
    r"[vxq]|th|sh|ck|ph|gh|wh|oo[dklmnpt]|ee|ll|ss|tt|pp|ff|mm|tion|ment|(?:ity|ings?|ied|ies|fy|ou[sl]|fu[sl])$"
    r"|[^aeiouy](?:ed|ly|s)$|[^aeioulr]es$"
)
"""Spellings that Polish words do not have, not even without their diacritics."""
_COMMON = frozenset(files(__package__).joinpath("english.txt").read_text(encoding="ascii").split())
_VOWELS = "aeiouy"


def is_english(word: str, stem: str) -> bool:
    """Say whether the word is better read as English than as Polish; decided by the word alone."""
    return stem in _COMMON or _SPELLING.search(word) is not None


def stem(word: str) -> str:
    """Return the stem that the forms of one word share.

    >>> {stem(form) for form in ("approve", "approves", "approved", "approving", "approval")}
    {'approv'}
    """
    return _IRREGULAR.get(word) or _close(_suffix(_past(_plural(word))))


def _plural(word: str) -> str:
    if len(word) <= 3 or word[-1] != "s":
        return word
    if word.endswith("ies"):
        return word[:-3] + ("y" if len(word) > 4 else "ie")
    if word.endswith(("sses", "ches", "shes", "xes", "zes")):
        return word[:-2]
    return word if word[-2] in "siu" and not word.endswith("nus") else word[:-1]


def _past(word: str) -> str:
    if len(word) > 4 and word.endswith("ied"):
        return word[:-3] + "y"
    if word.endswith("eed"):
        return word if len(word) == 4 else word[:-1]  # need, agreed
    cut = word.removesuffix("ing").removesuffix("ed") if word.endswith(("ing", "ed")) else word
    return cut if len(cut) > 2 and any(letter in _VOWELS for letter in cut) else word


def _suffix(word: str) -> str:
    for suffix, shortest in _SUFFIXES.items():
        if word.endswith(suffix):
            cut = word[: -len(suffix)]
            kept = (
                len(cut) < shortest
                or (suffix == "ly" and cut[-1] == "p")
                or (suffix == "ion" and cut[-1] not in "st")
            )
            return word if kept else cut
    return word


def _close(word: str) -> str:
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 2 and word[-1] == "y" and word[-2] not in _VOWELS else word
