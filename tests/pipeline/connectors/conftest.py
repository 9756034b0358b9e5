"""Chat platforms, each with the source that follows it."""

from collections.abc import Callable, Iterator

import pytest
from chat_servers import matrix, mattermost, slack, telegram
from live_source import Live

__all__ = ["matrix", "mattermost", "slack", "telegram"]


@pytest.fixture
def follow(house) -> Iterator[Callable[..., Live]]:
    """Add a source for a platform; nothing of it stays open after the test."""
    begun = []

    def add(server, kind, **settings) -> Live:
        live = Live(house, server, kind)
        live.add(**settings)
        begun.append(live)
        return live

    yield add
    for live in begun:
        live.close()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Try again at once: what a test waits for is an answer, not a pause."""
    import stamina

    monkeypatch.setattr(stamina, "retry_context", _hasty(stamina.retry_context))


def _hasty(original):
    def retry_context(on, **options):
        return original(on, **options | {"wait_initial": 0.0, "wait_max": 0.0, "wait_jitter": 0.0})

    return retry_context
