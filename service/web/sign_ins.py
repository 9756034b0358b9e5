"""Sign-ins at a provider that are under way. In: PendingRedirect, PendingDevice. Never: another browser's.

In memory: whoever restarts the service begins a sign-in again. Each belongs to one browser session and one
source, is good for one try, and for a quarter of an hour.
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from service import clock
from service.sources.oauth.sign_in import PendingDevice, PendingRedirect

LASTS = timedelta(minutes=15)
MOST = 100
"""Sign-ins at once; the oldest makes room."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A sign-in that was begun."""

    session: str
    source_id: int
    provider: str
    pending: PendingRedirect | PendingDevice
    ends_at: datetime
    ask_at: datetime
    """A provider is not asked about a device before."""


class SignIns:
    """What is under way, by the browser's session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, UnderWay] = {}

    def begin(
        self, secret: str, source_id: int, provider: str, pending: PendingRedirect | PendingDevice
    ) -> None:
        """Remember a sign-in for the browser whose session has this secret."""
        now, session = clock.now(), _hash(secret)
        pause = timedelta(seconds=pending.interval_s if isinstance(pending, PendingDevice) else 0)
        key = pending.state if isinstance(pending, PendingRedirect) else f"{session} {source_id}"
        with self._lock:
            self._known = {one: way for one, way in self._known.items() if way.ends_at > now}
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = UnderWay(session, source_id, provider, pending, now + LASTS, now + pause)

    def take(self, secret: str, state: str) -> UnderWay | None:
        """Return the sign-in that a browser comes back from, and forget it."""
        with self._lock:
            way = self._known.get(state)
            if way is None or way.session != _hash(secret) or not isinstance(way.pending, PendingRedirect):
                return None
            del self._known[state]
        return way if way.ends_at > clock.now() else None

    def device(self, secret: str, source_id: int) -> UnderWay | None:
        """Return the sign-in by code that this browser shows for a source."""
        with self._lock:
            return self._known.get(f"{_hash(secret)} {source_id}")

    def wait(self, way: UnderWay, pending: PendingDevice) -> None:
        """Ask about a device again after its pause."""
        ask_at = clock.now() + timedelta(seconds=pending.interval_s)
        with self._lock:
            self._known[f"{way.session} {way.source_id}"] = replace(way, pending=pending, ask_at=ask_at)

    def forget_device(self, secret: str, source_id: int) -> None:
        """Forget a sign-in by code: it was finished or refused."""
        with self._lock:
            self._known.pop(f"{_hash(secret)} {source_id}", None)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
