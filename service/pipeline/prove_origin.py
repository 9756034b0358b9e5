"""Check the signatures of archived mails, and record what came of it with the keys. Never: blocks ingest.

Domains change and withdraw their keys, so this runs right after archiving. Originals are read and DNS is
asked outside of the writing transaction. Each settled mail is an entry of its own, so that its proof shows
nothing of other mails: with the original and the key's entry anybody can check the signature years later.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service import clock
from service.db.session import reading
from service.errors import ArchiveError
from service.ledger.append import append
from service.ledger.entry import Fact
from service.origin import store
from service.origin.judge import judge
from service.origin.signature import Answer, KeptKey, KeptSignature, Origin, Verdict
from service.origin.store import Checked, Waiting
from service.origin.verify import verify
from service.pipeline.installation import Installation, recording

if TYPE_CHECKING:
    from service.origin.dns import Lookup

AT_ONCE = 100
"""Mails settled in one transaction."""
SLICE = 500
"""Mails of one round of background work."""
ACTOR = "origin"

log = logging.getLogger(__name__)

Progress = Callable[[int], None]


def prove_origins(
    house: Installation,
    now: datetime | None = None,
    most: int | None = None,
    progress: Progress = lambda _done: None,
) -> int:
    """Check the mails that wait, up to `most` of them, and return how many there were.

    Where DNS is down the run ends early; what could not be checked waits, and is tried again later.
    """
    now = now or clock.now()
    with reading(house.engine) as session:
        if not store.waiting(session, now, 1, also_not_asked=True):
            return 0
    # Loading what asks DNS takes as long as archiving two hundred mails.
    from service.origin.dns import Lookup

    keys = _Keys(house, Lookup(house.settings.dns))
    done = 0
    while not keys.lookup.is_down and (most is None or done < most):
        limit = AT_ONCE if most is None else min(AT_ONCE, most - done)
        with reading(house.engine) as session:
            mails = store.waiting(session, now, limit, also_not_asked=not keys.lookup.is_off)
        if not mails:
            break
        checked = list(_check(house, mails, keys))
        _settle(house, checked, now)
        done += len(checked)
        progress(done)
    return done


@dataclass(slots=True)
class _Keys:
    """Gives today's answer of DNS, then what it gave before: a key that is gone may fit an older mail."""

    house: Installation
    lookup: "Lookup"
    _kept: dict[str, list[Answer]] = field(default_factory=dict)

    def __call__(self, name: str) -> Iterator[Answer]:
        yield self.lookup(name)
        if name not in self._kept:
            with reading(self.house.engine) as session:
                self._kept[name] = store.kept_keys(session, name)
        yield from self._kept[name]


def _check(house: Installation, mails: Sequence[Waiting], keys: _Keys) -> Iterator[Checked]:
    """Check mails until DNS turns out to be down; those after it keep their place."""
    for mail in mails:
        yield _check_one(house, mail, keys)
        if keys.lookup.is_down:
            return


def _check_one(house: Installation, mail: Waiting, keys: _Keys) -> Checked:
    try:
        with reading(house.engine) as session:
            original = house.blobs.read(session, mail.blob_sha256)
    except ArchiveError:
        # One original that is lost or was changed must not keep all others from being checked.
        log.exception("The signatures of message %d could not be checked", mail.message_id)
        return Checked(mail, Verdict.UNKNOWN if mail.is_last_attempt else Verdict.WAITING, ())
    signatures = tuple(verify(original, keys, mail.received_at))
    author_domain = mail.author.rpartition("@")[2]
    return Checked(mail, judge(signatures, author_domain, final=mail.is_last_attempt), signatures)


def _settle(house: Installation, checked: Sequence[Checked], now: datetime) -> None:
    with recording(house) as session:
        settled, fresh = store.put(session, checked, now)
        facts = [_key_fact(one) for one in fresh]
        append(session, [*facts, *(_origin_fact(mail, origin) for mail, origin in settled)])


def _key_fact(key: KeptKey) -> Fact:
    body = {
        "name": key.name,
        "answer": key.answer,
        "authenticated": key.authenticated,
        "given_at": key.first_at.isoformat(),
    }
    return Fact("origin_key.given", f"origin_key:{key.id}", body, ACTOR)


def _origin_fact(mail: Waiting, origin: Origin) -> Fact:
    body = {
        "message": str(mail.message_id),
        "blob_sha256": mail.blob_sha256,
        "author": mail.author,
        "received_at": mail.received_at.isoformat(),
        "verdict": origin.verdict.value,
        "signatures": [_signature(one) for one in origin.signatures],
    }
    return Fact("message.origin", f"message:{mail.message_id}", body, ACTOR)


def _signature(one: KeptSignature) -> dict[str, Any]:
    return {
        "method": one.method,
        "domain": one.domain,
        "selector": one.selector,
        "result": one.result,
        "reason": one.reason,
        "key": f"origin_key:{one.key.id}" if one.key else None,
    }
