"""The contract of a kind of added source; one file in `connectors/` with `CONNECTOR` is a complete kind.

class MyConnector:
    kind = "mykind"
    label = "My service"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        raise ConfigError("...")                    # what cannot work, said when it is added

    def connect(self, house: Installation, source_id: int) -> Connection:
        return MyConnection(house, source_id)       # nothing is opened yet

CONNECTOR = MyConnector()
"""

from collections.abc import Mapping
from threading import Event
from typing import Any, Protocol

from service.pipeline.installation import Installation
from service.pipeline.run import Run


class Connection(Protocol):
    """One source while it is followed: opens itself when asked, and again after a failure."""

    def pull(self, run: Run) -> None:
        """Bring everything new. Raises SourceError; whatever was committed stays, calling again goes on."""

    def wait(self, stop: Event, wait_s: float) -> None:
        """Return when something may have come, when `stop` is set, or after `wait_s`. Raises SourceError."""

    def close(self) -> None:
        """Give back what is open; never raises."""


class Connector(Protocol):
    """A kind of source that a person can add."""

    kind: str
    label: str

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Raise ConfigError for settings that cannot work, without asking anybody."""

    def connect(self, house: Installation, source_id: int) -> Connection:
        """Return a connection that is not open yet."""
