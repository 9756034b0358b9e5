"""Mail that is sent here: journal reports, forwarded mail, Bcc. In: SMTP. Never: loses what was accepted.

The server puts each mail on the disk before it says yes; a run archives what lies there. The settings: see
`service.intake.smtp_settings`.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from service.errors import ConfigError, SourceError
from service.intake.smtp_server import SmtpServer
from service.intake.smtp_settings import SmtpSettings
from service.intake.spool import Spool
from service.pipeline.archive_spool import SpoolRun
from service.pipeline.installation import Installation
from service.pipeline.run import Run

GLANCE_S = 0.25
"""How soon a wait sees that it should end; what arrives ends it at once."""


@dataclass(slots=True)
class SmtpConnection:
    """An intake: it listens from the first run of a service until it is closed."""

    house: Installation
    source_id: int
    settings: SmtpSettings | None = None
    server: SmtpServer | None = None
    arrived: Event = field(default_factory=Event)

    @property
    def spool(self) -> Spool:
        """Return where mails wait, below the data folder."""
        return Spool(self.house.settings.data / "spool" / "smtp" / str(self.source_id))

    def pull(self, run: Run) -> None:
        """Listen, where a service follows the source, and archive what has come."""
        self.settings = settings = SmtpSettings.of(run.source.settings)
        trouble: SourceError | ConfigError | None = None
        if run.stop is not None:
            try:
                self._listen()
            except (SourceError, ConfigError) as error:
                trouble = error  # what is here already is archived all the same
        self.arrived.clear()
        with _usable(self.spool):
            SpoolRun(run, self.spool, settings).archive()
        if trouble is not None:
            raise trouble

    def wait(self, stop: Event, wait_s: float) -> None:
        """Listen; return as soon as a mail has come."""
        self._listen()
        until = time.monotonic() + wait_s
        while not stop.is_set() and time.monotonic() < until:
            if self.arrived.wait(min(GLANCE_S, wait_s)):
                return

    def close(self) -> None:
        """Stop listening; senders try again later."""
        if self.server is not None:
            self.server.close()
            self.server = None

    def _listen(self) -> None:
        if self.server is None:
            assert self.settings is not None, "a run comes first"
            server = SmtpServer(self.settings.door(), self.spool, self.arrived.set)
            with _usable(self.spool):
                server.start()
            self.server = server


@contextmanager
def _usable(spool: Spool) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"The folder {spool.folder} cannot be used: {error.strerror or error}. Let this account read and "
            "write it; what was accepted stays there until it is archived."
        ) from error


class Smtp:
    """An SMTP server that archives all that it is sent."""

    kind = "smtp"
    label = "Mail sent here (SMTP: journaling, forwarding)"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Refuse what cannot be listened on, and doors that are open to the world."""
        SmtpSettings.of(settings)

    def connect(self, house: Installation, source_id: int) -> SmtpConnection:
        """Return an intake that does not listen yet."""
        return SmtpConnection(house, source_id)


CONNECTOR = Smtp()
