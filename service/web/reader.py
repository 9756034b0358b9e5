"""How one reader reads: language, clock, and names of things. In: records. Out: text. Never: markup."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from gettext import GNUTranslations
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_timezone_name
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from service.web.texts import translations
from service.web.words import WORDS, Word


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns records into words in the reader's language and on the reader's clock."""

    language: str
    zone: ZoneInfo
    now: datetime

    @property
    def locale(self) -> str:
        """Return whose dates and numbers are written: English ones as in Europe, with 24 hours."""
        return "en_GB" if self.language == "en" else self.language

    @property
    def texts(self) -> GNUTranslations:
        """Return the translations of the reader's language."""
        return translations(self.language)

    def word(self, group: str, name: str) -> str:
        """Return the label of a status, kind, side, channel or role; an unknown one as it is."""
        known = self._known(group, name)
        return self.texts.gettext(known.label) if known else name.replace("_", " ")

    def meaning(self, group: str, name: str) -> str:
        """Return what a status, kind or role means, in one sentence."""
        known = self._known(group, name)
        return self.texts.gettext(known.meaning) if known and known.meaning else ""

    @staticmethod
    def _known(group: str, name: str) -> Word | None:
        return WORDS[group].get(name)

    def day(self, at: datetime | date) -> str:
        """Return the day as people write it; the year only where it is not this one."""
        local = self._local(at)
        if local.year == self.now.astimezone(self.zone).year:
            return format_skeleton("MMMd", local, locale=self.locale)
        return format_date(local, "medium", locale=self.locale)

    def weekday(self, at: datetime | date) -> str:
        """Return the day with its weekday and year."""
        return format_date(self._local(at), "full", locale=self.locale)

    def clock(self, at: datetime) -> str:
        """Return the time of day."""
        return format_time(at.astimezone(self.zone), "short", tzinfo=self.zone, locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Return day and time of day on the reader's clock."""
        return f"{self.day(at)}, {self.clock(at)}"

    def sender_clock(self, at: datetime, offset_minutes: int | None) -> str:
        """Return the sender's time of day and offset where they are known and not the reader's own."""
        if offset_minutes is None:
            return ""
        offset = timedelta(minutes=offset_minutes)
        if at.astimezone(self.zone).utcoffset() == offset:
            return ""
        sign, total = ("−" if offset_minutes < 0 else "+"), abs(offset_minutes)
        there = (at + offset).strftime("%H:%M")
        return f"{there} UTC{sign}{total // 60:02d}:{total % 60:02d}"

    def due(self, due: date | datetime) -> str:
        """Return a due day, or day and time where one was given."""
        if isinstance(due, datetime):
            # A promise keeps the promiser's clock: `due` carries their offset, not the reader's.
            shown = format_time(due.time(), "short", locale=self.locale)
            return f"{self.day(due.date())}, {shown}"
        return self.day(due)

    def is_past(self, due: date | datetime) -> bool:
        """Say whether a due day or instant is over."""
        if isinstance(due, datetime):
            return due.replace(tzinfo=due.tzinfo or self.zone) < self.now
        return due < self.now.astimezone(self.zone).date()

    def ago(self, at: datetime) -> str:
        """Return how long ago it was, roughly."""
        return format_timedelta(at - self.now, add_direction=True, locale=self.locale)

    def lasted(self, seconds: int) -> str:
        """Return a length of talk as people say it."""
        if seconds < 60:
            return self._unit(seconds, "second")
        hours, minutes = divmod(round(seconds / 60), 60)
        parts = [(hours, "hour"), (minutes, "minute")]
        return " ".join(self._unit(count, unit) for count, unit in parts if count)

    def number(self, value: int) -> str:
        """Return a whole number with the language's separators."""
        return str(format_decimal(value, locale=self.locale))

    def percent(self, share: float) -> str:
        """Return a share of 1 in percent."""
        return str(format_percent(share, locale=self.locale))

    def size(self, count: int) -> str:
        """Return a number of bytes, roughly."""
        for unit, power in (("GB", 3), ("MB", 2), ("kB", 1)):
            if count >= 1000**power:
                shown = format_decimal(count / 1000**power, "#,##0.#", locale=self.locale)
                return f"{shown}\N{NO-BREAK SPACE}{unit}"
        return f"{self.number(count)}\N{NO-BREAK SPACE}B"

    def zone_name(self) -> str:
        """Return the name of the reader's zone."""
        return str(get_timezone_name(self.zone, locale=self.locale))

    def _unit(self, count: int, unit: str) -> str:
        return format_unit(count, f"duration-{unit}", length="short", locale=self.locale)

    def _local(self, at: datetime | date) -> datetime | date:
        return at.astimezone(self.zone) if isinstance(at, datetime) else at
