"""Find the format of an input by its content. In: a path. Out: Source. Never: trusts a file name alone."""

from functools import cache
from pathlib import Path

from service.errors import UnknownFormat
from service.plugins import discover
from service.sources import formats
from service.sources.source import SAMPLE_BYTES, Sample, Source

_LEAST = 0.3
"""Below this score a format is only guessing."""


@cache
def sources() -> tuple[Source, ...]:
    """Return every format that there is a file for, by name."""
    return tuple(discover(formats, "SOURCE"))


def source_named(name: str) -> Source:
    """Return one format; raises UnknownFormat, which lists them all."""
    for source in sources():
        if source.name == name:
            return source
    raise UnknownFormat(f"there is no format {name!r}; choose one of: {format_names()}")


def format_names() -> str:
    """Return the names of all formats, for messages."""
    return ", ".join(source.name for source in sources())


def recognise(path: Path) -> tuple[Source, float] | None:
    """Return the format that is surest of the file or folder, and how sure (0 to 1); None where none is.

    Raises OSError where the file cannot be read.
    """
    sample = _sample(path)
    scored = [(source, _score(source, sample)) for source in sources()]
    best = max(scored, key=lambda one: one[1], default=None)
    return best if best is not None and best[1] >= _LEAST else None


def _score(source: Source, sample: Sample) -> float:
    try:
        return source.score(sample)
    except OSError:
        if not sample.is_folder:
            raise
        # Something inside may not be read: it is told when its turn comes, and costs nothing else.
        return 0.0


def _sample(path: Path) -> Sample:
    if path.is_dir():
        return Sample(path, b"", is_folder=True)
    with path.open("rb") as file:
        return Sample(path, file.read(SAMPLE_BYTES))
