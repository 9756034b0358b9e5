"""A record of a batch, with what the archive finds out about it before it is kept."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.archive.alike import alike_key, minute_of, words_of
from service.archive.chats import Place
from service.archive.identity import key_of
from service.archive.times import Times, in_utc
from service.sources.raw_message import RawMessage


@dataclass(slots=True)
class Incoming:
    """A record on its way in."""

    raw: RawMessage
    times: Times
    place: Place | None
    """Where its chat is kept; None for mail."""
    identity: str
    zone: ZoneInfo
    """In which times without an offset are read."""

    @property
    def minute(self) -> int | None:
        """Return the minute that its copies share; None where it has no time of its own."""
        return minute_of(self.times)

    @property
    def said(self) -> str:
        """Return the words that its copies share."""
        return words_of(self.raw)

    @property
    def alike(self) -> int | None:
        """Return the key that its copies share; None for mail, and without a time."""
        minute = self.minute
        if self.place is None or minute is None:
            return None
        return alike_key(self.raw.channel, minute, self.said)

    def utc(self, at: datetime | None) -> datetime | None:
        """Return another time that the record tells."""
        return in_utc(at, self.zone)

    def key(self, external_id: str | None) -> int | None:
        """Return the key of an id in its chat; None for none."""
        if not external_id:
            return None
        return key_of(external_id, self.raw.channel, self.place.name if self.place else "")


@dataclass(frozen=True, slots=True)
class Again:
    """A record of which a copy is kept."""

    message_id: int
    one: Incoming
