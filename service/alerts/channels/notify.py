"""Tell people by mail, messenger or chat through apprise and its URLs (https://appriseit.com/services/)."""

from apprise import Apprise, NotifyFormat

from service.alerts.channel import Notice
from service.errors import ChannelError


class Notify:
    """Every URL scheme that apprise knows: `mailtos://`, `tgram://`, `slack://`, `json://`, ..."""

    name = "notify"

    def takes(self, url: str) -> bool:
        """Take what apprise can read."""
        return bool(Apprise.instantiate(url, suppress_exceptions=True))

    def send(self, url: str, notice: Notice) -> None:
        """Send; apprise says only yes or no, so the reason of a no is in its log."""
        sender = Apprise()
        sender.add(url)
        # As plain text: quotes of other people must not become markup.
        if not sender.notify(title=notice.title, body=notice.text, body_format=NotifyFormat.TEXT):
            scheme = url.partition(":")[0]
            raise ChannelError(f"The channel {scheme}: did not take the alert; check SCRIPTA_NOTIFY_URL.")


CHANNEL = Notify()
