"""The contract of a channel; one file in `channels/` with `CHANNEL = MyChannel()` is a complete channel.

class MyChannel:
    name = "mychannel"

    def takes(self, url: str) -> bool:
        return url.startswith("mychannel:")

    def send(self, url: str, notice: Notice) -> None:
        ...  # raise ChannelError when it was not delivered

CHANNEL = MyChannel()
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to people: a line that says it all, and the words behind it."""

    title: str
    text: str


class Channel(Protocol):
    """A way to tell people."""

    name: str

    def takes(self, url: str) -> bool:
        """Say whether a configured URL belongs to this channel."""

    def send(self, url: str, notice: Notice) -> None:
        """Deliver the notice. Raises ChannelError when it was not delivered; it is tried again later."""
