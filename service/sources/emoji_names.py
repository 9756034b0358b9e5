"""Turn emoji written by name into emoji. In: `thumbsup`, or text with `:thumbsup:`. Out: 👍.

Never: touches a name that it does not know: workspaces have their own.

Slack, Mattermost and Rocket.Chat store names; every other platform stores the emoji itself.
"""

import re

from rich.emoji import Emoji, NoEmoji

_TONE = {str(tone): chr(0x1F3FB + tone - 2) for tone in range(2, 7)}
"""Slack numbers the five skin tones of Unicode (Fitzpatrick 1-2, 3, 4, 5, 6) from 2 to 6."""
_TONED = re.compile(r"::skin-tone-([2-6])(?:-[2-6])?$")
_IN_TEXT = re.compile(r"(?<!\w):([a-z0-9_+&'.-]+)(?::(:skin-tone-[2-6]))?:(?!\w)")
_OTHERWISE = {"simple_smile": "🙂", "man-shrugging": "🤷‍♂️", "woman-shrugging": "🤷‍♀️", "man-bowing": "🙇‍♂️"}


def emoji_named(name: str) -> str:
    """Return the emoji, or the name itself without colons and skin tone where it is a workspace's own.

    >>> emoji_named("thumbsup::skin-tone-3"), emoji_named(":our_logo:")
    ('👍🏼', 'our_logo')
    """
    plain = name.strip(":")
    toned = _TONED.search(plain)
    plain = plain[: toned.start()] if toned else plain
    found = _find(plain)
    if found is None:
        return plain
    return found + _TONE[toned[1]] if toned else found


def with_emoji(text: str) -> str:
    """Replace the names of emoji in a text.

    >>> with_emoji("ok :+1::skin-tone-2: at 10:30:00 :our_logo:")
    'ok 👍🏻 at 10:30:00 :our_logo:'
    """
    return _IN_TEXT.sub(_replaced, text) if ":" in text else text


def _replaced(match: re.Match[str]) -> str:
    name, tone = match.groups()
    return match[0] if _find(name) is None else emoji_named(f"{name}:{tone}" if tone else name)


def _find(name: str) -> str | None:
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    try:
        return str(Emoji(name))
    except NoEmoji:
        return None
