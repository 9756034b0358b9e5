"""Texts and slides of LibreOffice. Out: the words of their paragraphs; deleted words are left out."""

from collections.abc import Iterator

from service.attachments.reader import Given, Words
from service.attachments.zipped import Marks, is_zip, open_document, text_of

_MARKS = Marks(
    kept=frozenset({"p", "h"}),
    ends={"p": "\n", "h": "\n", "tab": "\t", "line-break": "\n", "s": " "},
    skipped=frozenset({"tracked-changes"}),
)


class OdtReader:
    """Reads `.odt` and `.odp`; headers and footers are among the styles."""

    name = "odt-1"
    media_types = frozenset(
        {
            "application/vnd.oasis.opendocument.text",
            "application/vnd.oasis.opendocument.text-template",
            "application/vnd.oasis.opendocument.presentation",
        }
    )
    endings = frozenset({".odt", ".ott", ".odp"})

    def fits(self, content: bytes) -> bool:
        """Say whether it is a zip that holds an OpenDocument other than a table."""
        return (
            is_zip(content) and b"content.xml" in content and b"opendocument.spreadsheet" not in content[:200]
        )

    def read(self, given: Given) -> Iterator[Words]:
        """Yield the text as it is read."""
        with open_document(given.content) as document:
            for name in ("content.xml", "styles.xml"):
                yield from map(Words, text_of(document, name, _MARKS))


READER = OdtReader()
