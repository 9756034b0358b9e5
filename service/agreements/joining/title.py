"""A short readable title for a matter. In: a quote. Out: one line. Never: rewords."""

import re

LONGEST = 70

_LEAD = re.compile(
    r"^(?:(?:ну|а|и|но|так|тогда|короче|итак|кстати|то есть|значит|да|слушай|давай|давайте|"
    r"no|to|a|i|ale|więc|czyli|tak|dobra|słuchaj|btw|"
    r"so|and|but|well|then|ok|okay|oh|right|also|hey|anyway|yes)\b[\s,.:;…!-]*|[\s,.:;…!?•*–—-]+)+",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def title_of(quote: str) -> str:
    """Return the quote in one line, without leading particles, cut at a word to about 70 characters.

    >>> title_of("ну и тогда  берём второй вариант")
    'Берём второй вариант'
    """
    line = _SPACE.sub(" ", quote).strip()
    bare = _LEAD.sub("", line) or line
    bare = bare.rstrip(" .,;:")
    if len(bare) > LONGEST:
        bare = bare[: LONGEST + 1].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"
    return bare[:1].upper() + bare[1:]
