"""Documents of Word. Out: body, tables, text boxes, headers, footers, notes and comments.

The XML is read directly: libraries for editing leave out content controls, text boxes and inserted words of
tracked changes, and refuse documents whose unused parts are broken. Deleted words are in other elements.
"""

import re
from collections.abc import Iterator

from service.attachments.reader import Given, Words
from service.attachments.zipped import Marks, is_zip, open_document, text_of

_MARKS = Marks(
    kept=frozenset({"t"}),
    ends={"p": "\n", "tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    skipped=frozenset({"Fallback", "moveFrom"}),
)
_BESIDE = re.compile(r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml")


class DocxReader:
    """Reads `.docx` and its kin with macros and as a template."""

    name = "docx-1"
    media_types = frozenset(
        {
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
            "application/vnd.ms-word.document.macroenabled.12",
        }
    )
    endings = frozenset({".docx", ".docm", ".dotx"})

    def fits(self, content: bytes) -> bool:
        """Say whether it is a zip with Word's body in it."""
        return is_zip(content) and b"word/document" in content

    def read(self, given: Given) -> Iterator[Words]:
        """Yield the body first, as it is read."""
        with open_document(given.content) as document:
            bodies = [name for name in document.namelist() if re.fullmatch(r"word/document\d*\.xml", name)]
            for name in (*bodies, *sorted(filter(_BESIDE.fullmatch, document.namelist()))):
                yield from map(Words, text_of(document, name, _MARKS))
                yield Words("\n")


READER = DocxReader()
