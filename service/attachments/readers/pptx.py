"""Decks of PowerPoint. Out: slides in order, then notes and comments."""

import re
from collections.abc import Iterator

from service.attachments.reader import Given, Words
from service.attachments.zipped import Marks, is_zip, open_document, text_of

_MARKS = Marks(
    kept=frozenset({"t", "text"}),
    ends={"p": "\n", "br": "\n", "text": "\n"},
    skipped=frozenset({"Fallback", "fld"}),
)
"""A field is the number of a slide or today's date; old comments keep their words in `text`."""
_PARTS = re.compile(r"ppt/(slides/slide|notesSlides/notesSlide|comments/\w*?)(\d+)\.xml")


class PptxReader:
    """Reads `.pptx` and its kin with macros and as a show."""

    name = "pptx-1"
    media_types = frozenset(
        {
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
            "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        }
    )
    endings = frozenset({".pptx", ".pptm", ".ppsx"})

    def fits(self, content: bytes) -> bool:
        """Say whether it is a zip with a presentation in it."""
        return is_zip(content) and b"ppt/presentation" in content

    def read(self, given: Given) -> Iterator[Words]:
        """Yield one slide after the other, by their numbers."""
        with open_document(given.content) as document:
            for name in sorted(filter(_PARTS.fullmatch, document.namelist()), key=_order):
                yield from map(Words, text_of(document, name, _MARKS))
                yield Words("\n")


def _order(name: str) -> tuple[int, int]:
    part = _PARTS.fullmatch(name)
    assert part is not None
    return ("slides", "notesS", "commen").index(part[1][:6]), int(part[2][:9])


READER = PptxReader()
