"""The weights of evidence: a committed table, fitted on the corpus. In: `weights.tsv`. Out: Weights.

One line for each name of evidence: the name, then one whole number (hundredths) for each act in the order of the header.
`nlp_models/scripts/fit_weights.py` writes the table. Never: learns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

NOTHING = "nothing"
"""The column of clauses that do nothing."""
BIAS = "(always)"
"""The name of the evidence that every clause has."""

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each name of evidence says for each act."""

    acts: tuple[str, ...]
    rows: Mapping[str, Row]

    def totals(self, names: Iterable[str]) -> Row:
        """Add up the evidence, act by act."""
        rows = [self.rows[BIAS], *filter(None.__ne__, map(self.rows.get, names))]
        total: Row = np.add.reduce(rows)
        return total

    def strongest(self, names: Iterable[str], act: str) -> str:
        """Return the name that spoke most for an act, against doing nothing."""
        column, nothing = self.acts.index(act), self.acts.index(NOTHING)
        known = (name for name in names if name in self.rows)
        return max(
            known, key=lambda name: float(self.rows[name][column] - self.rows[name][nothing]), default=""
        )


def parse(table: str) -> Weights:
    """Read the table.

    >>> parse("name\\tnothing\\trequest\\n(always)\\t50\\t0\\nask\\t-20\\t120").totals(["ask"]).tolist()
    [0.30000001192092896, 1.2000000476837158]
    """
    header, *lines = table.splitlines()
    rows = {}
    for line in lines:
        name, *numbers = line.split("\t")
        rows[name] = np.array(numbers, dtype=np.float32) / 100
    return Weights(tuple(header.split("\t")[1:]), rows)


@cache
def committed() -> Weights:
    """Return the table that is part of this version."""
    return parse((files("service.extraction") / "weights.tsv").read_text("utf-8"))
