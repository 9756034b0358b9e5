"""Bring one folder of a mailbox up to date. In: an open mailbox. Never: changes it, leaves a UID unaccounted.

The mark (`uid_next`) is raised in the transaction that archives the batch. What the mark cannot tell
(deletions, gaps, another numbering) shows when the server's count is not ours; then, and once a day, the
whole list is compared.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from service import clock
from service.archive.keep import Keeper, Kept
from service.db.bulk import chunks
from service.db.session import Session, reading
from service.errors import Unreachable
from service.intake.folders import (
    Accounted,
    Checked,
    Place,
    Progress,
    account,
    count_present,
    forget_numbering,
    known_folder,
    mark_gone,
    message_ids,
    note_checked,
    open_folder,
    present_uids,
    raise_mark,
    relabel,
    to_try_again,
)
from service.intake.source import Outcome
from service.ledger.append import append
from service.ledger.entry import Fact
from service.pipeline.archive_batch import archive_batch
from service.pipeline.fetch_ahead import DEATHS, Deaths, FetchedBatch, fetch_ahead
from service.pipeline.prepared import Prepared
from service.pipeline.read_bodies import BodyReader
from service.pipeline.run import ACTOR, Run
from service.sources.imap.mailbox import Changes, Fetched, Folder, FolderStatus, Listed
from service.sources.imap.session import Mailbox
from service.sources.mail_shape import LARGEST_MAIL
from service.sources.raw_message import Unreadable

RECONCILE_EVERY = timedelta(days=1)
LOOKED_AT_AGAIN = 100
"""Messages of one step back into a folder whose server was set back."""
SIZE_BITS = 31
DRAFT = "\\Draft"
NOT_GIVEN = "the server lists it and does not give it"

Packed = npt.NDArray[np.uint64]
"""UIDs with their sizes in the low bits, sorted: eight bytes a message, for folders of millions."""


@dataclass(slots=True)
class FolderSync:
    """The work on one folder in one run."""

    run: Run
    mailbox: Mailbox
    folder: Folder
    address: Callable[[int], str]
    """Gives the folder's IMAP URL for a UIDVALIDITY."""
    deaths: Deaths
    drafts: bool = False
    """Gmail's All Mail holds drafts too: without this they are left out."""
    not_given: int = 0
    """Messages of this run that the server lists and that are not here."""
    place: Place = field(init=False)
    keeper: Keeper | None = None
    is_reconciled: bool = False
    is_set_back: bool = False
    """The server counts on from where it was before: UIDs that we know may be those of other messages."""
    lowered_to: int | None = None

    def sync(self) -> FolderStatus:
        """Fetch what is new, find what is gone, compare the whole list where that is due."""
        status = self.mailbox.examine(self.folder)
        progress = self._open(status)
        self.is_set_back = (status.uid_next or progress.uid_next) < progress.uid_next or (
            (status.modseq or 0) < (progress.modseq or 0)
        )
        if progress.modseq is not None and status.uid_validity:
            self._take(progress, self.mailbox.changes(progress.modseq))
        self._bring(progress, self._new(progress), status.uid_next or 0)
        if self._is_reconciling(progress, status):
            status = self._reconcile(progress)
        self._note(progress, status)
        return status

    def _open(self, status: FolderStatus) -> Progress:
        place = self.place = Place(
            self.run.source.id,
            self.folder.name,
            self.folder.special,
            status.uid_validity,
            self.address(status.uid_validity),
        )
        with reading(self.run.house.engine) as session:
            known = known_folder(session, place)
        if known is None:
            self.run.import_id()
        with self.run.recording() as session:
            if known is not None and not status.uid_validity:
                forget_numbering(session, known.folder_id)
            return open_folder(session, place, self.run.report.import_id or 0, self.run.now)

    def _new(self, progress: Progress) -> Iterator[Listed]:
        return _unpacked(_packed(self.mailbox.listing(above=progress.uid_next - 1)))

    # Fetching

    def _bring(self, progress: Progress, listed: Iterable[Listed], uid_next: int = 0) -> None:
        """Fetch and archive; afterwards every UID below `uid_next` is accounted for."""
        wanted = self._without_hopeless(progress, listed)
        with BodyReader(self.place.address) as reader:
            for batch in fetch_ahead(self.mailbox, progress.folder_id, wanted, self.deaths, reader):
                self._archive(progress, batch)
        if uid_next > progress.uid_next:
            with self.run.recording() as session:
                raise_mark(session, progress.folder_id, uid_next)

    def _without_hopeless(self, progress: Progress, listed: Iterable[Listed]) -> Iterator[Listed]:
        for one in listed:
            self.run.report.expected += 1
            if one.size > LARGEST_MAIL:
                self._fail(progress, one.uid, f"is larger than {LARGEST_MAIL // 1024**2} MiB: not fetched")
            elif self.deaths[progress.folder_id, one.uid] >= DEATHS:
                self._fail(progress, one.uid, "the connection broke off each time it was asked for")
            else:
                yield one

    def _fail(self, progress: Progress, uid: int, why: str) -> None:
        with self.run.recording() as session:
            account(session, progress.folder_id, [Accounted(uid, Outcome.FAILED, why=why)])
        self.not_given += 1

    def _archive(self, progress: Progress, batch: FetchedBatch) -> None:
        mails, refused = self._sorted(batch)
        import_id = self.run.import_id()
        keeper = self._keeper(progress)
        with self.run.recording() as session:
            kept = archive_batch(session, keeper, [one for _, one in mails])
            for _, found in refused:
                if found.original is not None:
                    self.run.quarantine(session, import_id, found)
            outcomes = [
                *_archived(mails, kept),
                *(Accounted(one.uid, Outcome.REFUSED, why=found.why) for one, found in refused),
                *(
                    Accounted(one.uid, Outcome.FAILED, why=self.mailbox.refused.get(one.uid, NOT_GIVEN))
                    for one in batch.not_given
                ),
            ]
            account(session, progress.folder_id, outcomes)
            raise_mark(session, progress.folder_id, max(one.uid for one in batch.asked) + 1)
        self.not_given += len(batch.not_given)
        self.run.count(kept)

    def _sorted(
        self, batch: FetchedBatch
    ) -> tuple[list[tuple[Fetched, Prepared]], list[tuple[Fetched, Unreadable]]]:
        mails: list[tuple[Fetched, Prepared]] = []
        refused: list[tuple[Fetched, Unreadable]] = []
        for one, found in batch.given:
            if isinstance(found, Unreadable):
                refused.append((one, found))
            elif DRAFT in (one.labels or ()) and not self.drafts:
                where = f"{self.place.address}/;UID={one.uid}"
                refused.append((one, Unreadable(where, "is a draft: left out")))
            else:
                mails.append((one, found))
        return mails, refused

    def _keeper(self, progress: Progress) -> Keeper:
        now = clock.now()
        if self.keeper is None or self.keeper.file_id != progress.file_id:
            zone = ZoneInfo(self.run.house.settings.zone)
            self.keeper = Keeper(self.run.house.blobs, progress.file_id, zone, now)
        self.keeper.seen_at = now
        return self.keeper

    # What the server no longer has

    def _take(self, progress: Progress, changes: Changes | None) -> None:
        if changes is None or not (changes.vanished or changes.labels):
            return
        with self.run.recording() as session:
            self._mark_gone(session, progress, changes.vanished)
            relabel(session, progress.folder_id, changes.labels)

    def _mark_gone(self, session: Session, progress: Progress, uids: Collection[int]) -> None:
        gone = mark_gone(session, progress.folder_id, uids, self.run.now)
        self.run.report.gone += len(gone)
        for some in chunks(list(gone.items())):
            body = {"file": progress.file_id, "messages": [[uid, message] for uid, message in some]}
            subject = f"folder:{progress.folder_id}:{some[0][0]}"
            append(session, [Fact("messages.gone", subject, body, ACTOR)])

    # Comparing everything

    def _is_due(self, progress: Progress) -> bool:
        return self.run.reconcile or is_due(progress, self.run.now)

    def _is_reconciling(self, progress: Progress, status: FolderStatus) -> bool:
        if self.not_given or self.is_set_back or self.run.reconcile:
            return True
        with reading(self.run.house.engine) as session:
            agrees = count_present(session, progress.folder_id) == status.messages
            if not agrees or to_try_again(session, progress.folder_id):
                return True
        # A folder that was begun in this run has been listed whole a moment ago.
        self.is_reconciled = progress.uid_next == 1
        return not self.is_reconciled and is_due(progress, self.run.now)

    def _reconcile(self, progress: Progress) -> FolderStatus:
        """Compare the server's list with ours, fetch what is missing, and mark what is gone."""
        status = self.mailbox.examine(self.folder)
        if status.uid_validity != self.place.uid_validity:
            raise Unreachable(f"{self.folder.name} was numbered anew in this moment; it is begun again.")
        there = _packed(self.mailbox.listing())
        with reading(self.run.house.engine) as session:
            ours = np.fromiter(present_uids(session, progress.folder_id), np.uint64)
            again = to_try_again(session, progress.folder_id, every=self._is_due(progress))
        uids = there >> SIZE_BITS
        wanted = ~np.isin(uids, ours) | np.isin(uids, np.array(again, np.uint64))
        self._bring(progress, _unpacked(there[wanted]))
        top = max([0, *uids[-1:].tolist()])
        # One that lists UIDs from its own UIDNEXT on does not know where it is, and says so each time.
        if self.is_set_back and top < (status.uid_next or top + 1):
            self._look_back(progress, there[~wanted])
        if len(there) < status.messages:
            # Nothing is gone because a list is short. The count shows what is missing.
            return status
        gone = np.setdiff1d(ours, uids)
        if len(gone):
            with self.run.recording() as session:
                self._mark_gone(session, progress, gone.tolist())
        self.is_reconciled = True
        if self.is_set_back:
            self.lowered_to = max(status.uid_next or 1, top + 1)
        return status

    def _look_back(self, progress: Progress, there: Packed) -> None:
        """Fetch the newest again until a whole step is what it was.

        A server that was restored without a new UIDVALIDITY gives the UIDs of what it lost to what comes
        next: always the highest, so that below the first that are the same nothing else has changed.
        """
        for end in range(len(there), 0, -LOOKED_AT_AGAIN):
            step = list(_unpacked(there[max(0, end - LOOKED_AT_AGAIN) : end]))
            before = self._message_ids(progress, step)
            self._bring(progress, step)
            if self._message_ids(progress, step) == before:
                return

    def _message_ids(self, progress: Progress, listed: Sequence[Listed]) -> dict[int, int | None]:
        with reading(self.run.house.engine) as session:
            return message_ids(session, progress.folder_id, [one.uid for one in listed])

    def _note(self, progress: Progress, status: FolderStatus) -> None:
        checked = Checked(status.messages, status.modseq, self.is_reconciled, lowered_to=self.lowered_to)
        with self.run.recording() as session:
            note_checked(session, progress.folder_id, checked, self.run.now)


def is_due(progress: Progress, now: datetime) -> bool:
    """Say whether the whole list is to be compared again."""
    # A clock that ran ahead must not put it off for years.
    return progress.reconciled_at is None or abs(now - progress.reconciled_at) > RECONCILE_EVERY


def _archived(mails: Sequence[tuple[Fetched, Prepared]], kept: Kept) -> Iterator[Accounted]:
    new = {one.id for one in kept.new}
    for (one, _), message_id in zip(mails, kept.ids, strict=True):
        outcome = Outcome.ARCHIVED if message_id in new else Outcome.KNOWN
        new.discard(message_id)
        yield Accounted(one.uid, outcome, message_id, labels=one.labels, thread=one.thread)


def _packed(listed: Iterable[Listed]) -> Packed:
    largest = (1 << SIZE_BITS) - 1
    packed = array("Q", (one.uid << SIZE_BITS | min(one.size, largest) for one in listed))
    return np.unique(np.frombuffer(packed, np.uint64))


def _unpacked(packed: Packed) -> Iterator[Listed]:
    mask = (1 << SIZE_BITS) - 1
    for one in packed:
        yield Listed(int(one) >> SIZE_BITS, int(one) & mask)
