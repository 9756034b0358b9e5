"""The files in which a log leaves the house (FORMAT.md, section 6). Out: JSON, and back. Never: trusts it.

Standard library only: the reader is half of the offline verifier.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from service.errors import LedgerBroken
from service.ledger import ed25519
from service.ledger.checkpoint import Checkpoint, VerifierKey, VerifySignature, open_checkpoint
from service.ledger.verdict import Broken, Fault, Problem

LOG_FORMAT = "scripta-ledger-export/1"
PROOF_FORMAT = "scripta-ledger-proof/1"
CONSISTENCY_FORMAT = "scripta-ledger-consistency/1"


class Row(NamedTuple):
    """One entry as the log keeps it; `salt` and `body` are None once content was removed."""

    seq: int
    leaf: bytes
    salt: bytes | None
    body: bytes | None
    """The canonical bytes of the entry."""


class Proof(NamedTuple):
    """One entry and its path to the root of a signed checkpoint."""

    seq: int
    salt: bytes
    body: bytes
    path: list[bytes]
    checkpoint: str
    """A signed note."""

    def text(self) -> str:
        """Return the proof file."""
        return _dump(
            format=PROOF_FORMAT,
            seq=self.seq,
            salt=self.salt.hex(),
            entry=self.body.decode(),
            path=[digest.hex() for digest in self.path],
            checkpoint=self.checkpoint,
        )


class Consistency(NamedTuple):
    """Two signed checkpoints and the path that shows that the newer log begins with the older one."""

    old: str
    new: str
    path: list[bytes]

    def text(self) -> str:
        """Return the consistency file."""
        path = [digest.hex() for digest in self.path]
        return _dump(format=CONSISTENCY_FORMAT, old=self.old, new=self.new, path=path)


def write_log(origin: str, records: Iterable[Row | str]) -> Iterator[str]:
    """Yield the lines of an export: entries in order, each checkpoint (a note) after its last entry."""
    yield _dump(format=LOG_FORMAT, origin=origin)
    entries = 0
    for record in records:
        if isinstance(record, str):
            yield _dump(checkpoint=record)
        else:
            entries += 1
            yield _dump(
                seq=record.seq,
                leaf=record.leaf.hex(),
                salt=None if record.salt is None else record.salt.hex(),
                entry=None if record.body is None else record.body.decode(),
            )
    yield _dump(entries=entries)


def read_log(
    lines: Iterable[str], key: VerifierKey, verify: VerifySignature = ed25519.verify
) -> Iterator[Row | Checkpoint]:
    """Yield the entries and opened checkpoints of an export; raises Broken at the first bad line."""
    entries, complete = 0, False
    for number, line in enumerate(lines, start=1):
        fields = _load(line, f"line {number}", entries)
        if number == 1:
            if fields != {"format": LOG_FORMAT, "origin": key.name}:
                raise _unreadable(f"line 1 does not begin a {LOG_FORMAT} of {key.name}", 0)
            continue
        match sorted(fields):
            case ["entry", "leaf", "salt", "seq"] if not complete:
                yield _read_row(fields, f"line {number}", entries)
                entries += 1
            case ["checkpoint"] if not complete:
                yield open_note(fields["checkpoint"], key, verify, entries)
            case ["entries"] if fields["entries"] == entries and not complete:
                complete = True
            case _:
                raise _unreadable(f"line {number} is none of this format", entries)
    if not complete:
        raise Broken(Fault(Problem.MISSING, entries, entries, "the file ends before its last line"))


def read_proof(text: str) -> Proof:
    """Read a proof file; raises Broken."""
    fields = _load_form(text, PROOF_FORMAT, Proof(0, b"", b"", [], ""))
    seq, body, note = fields["seq"], fields["entry"], fields["checkpoint"]
    if type(seq) is not int or not isinstance(body, str) or not isinstance(note, str):
        raise _unreadable("seq must be an integer, entry and checkpoint texts", 0)
    salt = _bytes(fields["salt"], "salt", seq)
    return Proof(seq, salt, _encode(body, seq), _path(fields["path"], seq), note)


def read_consistency(text: str) -> Consistency:
    """Read a consistency file; raises Broken."""
    fields = _load_form(text, CONSISTENCY_FORMAT, Consistency("", "", []))
    old, new = fields["old"], fields["new"]
    if not isinstance(old, str) or not isinstance(new, str):
        raise _unreadable("old and new must be texts", 0)
    return Consistency(old, new, _path(fields["path"], 0))


def open_note(note: Any, key: VerifierKey, verify: VerifySignature, entries: int) -> Checkpoint:
    """Open a checkpoint that stands after `entries` entries; raises Broken that says so."""
    try:
        return open_checkpoint(note if isinstance(note, str) else "", key, verify)
    except LedgerBroken as error:
        last = max(entries - 1, 0)
        raise Broken(Fault(Problem.SIGNATURE, last, last, f"checkpoint after it: {error}")) from error


def _read_row(fields: dict[str, Any], place: str, entries: int) -> Row:
    seq, body = fields["seq"], fields["entry"]
    if type(seq) is not int or not isinstance(body, str | None):
        raise _unreadable(f"{place}: seq must be an integer and entry a text", entries)
    salt = None if fields["salt"] is None else _bytes(fields["salt"], f"{place}: salt", entries)
    content = None if body is None else _encode(body, entries)
    return Row(seq, _bytes(fields["leaf"], f"{place}: leaf", entries), salt, content)


def _load(text: str, place: str, entries: int) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"{place} is no JSON: {error}", entries) from error
    if not isinstance(fields, dict):
        raise _unreadable(f"{place} is no JSON object", entries)
    return fields


def _load_form(text: str, form: str, empty: Proof | Consistency) -> dict[str, Any]:
    """Load a file of one object, with exactly the members that writing it would give."""
    fields = _load(text, "file", 0)
    if fields.get("format") != form or fields.keys() != json.loads(empty.text()).keys():
        raise _unreadable(f"not a {form} file", 0)
    return fields


def _path(value: Any, seq: int) -> list[bytes]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _unreadable("path is no list", seq)
    return [_bytes(digest, "path", seq) for digest in value]


def _bytes(value: Any, place: str, seq: int) -> bytes:
    """Read lower-case hexadecimal, the one text that this format has for bytes."""
    try:
        data = bytes.fromhex(value)
    except (ValueError, TypeError) as error:
        raise _unreadable(f"{place} is no hexadecimal: {error}", seq) from error
    if data.hex() != value:
        raise _unreadable(f"{place} is no lower-case hexadecimal", seq)
    return data


def _encode(text: str, seq: int) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise _unreadable(f"content is no UTF-8: {error}", seq) from error


def _unreadable(detail: str, seq: int) -> Broken:
    return Broken(Fault(Problem.UNREADABLE, seq, seq, detail))


def _dump(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
