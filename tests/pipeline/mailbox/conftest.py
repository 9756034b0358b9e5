"""A mailbox on a real server, added to an installation on each engine."""

import pytest
import stamina
from added_mailbox import Box


@pytest.fixture(autouse=True)
def _no_waiting():
    """Connect again at once."""
    with stamina.set_testing(True, attempts=6, cap=True):
        yield


@pytest.fixture
def box(dovecot, house) -> Box:
    made = Box(dovecot, house)
    made.add()
    return made
