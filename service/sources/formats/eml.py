"""One mail in one file, as mail programs save it. In: a file. Out: one RawMessage or Unreadable."""

from collections.abc import Iterator

from service.sources.mail_shape import is_envelope, mail_likeness
from service.sources.mime import read_mail
from service.sources.raw_message import Record, Unreadable
from service.sources.source import Export, Sample
from service.sources.whole_file import read_whole


class Eml:
    """A single mail (RFC 5322)."""

    name = "eml"
    label = "Mail in a file (eml)"
    channel = "email"

    def score(self, sample: Sample) -> float:
        """Score the shape of the header; a file that starts with `From ` is rather an mbox."""
        if sample.is_folder:
            return 0.0
        likeness = mail_likeness(sample.head)
        if is_envelope(sample.head[:4096]):
            return likeness / 2
        return min(1.0, likeness + 0.1) if likeness and sample.path.suffix.lower() == ".eml" else likeness

    def read(self, export: Export) -> Iterator[Record]:
        """Yield the mail of the file."""
        data = read_whole(export.path, export.place)
        yield (
            data
            if isinstance(data, Unreadable)
            else read_mail(data, format_name=self.name, position=0, where=export.place)
        )


SOURCE = Eml()
