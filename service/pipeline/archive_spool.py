"""Archive the mails that an SMTP intake has accepted. In: a spool. Never: removes what the archive has not.

A mail is removed from the disk after the commit; where the process is killed between the two, it is archived
again, as known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from service import clock
from service.archive.envelopes import add_recipients, keep_reports
from service.archive.keep import Keeper, Kept
from service.db.session import Session
from service.intake.folders import (
    Accounted,
    Checked,
    Place,
    Progress,
    account,
    count_present,
    note_checked,
    open_folder,
)
from service.intake.smtp_settings import SmtpSettings
from service.intake.source import Outcome
from service.intake.spool import Spool, Spooled
from service.pipeline.archive_batch import archive_batch
from service.pipeline.prepared import prepare
from service.pipeline.run import Run
from service.sources.journal import Journaled, read_journal
from service.sources.mime import read_mail
from service.sources.raw_message import AddressKind, RawAddress, RawMessage, Unreadable

BATCH_RECORDS = 500
BATCH_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Taken:
    """A mail from the spool, read."""

    number: int
    raw: RawMessage
    report: bytes | None = None
    """The journal report that carried it."""


@dataclass(slots=True)
class SpoolRun:
    """One run over the spool."""

    run: Run
    spool: Spool
    settings: SmtpSettings
    keeper: Keeper | None = None
    progress: Progress | None = None

    def archive(self) -> None:
        """Archive what waits, in the order in which it came. Raises OSError where the spool is unusable."""
        for numbers in self.spool.batches(BATCH_RECORDS, BATCH_BYTES):
            self._archive(list(self._spooled(numbers)))

    def _spooled(self, numbers: Sequence[int]) -> Iterator[Spooled]:
        for number in numbers:
            try:
                yield self.spool.read(number)
            except OSError as error:
                self.run.fall_short(
                    f"A mail that was accepted cannot be read from {self.spool.folder} ({number}): "
                    f"{error.strerror or error}; check the disk."
                )

    def _archive(self, spooled: Sequence[Spooled]) -> None:
        read = [self._read(one) for one in spooled]
        taken = [one for one in read if isinstance(one, _Taken)]
        import_id = self.run.import_id()
        with self.run.recording() as session:
            progress, keeper = self._open(session, import_id)
            kept = archive_batch(session, keeper, [prepare(one.raw) for one in taken])
            self._note_envelopes(session, keeper, taken, kept)
            outcomes = _archived(taken, kept)
            for one, found in zip(spooled, read, strict=True):
                if isinstance(found, Unreadable):
                    self.run.quarantine(session, import_id, found)
                    outcomes.append(Accounted(one.number, Outcome.REFUSED, why=found.why))
            account(session, progress.folder_id, outcomes)
            came = count_present(session, progress.folder_id)
            note_checked(session, progress.folder_id, Checked(came), self.run.now)
        self.spool.remove([one.number for one in spooled])
        self.run.count(kept)

    def _open(self, session: Session, import_id: int) -> tuple[Progress, Keeper]:
        if self.progress is None:
            address = self.settings.address
            place = Place(self.run.source.id, address, "", 1, address, "smtp")
            self.progress = open_folder(session, place, import_id, self.run.now)
        if self.keeper is None:
            zone = ZoneInfo(self.run.house.settings.zone)
            self.keeper = Keeper(self.run.house.blobs, self.progress.file_id, zone, clock.now())
        return self.progress, self.keeper

    def _read(self, spooled: Spooled) -> _Taken | Unreadable:
        where = f"{self.settings.address}/{spooled.number}"
        if spooled.envelope is None:
            return Unreadable(where, "was damaged on the disk before it was archived", spooled.data)
        journal = read_journal(spooled.data)
        mail = journal.mail if journal else spooled.data
        found = read_mail(mail, format_name="smtp", position=spooled.number, where=where)
        if isinstance(found, Unreadable):
            return replace(found, original=spooled.data)
        raw = replace(found, internal_at=spooled.envelope.received_at)
        if journal:
            return _Taken(spooled.number, _as_reported(raw, journal), spooled.data)
        told = [one.lower() for one in spooled.envelope.recipients if "@" in one]
        others = [RawAddress(AddressKind.MAIL, one) for one in told if one not in self.settings.own]
        return _Taken(spooled.number, replace(raw, bcc=raw.bcc + _unnamed(raw, others)))

    def _note_envelopes(self, session: Session, keeper: Keeper, taken: Sequence[_Taken], kept: Kept) -> None:
        """Keep what only this copy tells, also where another source had brought the message before."""
        told = list(zip(kept.ids, taken, strict=True))
        add_recipients(session, keeper.people, [(message_id, one.raw) for message_id, one in told])
        reports = [(message_id, one.number, one.report) for message_id, one in told if one.report is not None]
        keep_reports(session, keeper.blobs, keeper.file_id, reports)


def _archived(taken: Sequence[_Taken], kept: Kept) -> list[Accounted]:
    fresh = {one.id for one in kept.new}
    return [
        Accounted(one.number, Outcome.ARCHIVED if message_id in fresh else Outcome.KNOWN, message_id)
        for one, message_id in zip(taken, kept.ids, strict=True)
    ]


def _as_reported(raw: RawMessage, journal: Journaled) -> RawMessage:
    return replace(
        raw,
        to=raw.to + _unnamed(raw, journal.to),
        cc=raw.cc + _unnamed(raw, journal.cc),
        bcc=raw.bcc + _unnamed(raw, journal.bcc),
    )


def _unnamed(raw: RawMessage, recipients: Sequence[RawAddress]) -> tuple[RawAddress, ...]:
    """Return those whom the header does not name."""
    named = {one.value for one in (*raw.to, *raw.cc, *raw.bcc)}
    return tuple({one.value: one for one in recipients if one.value not in named}.values())
