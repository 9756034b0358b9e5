"""Tell people about open alerts through the configured channel, once each. Never: loses one to a refusal."""

from datetime import datetime

from sqlmodel import Session

from service.alerts import channels
from service.alerts.channel import Channel, Notice
from service.alerts.store import untold
from service.errors import ChannelError, ConfigError
from service.plugins import discover


def deliver(session: Session, url: str, now: datetime) -> int:
    """Send what nobody was told yet and return how much was taken; a refusal is kept and tried again."""
    if not url:
        return 0
    channel = channel_for(url)
    told = 0
    for row in untold(session):
        row.attempts += 1
        text = f"{row.title}\nSaid {row.due_at:%Y-%m-%d}; nobody has confirmed it in writing yet."
        try:
            channel.send(url, Notice(f"Not in writing: {row.title}", text))
        except ChannelError as error:
            row.trouble = str(error)
            break
        row.told_at, row.trouble = now, ""
        told += 1
    return told


def channel_for(url: str) -> Channel:
    """Return the channel that takes this URL. Raises ConfigError."""
    found: list[Channel] = discover(channels, "CHANNEL")
    for channel in found:
        if channel.takes(url):
            return channel
    scheme = url.partition(":")[0]
    raise ConfigError(f"SCRIPTA_NOTIFY_URL: no channel takes {scheme}:... URLs; see the list of apprise.")
