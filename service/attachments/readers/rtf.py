"""Rich text. Out: its text without formatting."""

from collections.abc import Callable, Iterator

from service.attachments.reader import Given, Words


class RtfReader:
    """Reads `.rtf`, also where an old Word named it `.doc`."""

    name = "rtf-1"
    media_types = frozenset({"application/rtf", "text/rtf", "text/richtext", "application/msword"})
    endings = frozenset({".rtf", ".doc"})

    def fits(self, content: bytes) -> bool:
        """Say whether it begins as rich text does."""
        return content.startswith(b"{\\rtf")

    def read(self, given: Given) -> Iterator[Words]:
        """Yield all of it; letters outside ASCII are escapes, in charsets that the text itself names."""
        from striprtf import striprtf

        to_text: Callable[..., str] = striprtf.rtf_to_text
        yield Words(to_text(given.content.decode("latin-1"), errors="replace"))


READER = RtfReader()
