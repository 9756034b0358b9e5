"""A pull of chats in a process that is to be killed, with a moment between its batches."""

import time
from pathlib import Path

from service.config import load
from service.pipeline.archive_chats import ChatArchive
from service.pipeline.installation import open_installation
from service.pipeline.pull import pull


def pull_slowly(data: Path, source_id: int) -> None:
    """Pull until somebody kills this process."""
    write = ChatArchive._write

    def slow(*arguments):
        time.sleep(0.02)  # a point at which it can be killed: before the batch, and after the one before
        write(*arguments)

    ChatArchive._write = slow
    pull(open_installation(load(data, {"SCRIPTA_DNS": "off"})), source_id)
