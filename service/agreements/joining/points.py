"""Which points of a list do words name? In: text. Out: labels ("2", "a"). Never: matters."""

import re

_LABEL = re.compile(r"(?<![\w.,:])\(?(\d{1,2}|[a-zа-я])(?:[).]|\b)(?![\d.,:]*\d)", re.IGNORECASE)
_FIRST_TWO = re.compile(
    r"\b(?:first two|two first|перв\w+ дв\w+|дв\w+ перв\w+|dw\w+ pierwsz\w+|pierwsz\w+ dw\w+)\b",
    re.IGNORECASE,
)
_ORDINALS = tuple(
    re.compile(rf"\b(?:{stems})", re.IGNORECASE)
    for stems in (
        r"first\b|перв\w+|pierwsz\w+",
        r"second\b|втор\w+|drug[aieą]\w*",
        r"third\b|трет[ьи]\w+|trzeci\w*",
        r"fourth\b|четв[её]рт\w+|czwart\w+",
    )
)
_EXCEPT = re.compile(
    r"\b(?:кроме|за исключением|oprócz|prócz|poza|except|apart from|all but|everything but|bar)\b",
    re.IGNORECASE,
)


def points_in(text: str) -> set[str]:
    """Return the labels that the text names, ordinals as numbers.

    >>> sorted(points_in("1 and 3 are fine, (b) is not"))
    ['1', '3', 'b']
    >>> sorted(points_in("The first two, rightly noted"))
    ['1', '2']
    """
    if _FIRST_TWO.search(text):
        return {"1", "2"}
    found = {label.lower() for label in _LABEL.findall(text)}
    return found | {str(number) for number, stem in enumerate(_ORDINALS, start=1) if stem.search(text)}


def split_exception(text: str) -> tuple[str, str, str]:
    """Return what is said of all, the word that excepts, and what it excepts.

    >>> split_exception("да, кроме пункта 1")
    ('да, ', 'кроме', ' пункта 1')
    """
    found = _EXCEPT.search(text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found.group(), text[found.end() :]
