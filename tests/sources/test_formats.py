"""Every format reads its samples as the expectations beside them say.

A sample is a file or folder `samples/<format>/<quirk>`, its expectation `<quirk>.expected.json`. A folder
that is not an export itself (media beside a chat) holds one.
"""

import json
from pathlib import Path

import pytest
from record_shape import describe

from service.plugins import discover
from service.sources import formats
from service.sources.raw_message import RawMessage, Unreadable
from service.sources.recognise import recognise
from service.sources.source import Export

SAMPLES = Path(__file__).parent / "samples"
EXPECTED = ".expected.json"
SOURCES = discover(formats, "SOURCE")
CASES = [
    pytest.param(source, sample, id=f"{source.name}-{sample.name}")
    for source in SOURCES
    for sample in sorted((SAMPLES / source.name).glob("*"))
    if not sample.name.endswith(EXPECTED)
]


def _export_of(sample: Path, name: str) -> Path:
    """Return the sample, or the file inside it that its format knows best."""
    if sample.is_file() or _recognised_as(sample) == name:
        return sample
    inside = [path for path in sorted(sample.rglob("*")) if path.is_file() and _recognised_as(path) == name]
    assert inside, f"nothing in {sample} is recognised as {name}"
    return inside[0]


def _recognised_as(path: Path) -> str | None:
    found = recognise(path)
    return found[0].name if found else None


def _read(source, sample: Path) -> list:
    path = _export_of(sample, source.name)
    place = str(path.relative_to(SAMPLES / source.name))
    return list(source.read(Export(path, path if path.is_dir() else path.parent, place)))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_format_has_a_sample_with_its_expectation(source):
    folder = SAMPLES / source.name
    samples = {path.name for path in folder.glob("*") if not path.name.endswith(EXPECTED)}
    assert samples, f"add {folder}/<quirk>.<ext> and {folder}/<quirk>.<ext>{EXPECTED}"
    expectations = {path.name.removesuffix(EXPECTED) for path in folder.glob(f"*{EXPECTED}")}
    assert samples == expectations, f"each sample in {folder} needs its {EXPECTED}, and the reverse"


@pytest.mark.parametrize(("source", "sample"), CASES)
def test_a_sample_is_read_as_expected(source, sample, request):
    described = [describe(record) for record in _read(source, sample)]
    golden = sample.with_name(f"{sample.name}{EXPECTED}")
    if request.config.getoption("--update-golden"):
        golden.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert golden.exists(), f"run: pytest tests/sources --update-golden, then review {golden}"
    assert described == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("source", "sample"), CASES)
def test_the_records_of_a_sample_are_numbered_and_named(source, sample):
    records = _read(source, sample)
    messages = [record for record in records if isinstance(record, RawMessage)]
    assert records, "an input that yields nothing would disappear in silence"
    assert all(record.format == source.name for record in messages)
    positions = [record.position for record in messages]
    assert positions == sorted(set(positions))
    assert all(record.stamped_at is None or record.stamped_at.tzinfo for record in messages)
    assert all(record.where and record.why for record in records if isinstance(record, Unreadable))


@pytest.mark.parametrize(("source", "sample"), CASES)
def test_reading_a_sample_twice_gives_the_same_records(source, sample):
    assert _read(source, sample) == _read(source, sample)


@pytest.mark.parametrize(("source", "sample"), CASES)
def test_a_sample_is_recognised_by_its_content(source, sample):
    if any(isinstance(record, RawMessage) for record in _read(source, sample)):
        assert _recognised_as(_export_of(sample, source.name)) == source.name
