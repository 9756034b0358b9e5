"""Print alerts where the service runs: for trying things out, and for tests."""

import sys

from service.alerts.channel import Notice


class Console:
    """`console:` writes to standard output."""

    name = "console"

    def takes(self, url: str) -> bool:
        """Take `console:` alone."""
        return url == "console:"

    def send(self, url: str, notice: Notice) -> None:
        """Write the notice; standard output never refuses."""
        sys.stdout.write(f"{notice.title}\n{notice.text}\n")


CHANNEL = Console()
