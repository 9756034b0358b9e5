"""Fetch and read batches while the one before is archived. In: an open folder. Out: FetchedBatch.

One thread fetches ahead by one batch and another has it read, so the server never waits for our disk nor we
for the server; memory holds four batches at most.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from service.errors import SourceError, Throttled, Unreachable
from service.pipeline.prepared import Prepared
from service.pipeline.read_bodies import BodyReader
from service.sources.imap.mailbox import Fetched, Listed
from service.sources.imap.session import Mailbox
from service.sources.raw_message import Unreadable

BATCH_MESSAGES = 500
BATCH_BYTES = 8 * 1024 * 1024
NO_SIZE_BYTES = 1024 * 1024
"""What a message is counted as whose size the server does not tell: memory must hold them all the same."""
AHEAD = 2
"""Batches on the way while one is archived: one is fetched, one is read."""

Deaths = Counter[tuple[int, int]]
"""How often a connection died while a message, by folder and UID, was on its way."""
DEATHS = 2
"""So often; then the message itself is taken for the reason and left out."""

Batch = Sequence[Listed]


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """A batch with what came of it."""

    asked: Batch
    given: Sequence[tuple[Fetched, Prepared | Unreadable]]
    """By UID; those that the server did not give are left out."""

    @property
    def not_given(self) -> list[Listed]:
        """Return what the server lists and did not give."""
        given = {one.uid for one, _ in self.given}
        return [one for one in self.asked if one.uid not in given]


def fetch_ahead(
    mailbox: Mailbox, folder_id: int, listed: Iterable[Listed], deaths: Deaths, reader: BodyReader
) -> Iterator[FetchedBatch]:
    """Yield each batch with its messages, read."""
    fetcher = _Fetcher(mailbox, folder_id, deaths)
    pending: deque[tuple[Future[list[Fetched]], Future[FetchedBatch]]] = deque()
    with (
        ThreadPoolExecutor(1, thread_name_prefix="read") as reading,
        ThreadPoolExecutor(1, thread_name_prefix="fetch") as fetching,
    ):
        try:
            for batch in batches(folder_id, listed, deaths):
                fetched = fetching.submit(fetcher.fetch, batch)
                pending.append((fetched, reading.submit(_read, reader, batch, fetched)))
                if len(pending) > AHEAD:
                    yield pending.popleft()[1].result()
            while pending:
                yield pending.popleft()[1].result()
        finally:
            for fetched, found in pending:
                fetched.cancel()
                found.cancel()


def batches(folder_id: int, listed: Iterable[Listed], deaths: Deaths) -> Iterator[Batch]:
    """Cut by count and by bytes; a message with which a connection died goes alone."""
    batch: list[Listed] = []
    size = 0
    for one in listed:
        alone, its_size = deaths[folder_id, one.uid] > 0, one.size or NO_SIZE_BYTES
        if batch and (alone or len(batch) >= BATCH_MESSAGES or size + its_size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size = BATCH_BYTES if alone else size + its_size
    if batch:
        yield batch


def _read(reader: BodyReader, batch: Batch, fetched: Future[list[Fetched]]) -> FetchedBatch:
    given = fetched.result()
    return FetchedBatch(batch, list(zip(given, reader.read(given), strict=True)))


@dataclass(slots=True)
class _Fetcher:
    """Fetches batch after batch until one fails: those after it find no connection, and are not to blame."""

    mailbox: Mailbox
    folder_id: int
    deaths: Deaths
    failure: SourceError | None = None

    def fetch(self, batch: Batch) -> list[Fetched]:
        if self.failure is not None:
            raise self.failure
        uids = [one.uid for one in batch]
        try:
            by_uid = {one.uid: one for one in self.mailbox.fetch(uids)}
        except SourceError as error:
            self.failure = error
            if isinstance(error, Unreachable) and not isinstance(error, Throttled):
                self.deaths.update((self.folder_id, uid) for uid in uids)
            raise
        return [by_uid[uid] for uid in sorted(by_uid)]
