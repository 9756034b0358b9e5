"""A short readable title for a matter. In: a quote and its language. Out: one line. Never: rewords."""

import re

LONGEST = 70

_PARTICLES = {
    "ru": "ну|а|и|но|так|тогда|короче|итак|кстати|то есть|значит|да|слушай|давай|давайте|ок",
    "pl": "no|to|a|i|ale|więc|czyli|tak|dobra|słuchaj|btw|ok",
    "en": "so|and|but|well|then|ok|okay|oh|right|also|hey|anyway|yes",
}
"""Words that lead into a sentence and say nothing; the Polish one for "well" is the English "no"."""
_JOINTS = r"[\s,.:;…!?•*–—-]+"
_LABEL = re.compile(r"[(\[]?(?:\d{1,2}|[a-zа-я])[.)\]]\s+", re.IGNORECASE)
_LEAD = {
    language: re.compile(rf"(?:(?:{words})\b{_JOINTS}|{_JOINTS})+", re.IGNORECASE)
    for language, words in _PARTICLES.items()
}
_NO_LEAD = re.compile(_JOINTS)
_SPACE = re.compile(r"\s+")


def title_of(quote: str, language: str) -> str:
    """Return the quote in one line, without leading particles, cut at a word to about 70 characters.

    >>> title_of("ну и тогда  берём второй вариант", "ru")
    'Берём второй вариант'
    >>> title_of("2) no blog after all", "en")
    'No blog after all'
    """
    line = _SPACE.sub(" ", quote).strip()
    bare = _LABEL.sub("", line, count=1) if _LABEL.match(line) else line
    lead = _LEAD.get(language, _NO_LEAD).match(bare)
    bare = (bare[lead.end() :] if lead else bare) or line
    bare = bare.rstrip(" .,;:")
    if len(bare) > LONGEST:
        bare = bare[: LONGEST + 1].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"
    return bare[:1].upper() + bare[1:]
