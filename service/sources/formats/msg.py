"""One Outlook item in one file, as Outlook saves it or drags it out: a mail, a meeting, whatever it keeps.

In: a file. Out: one RawMessage or Unreadable; `original` is the file byte for byte, the mail read out of it
is reconstructed. Never: takes another compound file (doc, xls, Thumbs.db) for a mail.
"""

from collections.abc import Iterator
from dataclasses import replace

from service.sources.msg_file import PROPERTIES, SIGNATURE, is_msg, read_msg
from service.sources.outlook import read_item
from service.sources.raw_message import Record, Unreadable
from service.sources.source import Export, Sample
from service.sources.whole_file import read_whole


class Msg:
    """A single item of Outlook."""

    name = "msg"
    label = "Outlook message in a file (msg)"
    channel = "email"
    holds_open = True

    def score(self, sample: Sample) -> float:
        """Score the directory of the compound file, which names its streams and can lie behind the sample."""
        if sample.is_folder or not sample.head.startswith(SIGNATURE):
            return 0.0
        named = PROPERTIES.encode("utf-16-le") in sample.head
        return 0.95 if named or is_msg(str(sample.path)) else 0.0

    def read(self, export: Export) -> Iterator[Record]:
        """Yield the item of the file."""
        data = read_whole(export.path, export.place)
        yield data if isinstance(data, Unreadable) else self._read(data, export.place)

    def _read(self, data: bytes, place: str) -> Record:
        try:
            item = read_msg(data)
        except OSError as error:
            return Unreadable(
                place, f"is no msg file that can be read: {error}; save it in Outlook again", data
            )
        record = read_item(item, format_name=self.name, position=0, where=place)
        if isinstance(record, Unreadable):
            return replace(record, original=data)
        # The bytes of attachments are scattered over the file, so they are kept on their own.
        attachments = tuple(replace(one, in_original=False) for one in record.attachments)
        return replace(record, original=data, attachments=attachments)


SOURCE = Msg()
