"""What verification says: Verdict, with the first Fault where there is one. Never: hides or repairs."""

from dataclasses import dataclass
from enum import StrEnum

from service.errors import LedgerBroken


class Problem(StrEnum):
    """What is wrong, in the words that people are shown."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    REORDERED = "reordered"
    """Its own bytes say that it belongs to another place."""
    ERASED = "content removed"
    """Format 1 knows no erasure."""
    LEAF = "leaf mismatch"
    """Content and leaf hash do not belong together."""
    COLUMN = "column mismatch"
    """The columns that queries use say something else than the signed bytes."""
    NODE = "tree node mismatch"
    """Entries below a stored node were replaced and re-hashed, or the node itself was changed."""
    ROOT = "root mismatch"
    """Entries below a signed root were replaced with their hashes, or the checkpoint is of another log."""
    SIGNATURE = "signature"
    BEYOND = "beyond checkpoint"
    """No signed checkpoint covers it: added by somebody without the key, or not signed yet."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong and the entries that it concerns, `first` to `last` inclusive."""

    problem: Problem
    first: int
    last: int
    detail: str

    def __str__(self) -> str:
        place = f"entry {self.first}" if self.first >= self.last else f"entries {self.first} to {self.last}"
        return f"{place}: {self.problem}: {self.detail}"


class Broken(LedgerBroken):
    """Ends a check at its first fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check. Entries before `signed` were matched with a signed checkpoint."""

    entries: int
    """Entries that were read and found right."""
    checkpoints: int
    signed: int
    """Size of the newest checkpoint that was matched; for a single proof, the size of its tree."""
    root: bytes
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        """Say whether nothing is wrong."""
        return self.fault is None

    def __str__(self) -> str:
        if self.fault:
            return f"BROKEN {self.fault}"
        return (
            f"intact: {self.entries} entries and {self.checkpoints} checkpoints verified, "
            f"signed up to {self.signed}, root {self.root.hex()}"
        )
