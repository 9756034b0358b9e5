"""Slow down guessing of passwords. In: failed sign-ins. Out: who must wait. Never: outlives the process."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(minutes=15)
ALLOWED_BY_NAME = 5
ALLOWED_BY_ADDRESS = 30
"""Many people sit behind one office address."""
REMEMBERED = 10_000
"""Keys kept: a flood of invented names must not fill memory."""

Key = tuple[str, str]


class Attempts:
    """Failed sign-ins of the last minutes, by name and by address."""

    def __init__(self) -> None:
        self._failed: OrderedDict[Key, list[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def must_wait(self, name: str, address: str, now: datetime) -> bool:
        """Say whether this name or this address failed too often lately."""
        with self._lock:
            by_name, by_address = (len(self._recent(key, now)) for key in _keys(name, address))
        return by_name >= ALLOWED_BY_NAME or by_address >= ALLOWED_BY_ADDRESS

    def note(self, name: str, address: str, now: datetime) -> None:
        """Remember a failed sign-in."""
        with self._lock:
            for key in _keys(name, address):
                self._failed[key] = [*self._recent(key, now), now]
                self._failed.move_to_end(key)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def forget(self, name: str, address: str) -> None:
        """Forget the failures of a name that has signed in from this address."""
        with self._lock:
            self._failed.pop(_keys(name, address)[0], None)

    def _recent(self, key: Key, now: datetime) -> list[datetime]:
        return [at for at in self._failed.get(key, ()) if now - at < FORGOTTEN_AFTER]


def _keys(name: str, address: str) -> tuple[Key, Key]:
    # By name and address together: nobody can lock a colleague out from elsewhere.
    return (f"{name.strip().lower()[:200]} {address}", "name"), (address, "address")
