"""Read the calendar part of a mail (iTIP: RFC 5545 and 5546, as Outlook, Google, Apple and Yandex write it).

In: the text of a `text/calendar` part. Out: CalendarEvent; None where it holds no event that can be read.
Never: raises on what it finds; invents a zone: a time whose zone is not known stays floating.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from service.sources.meeting import Meeting

if TYPE_CHECKING:
    from icalendar import Calendar

METHODS = frozenset({"request", "cancel", "reply", "counter", "publish"})
"""RFC 5546, 1.4; ADD, REFRESH and DECLINECOUNTER are sent by no mail program of today."""
LARGEST = 512 * 1024
"""Characters: an invitation takes 2 to 20 KB; what is larger is an exported calendar."""
_MOST_GUESTS = 500
_ADDRESS = re.compile(r"^mailto:", re.IGNORECASE)
# Exchange writes its own zone names, colon and all, without the quotes that RFC 5545, 3.2 asks for.
_BARE_ZONE = re.compile(
    r"^(DT(?:START|END)[^:\n]*;TZID=)([^\"\n]*:[^\n]*?)(:\d{8}T\d{6}Z?\r?)$", re.MULTILINE
)
# RFC 5545, 3.2.19: `/mozilla.org/20070129_1/Europe/Warsaw` is Europe/Warsaw of that vendor.
_VENDOR_ZONE = re.compile(r"TZID=\"?/[^\":;\n]*?/([A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?)\"?(?=[:;])")
_LINE = re.compile(r"[A-Za-z0-9-]+(?:;[^\r\n]*)?:[^\r\n]*\Z")
_METHOD = re.compile(r"^METHOD:[A-Za-z]{1,20}", re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]")
_SPACE = re.compile(r"\s+")
_NO_GUESTS = frozenset({"ROOM", "RESOURCE"})
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour"}
_DAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday"} | {
    "SA": "Saturday",
    "SU": "Sunday",
}
_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "last but one"}


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody invited, or the organiser."""

    address: str
    """In lower case; empty where the calendar gives no mail address."""
    name: str
    answer: str = ""
    """PARTSTAT in lower case: accepted, declined, tentative, delegated; empty while there is none."""
    is_person: bool = True


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """The first event of a calendar part."""

    method: str
    uid: str
    summary: str
    location: str
    description: str
    organiser: Guest | None
    guests: tuple[Guest, ...]
    start: date | datetime | None
    """Aware where the zone is known, naive where the time floats, a date for a whole day."""
    lasts: timedelta | None
    repeats: str
    """The recurrence in words; empty for a single meeting."""
    occurrence: str = ""
    """RECURRENCE-ID: which one of a series it speaks of."""

    @property
    def meeting(self) -> Meeting:
        """Return what later stages need to know of it."""
        host = self.organiser.address if self.organiser else ""
        invited = [one for one in self.guests if one.is_person and not (host and one.address == host)]
        coming = sum(one.answer != "declined" for one in invited)
        answered = next((one.answer for one in self.guests if one.answer), "")
        start = self.start.astimezone(UTC) if isinstance(self.start, datetime) and self.start.tzinfo else None
        return Meeting(
            method=self.method,
            start=start or self.start,
            key=_key(self.uid or f"{self.summary} {self.start}", self.occurrence),
            answer=answered if self.method == "reply" else "",
            # Some programs leave the list out; whoever got the mail was invited.
            guests=coming if self.guests else int(self.method == "request"),
            summary=self.summary,
        )


def read_calendar(text: str, method: str = "") -> CalendarEvent | None:
    """Read the first event; `method` is that of the Content-Type, else the calendar's own counts."""
    if len(text) > LARGEST:
        return None
    calendar = _parsed(text)
    if calendar is None:
        return None
    event = calendar.walk("VEVENT")[0]
    start = _moment(event, "DTSTART")
    if start is None and not event.get("SUMMARY"):
        return None
    return CalendarEvent(
        method=method or _line(calendar, "METHOD").lower(),
        uid=_line(event, "UID"),
        summary=_line(event, "SUMMARY"),
        location=_line(event, "LOCATION"),
        description=str(_first(event, "DESCRIPTION") or "").strip(),
        organiser=next(_guests(event, "ORGANIZER"), None),
        guests=tuple(_guests(event, "ATTENDEE")),
        start=start,
        lasts=_lasts(event, start),
        repeats=_repeats(event),
        occurrence=str(_moment(event, "RECURRENCE-ID") or ""),
    )


def account(event: CalendarEvent) -> str:
    """Return the meeting in a few lines, for a mail that says nothing itself."""
    people = ", ".join(map(_shown, event.guests))
    lines = [
        ("Meeting", event.summary),
        ("When", _when(event)),
        ("Repeats", event.repeats),
        ("Where", event.location),
        ("Organiser", _shown(event.organiser) if event.organiser else ""),
        ("Invited", people),
    ]
    known = "\n".join(f"{name}: {value}" for name, value in lines if value)
    return "\n\n".join(filter(None, (known, event.description)))


