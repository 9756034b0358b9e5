"""Fetch batches while the one before is archived. In: an open folder. Out: batches with what the server gave.

One thread reads ahead by one batch, so the server never waits for our disk nor we for the server; memory
holds three batches at most.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from service.errors import Throttled, Unreachable
from service.sources.imap.mailbox import Fetched, Listed
from service.sources.imap.session import Mailbox

BATCH_MESSAGES = 500
BATCH_BYTES = 8 * 1024 * 1024
NO_SIZE_BYTES = 1024 * 1024
"""What a message is counted as whose size the server does not tell: memory must hold them all the same."""
AHEAD = 1

Deaths = Counter[tuple[int, int]]
"""How often a connection died while a message, by folder and UID, was on its way."""
DEATHS = 2
"""So often; then the message itself is taken for the reason and left out."""

Batch = Sequence[Listed]


def fetch_ahead(
    mailbox: Mailbox, folder_id: int, listed: Iterable[Listed], deaths: Deaths
) -> Iterator[tuple[Batch, dict[int, Fetched]]]:
    """Yield each batch with its messages by UID; those that the server does not give are left out."""
    pending: deque[tuple[Batch, Future[dict[int, Fetched]]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as reader:
        try:
            for batch in batches(folder_id, listed, deaths):
                pending.append((batch, reader.submit(_fetch, mailbox, folder_id, batch, deaths)))
                if len(pending) > AHEAD:
                    yield _next(pending)
            while pending:
                yield _next(pending)
        finally:
            for _, waiting in pending:
                waiting.cancel()


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


def _next(pending: deque[tuple[Batch, Future[dict[int, Fetched]]]]) -> tuple[Batch, dict[int, Fetched]]:
    batch, arriving = pending.popleft()
    return batch, arriving.result()


def _fetch(mailbox: Mailbox, folder_id: int, batch: Batch, deaths: Deaths) -> dict[int, Fetched]:
    uids = [one.uid for one in batch]
    try:
        return {one.uid: one for one in mailbox.fetch(uids)}
    except Throttled:
        raise
    except Unreachable:
        deaths.update((folder_id, uid) for uid in uids)
        raise
