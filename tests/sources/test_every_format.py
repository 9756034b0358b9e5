"""Whatever happened to an export, its format reads it: what it says can be archived, the rest is named.

For each format, its samples are damaged in the ways in which files are (cut off, bytes lost, added, swapped)
and in which programs change (a key that is gone, a value of another type), and are read twice.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import SourceError
from service.plugins import discover
from service.sources import formats
from service.sources.raw_message import RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export, Source

SAMPLES = Path(__file__).parent / "samples"
SOURCES = discover(formats, "SOURCE")
LARGEST_SAMPLE = 300_000
OTHER_TYPES = [
    None,
    True,
    -1,
    1e300,
    "",
    "x\0\ud800",
    [],
    {},
    [[]],
    {"id": {}},
    "9999-99-99T99:99:99Z",
    2**70,
]

EXAMPLES = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


# Damage.


@dataclass(frozen=True)
class Damage:
    """Something done to the bytes of a file; places are parts of its length."""

    what: str
    at: float
    until: float
    added: bytes

    def done_to(self, content: bytes) -> bytes:
        start, end = sorted(int(place * len(content)) for place in (self.at, self.until))
        if self.what == "cut":
            return content[:start]
        if self.what == "delete":
            return content[:start] + content[min(end, start + 400) :]
        if self.what == "insert":
            return content[:start] + self.added + content[start:]
        if self.what == "repeat":
            return content[:end] + content[start : start + 400] + content[end:]
        changed = bytearray(content)
        if changed:
            start, end = (min(place, len(changed) - 1) for place in (start, end))
            changed[start], changed[end] = changed[end], changed[start]
        return bytes(changed)


@dataclass(frozen=True)
class OtherValue:
    """A value, or a whole key, that a newer or broken program writes differently."""

    at: float
    value: Any
    gone: bool

    def done_to(self, content: bytes) -> bytes:
        lines = content.split(b"\n")
        try:
            return self._changed(content)
        except ValueError:
            # JSON Lines: one of them.
            place = min(int(self.at * len(lines)), len(lines) - 1)
        try:
            lines[place] = self._changed(lines[place])
        except ValueError:
            return content
        return b"\n".join(lines)

    def _changed(self, content: bytes) -> bytes:
        root = json.loads(content)
        places = list(_places(root))
        if places:
            holder, key = places[min(int(self.at * len(places)), len(places) - 1)]
            if self.gone:
                del holder[key]
            else:
                holder[key] = self.value
        return json.dumps(root).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


PLACE = st.integers(min_value=5, max_value=995).map(lambda part: part / 1000)
ADDED = st.binary(max_size=8) | st.sampled_from(
    [
        b"\0",
        b'"',
        b"{",
        b"]",
        b"<div>",
        b"\xff\xfe",
        b"\\ud800",
        b"\r\n\r\n",
        b"99999999999999999999",
        b"\n\n\n",
    ]
)
DAMAGE = st.builds(
    Damage, st.sampled_from(["cut", "delete", "insert", "repeat", "swap"]), PLACE, PLACE, ADDED
) | st.builds(OtherValue, PLACE, st.sampled_from(OTHER_TYPES), st.booleans())


# Reading.


@cache
def _exports(name: str) -> list[tuple[Path, Path]]:
    """Return the samples of a format, each with the export that it is or holds."""
    found = []
    for sample in sorted((SAMPLES / name).glob("*")):
        if sample.name.endswith(".expected.json"):
            continue
        whole = sample if sample.is_file() or _is(sample, name) else None
        inside = [whole] if whole else [path for path in sorted(sample.rglob("*")) if _is(path, name)]
        if inside and sum(path.stat().st_size for path in [sample, *sample.rglob("*")]) < LARGEST_SAMPLE:
            found.append((sample, inside[0]))
    return found


def _is(path: Path, name: str) -> bool:
    found = recognise(path) if path.is_dir() or path.is_file() else None
    return found is not None and found[0].name == name


def _read(source: Source, path: Path) -> list[Any]:
    export = Export(path, path if path.is_dir() else path.parent, path.name)
    try:
        return list(source.read(export))
    except SourceError as error:
        return [Unreadable(path.name, str(error))]


def _check(record: Any) -> None:
    assert isinstance(record, (RawMessage, Unreadable))
    for text in _texts(record):
        assert "\0" not in text
        text.encode()
    if isinstance(record, Unreadable):
        assert record.where
        assert record.why
        return
    for at in _values(record, datetime):
        # Not every time that can be written is one that can be converted.
        assert at.tzinfo is None or at.astimezone(UTC)
    for at in (record.stamped_at, record.internal_at):
        assert at is None or at.tzinfo
    assert record.duration_for is None or timedelta() <= record.duration_for < timedelta(days=100_000)
    for attachment in record.attachments:
        assert attachment.load is None or isinstance(attachment.load(), bytes)


def _texts(record: Any) -> Iterator[str]:
    return _values(record, str)


def _values(value: Any, wanted: type) -> Iterator[Any]:
    """Yield everything of one type in a record."""
    if isinstance(value, wanted):
        yield value
    elif isinstance(value, tuple):
        for inside in value:
            yield from _values(inside, wanted)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _values(getattr(value, field.name), wanted)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("damaged")


def _damaged(sample: Path, export: Path, place: Path, damages: list[Any], which: float) -> Path:
    """Copy a sample, damage one file of it, and return where its export now is."""
    copy = place / sample.name
    if copy.is_dir():
        shutil.rmtree(copy)
    if sample.is_dir():
        shutil.copytree(sample, copy)
    else:
        shutil.copy(sample, copy)
    files = sorted(path for path in [copy, *copy.rglob("*")] if path.is_file())
    target = files[min(int(which * len(files)), len(files) - 1)]
    content = target.read_bytes()
    for damage in damages:
        content = damage.done_to(content)
    target.write_bytes(content)
    return place / export.relative_to(sample.parent)


@EXAMPLES
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@given(data=st.data())
def test_a_damaged_export_is_read_as_far_as_it_goes(source, place, data):
    sample, export = data.draw(st.sampled_from(_exports(source.name)), label="sample")
    damages = data.draw(st.lists(DAMAGE, min_size=1, max_size=3), label="damages")
    path = _damaged(sample, export, place, damages, data.draw(PLACE, label="file"))
    recognise(path)
    records = _read(source, path)
    for record in records:
        _check(record)
    positions = [record.position for record in records if isinstance(record, RawMessage)]
    assert positions == sorted(set(positions))
    assert records == _read(source, path)