def _parsed(text: str) -> "Calendar | None":
    """Parse, and where that finds no event parse only the lines of the first event that are lines at all."""
    # Loading it takes a third of a second; most runs meet no calendar.
    from icalendar import Calendar

    text = _BARE_ZONE.sub(r'\1"\2"\3', text.lstrip("\ufeff \r\n\t"))
    text = _VENDOR_ZONE.sub(r"TZID=\1", text)
    for candidate in (text, _mended(text)):
        try:
            found = Calendar.from_ical(candidate, multiple=True)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
            continue  # icalendar parses leniently, but not everything
        calendar = next((one for one in found if isinstance(one, Calendar) and one.walk("VEVENT")), None)
        if calendar is not None:
            return calendar
    return None


def _mended(text: str) -> str:
    unfolded = _FOLD.sub("", text)
    _, _, inside = unfolded.partition("BEGIN:VEVENT")
    event = inside.partition("END:VEVENT")[0].partition("BEGIN:VALARM")[0]
    lines = [line for line in event.splitlines() if _LINE.match(line) and not line.startswith("END:")]
    method = _METHOD.findall(unfolded)[:1]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", *method, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    )


def _first(component: Any, name: str) -> Any:
    """Return the first property of that name: broken calendars repeat what may stand once."""
    value = component.get(name)
    return value[0] if isinstance(value, list) and value else value


def _line(component: Any, name: str) -> str:
    return _SPACE.sub(" ", str(_first(component, name) or "")).strip()[:1000]


def _moment(event: Any, name: str) -> date | datetime | None:
    try:
        moment = _first(event, name).dt
        if isinstance(moment, datetime) and moment.tzinfo:
            moment.astimezone(UTC)  # year 1 or 9999 beyond an offset
    except (ValueError, AttributeError, OverflowError):
        return None
    return moment if isinstance(moment, date) else None


def _lasts(event: Any, start: date | datetime | None) -> timedelta | None:
    end = _moment(event, "DTEND")
    try:
        lasts = end - start if end is not None and start is not None else _first(event, "DURATION").dt
    except (ValueError, AttributeError, TypeError, OverflowError):
        return None  # one is a day and the other an instant, or only one floats
    return lasts if isinstance(lasts, timedelta) and lasts > timedelta() else None


def _guests(event: Any, name: str) -> Iterator[Guest]:
    value = event.get(name)
    several = value if isinstance(value, list) else [] if value is None else [value]
    for one in several[:_MOST_GUESTS]:
        parameters = getattr(one, "params", {})
        text = _SPACE.sub("", str(one))
        answer = str(parameters.get("PARTSTAT", "")).lower()
        yield Guest(
            address=_ADDRESS.sub("", text).lower() if "@" in text else "",
            name=_SPACE.sub(" ", str(parameters.get("CN", ""))).strip(" '\""),
            answer="" if answer == "needs-action" else answer[:20].replace(" ", ""),
            is_person=str(parameters.get("CUTYPE", "")).upper() not in _NO_GUESTS,
        )


def _key(uid: str, occurrence: str) -> str:
    return blake2b(f"{uid}\0{occurrence}".encode(errors="replace"), digest_size=8).hexdigest()


def _shown(guest: Guest) -> str:
    who = guest.name or guest.address
    if guest.name and guest.address and guest.name.lower() != guest.address:
        who = f"{guest.name} <{guest.address}>"
    return f"{who} ({guest.answer})" if guest.answer else who


def _when(event: CalendarEvent) -> str:
    start = event.start
    if start is None:
        return ""
    if not isinstance(start, datetime):
        last = start + max((event.lasts or timedelta(days=1)) - timedelta(days=1), timedelta())
        return f"{start}" if last == start else f"{start} to {last}"
    shown = f"{start:%Y-%m-%d %H:%M}"
    if event.lasts:
        try:
            end = start + event.lasts
        except OverflowError:
            return shown
        shown += f"–{end:%H:%M}" if end.date() == start.date() else f" to {end:%Y-%m-%d %H:%M}"
    zone = getattr(start.tzinfo, "key", None) or start.tzname()
    return f"{shown} ({zone})" if zone else shown


def _repeats(event: Any) -> str:
    """Say the rule in words as far as people write such rules; what is beyond stays out.

    RFC 5545, 3.3.10.
    """
    rule = _first(event, "RRULE")
    if not isinstance(rule, dict):
        return ""
    unit = _UNITS.get(str(_first(rule, "FREQ")).upper(), "")
    if not unit:
        return ""
    interval = _first(rule, "INTERVAL") or 1
    words = f"every {unit}" if interval == 1 else f"every {interval} {unit}s"
    days = rule.get("BYDAY", [])
    named = [_day(str(day)) for day in (days if isinstance(days, list) else [days])]
    if named:
        words += f" on {', '.join(named)}"
    until = _first(rule, "UNTIL")
    if isinstance(until, date):
        words += f" until {until:%Y-%m-%d}"
    elif count := _first(rule, "COUNT"):
        words += f", {count} times"
    return words


def _day(code: str) -> str:
    """Return `MO` as Monday and `-1FR` as last Friday."""
    name = _DAYS.get(code[-2:].upper(), code)
    place = code[:-2]
    number = int(place) if place.lstrip("+-").isdecimal() else 0
    return f"{_PLACES[number]} {name}" if number in _PLACES else name
