"""A pull in a process that is to be killed, with small batches: many points between them."""

from pathlib import Path

from service.config import load
from service.pipeline import fetch_ahead
from service.pipeline.installation import open_installation
from service.pipeline.pull import pull


def pull_alone(data: Path, source_id: int) -> None:
    """Pull until somebody kills this process."""
    fetch_ahead.BATCH_MESSAGES = 5
    pull(open_installation(load(data, {"SCRIPTA_DNS": "off"})), source_id)
