"""Phone numbers that are the same. In: text. Out: numbers as E.164 writes them. Never: a doubtful one.

A number without its country is read only where its form leaves one country of those whose users we have: the
trunk 8 of Russia, Polish and British mobiles, American ones with their usual marks. All else stays unread.
"""

import re

_CANDIDATE = re.compile(r"(?<![\w@./+-])(?:\+|00)?\(?\d[\d\s().\u00a0\u2011\u202f-]{6,22}\d(?![\w@/])")
_TRUNK_ZERO = re.compile(r"\(0\)")
_NOT_DIGITS = re.compile(r"\D")
_AMERICAN = re.compile(r"\s*(?:\([2-9]\d\d\)\s?|[2-9]\d\d[-.])[2-9]\d\d[-. ]\d{4}\s*")
_FORMS = (
    # Russia and Kazakhstan, from inside: 8 916 123-45-67; without its plus: 7 916 ...
    (re.compile(r"[78]([3-9]\d{9})"), "+7"),
    (re.compile(r"(48[1-9]\d{8})"), "+"),
    (re.compile(r"(44[1-9]\d{9})"), "+"),
    # Polish mobiles (UKE, plan of numbers); fixed lines look like other things.
    (re.compile(r"((?:45|5[0137]|6[069]|7[2389]|88)\d{7})"), "+48"),
    # British mobiles (Ofcom): 07xxx xxxxxx.
    (re.compile(r"0(7[1-57-9]\d{8})"), "+44"),
    (re.compile(r"(1[2-9]\d\d[2-9]\d{6})"), "+"),
)


def phone_of(text: str) -> str | None:
    """Return the number that this text is, or None where it is anything else.

    >>> phone_of("8 (916) 123-45-67"), phone_of("+7 916 1234567"), phone_of("600 100 200")
    ('+79161234567', '+79161234567', '+48600100200')
    >>> phone_of("07700 900123"), phone_of("(202) 555-0143"), phone_of("123456789"), phone_of("64 000")
    ('+447700900123', '+12025550143', None, None)
    """
    text = text.strip()
    if not _CANDIDATE.fullmatch(text):
        return None
    digits = _NOT_DIGITS.sub("", _TRUNK_ZERO.sub("", text))
    if text.startswith(("+", "00")):
        digits = digits.removeprefix("00")
        return f"+{digits}" if 8 <= len(digits) <= 15 and digits[0] != "0" else None
    if _AMERICAN.fullmatch(text):
        return f"+1{digits}"
    return next((country + found[1] for form, country in _FORMS if (found := form.fullmatch(digits))), None)


def phones_in(text: str) -> list[str]:
    """Return the numbers in a text, in their order, each once.

    >>> phones_in("tel. +48 600 100 200, faks 22 123 45 67")
    ['+48600100200']
    """
    found = (phone_of(one[0]) for one in _CANDIDATE.finditer(text))
    return list(dict.fromkeys(one for one in found if one))
