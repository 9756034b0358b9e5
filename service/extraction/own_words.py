"""A stand-in until the archive tells own text from quotes. In: text. Out: ranges of own text."""

import re

_LINE = re.compile(r"[^\n]*\n?")


def own_spans(text: str) -> list[tuple[int, int]]:
    """Return the ranges outside quoted lines, and before a signature mark."""
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        if line[0].rstrip() == "--":
            break
        if line[0].strip() and not line[0].lstrip().startswith(">"):
            spans.append((line.start(), line.end()))
    return spans
