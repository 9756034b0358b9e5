"""Tell people about open alerts through the configured channel, once each. Never: loses one to a refusal.

Sending is slow, so no transaction waits for it: an attempt is counted before, its outcome after. A crash
between the two tells somebody twice rather than never.
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from service.alerts import channels
from service.alerts.channel import Channel
from service.alerts.notice import notice_of
from service.alerts.store import claim, note_refused, note_told, untold
from service.db.session import reading, writing
from service.errors import ChannelError, ConfigError
from service.plugins import discover

_turn = threading.Lock()
"""Uploads and the clock both deliver in one process; the second finds nothing left to do."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a round of telling came to."""

    told: int = 0
    trouble: str = ""
    """Why the channel refused; the rest is tried at the next round."""


def deliver(engine: Engine, url: str, now: datetime) -> Delivered:
    """Send what nobody was told yet; the first refusal ends the round, is kept, and all is tried again."""
    if not url:
        return Delivered()
    told = 0
    with _turn:
        with reading(engine) as session:
            waiting = untold(session)
        for alert in waiting:
            with writing(engine) as session:
                if not claim(session, alert):
                    continue
            try:
                channel_for(url).send(url, notice_of(alert.rule, alert.title, alert.due_at))
            except (ChannelError, ConfigError) as error:
                with writing(engine) as session:
                    note_refused(session, alert.id, str(error))
                return Delivered(told, str(error))
            with writing(engine) as session:
                note_told(session, alert.id, now)
            told += 1
    return Delivered(told)


def channel_for(url: str) -> Channel:
    """Return the channel that takes this URL. Raises ConfigError."""
    found: list[Channel] = discover(channels, "CHANNEL")
    for channel in found:
        if channel.takes(url):
            return channel
    # Only the scheme is repeated: what follows may be a password.
    scheme, colon, _ = url.partition(":")
    raise ConfigError(
        f"SCRIPTA_NOTIFY_URL: no channel takes {scheme if colon else 'such'}: URLs. Write one of "
        "https://appriseit.com/services/ or console:"
    )
