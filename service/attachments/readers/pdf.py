"""PDF. Out: the text of each page, and of scanned pages what is recognised in them."""

from collections.abc import Iterator
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

from service.attachments.ocr import NEEDS_TESSERACT, READ_AT, Tesseract, recognise
from service.attachments.reader import Given, Words

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_HEADER_WITHIN = 1024
"""Bytes before the header that readers of PDF accept (ISO 32000-1, annex H.3.4.1, note 13)."""
_LOCKED = "password"
_SCALE = 200 / 72
"""A point is 1/72 inch; pages are recognised at 200 dpi."""
_FEWEST_LETTERS = 3
"""Fewer on a page are its number, or a stamp on a scan."""


class PdfReader:
    """Reads `.pdf`."""

    name = "pdf-1"
    media_types = frozenset({"application/pdf", "application/x-pdf"})
    endings = frozenset({".pdf"})

    def fits(self, content: bytes) -> bool:
        """Say whether it begins as a PDF, after at most a few bytes of something else."""
        return b"%PDF-" in content[:_HEADER_WITHIN]

    def read(self, given: Given) -> Iterator[Words]:
        """Yield one page after the other."""
        from pypdfium2 import PdfDocument, PdfiumError

        try:
            document = PdfDocument(given.content)
        except PdfiumError as error:
            if _LOCKED not in str(error).lower():
                raise
            yield Words("", lacking="is protected by a password: ask its sender for one that is not")
            return
        try:
            yield from _pages(document, given.tesseract)
        finally:
            document.close()


def _pages(document: "PdfDocument", tesseract: Tesseract | None) -> Iterator[Words]:
    for number in range(len(document)):
        page = document[number]
        try:
            yield _page(page, number + 1, tesseract)
        finally:
            page.close()


def _page(page: "PdfPage", number: int, tesseract: Tesseract | None) -> Words:
    text = _text(page)
    if sum(map(str.isalnum, text)) >= _FEWEST_LETTERS or next(page.get_objects(), None) is None:
        return Words(f"{text}\n\n")
    if tesseract is None:
        return Words(f"{text}\n\n", lacking=NEEDS_TESSERACT)
    width, height = page.get_size()
    scale = min(_SCALE, (READ_AT / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        return Words(f"{recognise(tesseract, bitmap.to_pil())}\n\n", from_image=True)
    except TimeoutExpired:
        return Words("", lacking=f"has an image on page {number} that takes too long to recognise")
    finally:
        bitmap.close()


def _text(page: "PdfPage") -> str:
    """Return what can be copied from a page; a word hyphenated at the end of a line is one word."""
    written = page.get_textpage()
    try:
        text: str = written.get_text_bounded()
    finally:
        written.close()
    return text.replace("\ufffe\r\n", "").replace("\ufffe", "").replace("\r\n", "\n")


READER = PdfReader()
