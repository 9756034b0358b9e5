"""The contract of a recap's wording; one file in `recaps/` with `RECAP = Wording(...)` is a language.

    RECAP = Wording(
        language="en",
        subject="Recap: {title}",
        ...
        dates="%d.%m.%Y",
    )

Texts are `str.format` templates: `{title}`, `{day}` (of the talk) and `{name}` where they say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.agreements.agreement import VerbalKind


@dataclass(frozen=True, slots=True)
class Wording:
    """The phrases of one language, in a tone that any client can be written to."""

    language: str
    subject: str
    """With {title}."""
    greeting: str
    after: Mapping[VerbalKind, str]
    """How the recap begins after each kind of talk; with {day}."""
    written: str
    """How it begins where there was no talk: terms written down once more."""
    nothing_known: str
    """In the place of the points where nobody wrote what was said: for the sender to fill in."""
    due: str
    """Added to a point with a date; with {day}."""
    question: str
    """Asks for a written yes."""
    closing: str
    untitled: str
    """The subject's title where there is none."""
    dates: str
    """`strftime` form of a day."""
