"""The weights of evidence: committed tables, fitted on the corpus. In: a table. Out: Weights. Never: learns.

One line for each name of evidence: the name, then a whole number (hundredths) for each column of the header.
`nlp_models/scripts/fit_weights.py` writes `weights_of_acts.tsv` and `weights_of_flags.tsv`.
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
    """What each name of evidence says for each column: an act or a flag."""

    columns: tuple[str, ...]
    rows: Mapping[str, Row]

    def totals(self, names: Iterable[str]) -> Row:
        """Add up the evidence, column by column."""
        rows = [row for row in map(self.rows.get, names) if row is not None]
        total: Row = np.add.reduce([self.rows[BIAS], *rows])
        return total

    def strongest(self, names: Iterable[str], act: str) -> str:
        """Return the name that spoke most for an act, against doing nothing; empty where none did."""
        column, nothing = self.columns.index(act), self.columns.index(NOTHING)
        gains = {
            name: float(row[column] - row[nothing])
            for name in names
            if (row := self.rows.get(name)) is not None
        }
        best = max(gains, key=gains.__getitem__, default="")
        return best if best and gains[best] > 0 else ""


def parse(table: str) -> Weights:
    r"""Read the table.

    >>> parse("name\tnothing\trequest\n(always)\t50\t0\nask\t-25\t125").totals(["ask"]).tolist()
    [0.25, 1.25]
    """
    header, *lines = table.splitlines()
    rows: dict[str, Row] = {}
    for line in lines:
        name, *numbers = line.split("\t")
        rows[name] = np.array(numbers, dtype=np.float32) / np.float32(100)
    return Weights(tuple(header.split("\t")[1:]), rows)


@cache
def committed(name: str) -> Weights:
    """Return a table of this version: `acts` or `flags`."""
    return parse((files("service.extraction") / f"weights_of_{name}.tsv").read_text("utf-8"))
