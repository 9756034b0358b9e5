"""An exported log, a proof and a consistency proof: any change is found, and its place is named."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from memory_log import SIGNER, STRANGER, all_nodes, make_entry, make_row, make_rows, sign_every, sign_rows

from service.ledger.checkpoint import open_checkpoint
from service.ledger.export import (
    Consistency,
    Proof,
    Row,
    read_consistency,
    read_log,
    read_proof,
    write_log,
)
from service.ledger.key import verify_signature
from service.ledger.merkle import consistency_spans, hash_spans, inclusion_spans, leaf_hash
from service.ledger.verdict import Broken, Problem, Verdict
from service.ledger.verify import main, verify_extension, verify_log, verify_proof

ROOT = Path(__file__).parents[2]
VECTOR = json.loads((Path(__file__).parent / "vectors" / "log.json").read_text())
KEY = SIGNER.verifier


def export(records: list[Row | str]) -> list[str]:
    return [f"{line}\n" for line in write_log(KEY.name, records)]


def check(lines: list[str], held=()) -> Verdict:
    return verify_log(read_log(lines, KEY, verify_signature), held)


def place(verdict: Verdict) -> tuple[Problem, int, int]:
    assert verdict.fault is not None, "nothing was found"
    return verdict.fault.problem, verdict.fault.first, verdict.fault.last


def proof_of(seq: int, rows: list[Row]) -> Proof:
    nodes = all_nodes([row.leaf for row in rows])
    path = hash_spans(inclusion_spans(seq, len(rows)), lambda wanted: {node: nodes[node] for node in wanted})
    return Proof(seq, rows[seq].salt, rows[seq].body, path, sign_rows(rows))


def consistency_of(old: int, rows: list[Row]) -> Consistency:
    nodes = all_nodes([row.leaf for row in rows])
    path = hash_spans(
        consistency_spans(old, len(rows)), lambda wanted: {node: nodes[node] for node in wanted}
    )
    return Consistency(sign_rows(rows[:old]), sign_rows(rows), path)


def rehash(row: Row, words: str) -> Row:
    """Change what an entry says and hash it anew, as somebody who knows the format would."""
    body = row.body.replace("согласовано".encode(), words.encode())
    return Row(row.seq, leaf_hash(row.salt + body), row.salt, body)


def test_the_committed_log_is_made_again_byte_for_byte():
    rows = make_rows(5)
    assert [row.leaf.hex() for row in rows] == [entry["leaf"] for entry in VECTOR["entries"]]
    assert [row.body.decode() for row in rows] == [entry["canonical"] for entry in VECTOR["entries"]]
    nodes = all_nodes([row.leaf for row in rows])
    assert VECTOR["nodes"] == [
        {"level": node.level, "position": node.position, "digest": digest.hex()}
        for node, digest in sorted(nodes.items())
        if node.level
    ]
    assert list(write_log(KEY.name, sign_every(rows, 3))) == VECTOR["export"]
    assert proof_of(3, rows).text() == VECTOR["proof"]
    assert consistency_of(3, rows).text() == VECTOR["consistency"]


def test_the_specification_shows_the_committed_log():
    text = (ROOT / "service" / "ledger" / "FORMAT.md").read_text()
    entry = VECTOR["entries"][3]
    for value in (entry["canonical"], entry["salt"], entry["leaf"], VECTOR["verifier"], *VECTOR["roots"]):
        assert value in text
    for line in VECTOR["checkpoint"].splitlines():
        assert line in text
    for problem in Problem:
        assert f"| `{problem}` |" in text


def test_the_committed_log_verifies():
    verdict = check(VECTOR["export"])
    assert verdict == Verdict(5, 2, 5, bytes.fromhex(VECTOR["roots"][4]))
    assert verify_proof(read_proof(VECTOR["proof"]), KEY).ok
    assert verify_extension(read_consistency(VECTOR["consistency"]), KEY).ok


@pytest.mark.parametrize("size", range(12))
def test_every_honest_log_verifies(size):
    verdict = check(export(sign_every(make_rows(size), 4)))
    assert verdict.ok
    assert verdict.entries == verdict.signed == size


def test_any_flipped_byte_is_found_where_it_is():
    lines = export(sign_every(make_rows(3), 2))
    text = "".join(lines).encode()
    starts = [text[:at].count(b"\n") for at in range(len(text))]
    entry_of_line = {1: 0, 2: 1, 4: 2}
    for at in range(len(text)):
        flipped = bytearray(text)
        flipped[at] ^= 1 << at % 8
        verdict = check(flipped.decode(errors="surrogateescape").splitlines(keepends=True))
        _, first, last = place(verdict)
        if starts[at] in entry_of_line:
            assert first <= entry_of_line[starts[at]] <= last


@pytest.mark.parametrize("gone", range(6))
def test_a_deleted_line_is_found(gone):
    rows = make_rows(6)
    lines = export([*rows[:gone], *rows[gone + 1 :], sign_rows(rows)])
    wanted = (Problem.MISSING, gone, gone)
    assert place(check(lines)) == wanted


def test_deleted_entries_in_the_middle_are_found():
    rows = make_rows(8)
    lines = export([*rows[:2], *rows[5:], sign_rows(rows)])
    assert place(check(lines)) == (Problem.MISSING, 2, 4)


def test_deleted_entries_that_were_renumbered_are_found():
    rows = make_rows(8)
    moved = [row._replace(seq=row.seq - 1) for row in rows[4:]]
    assert place(check(export([*rows[:3], *moved, sign_rows(rows)]))) == (Problem.REORDERED, 3, 3)


def test_swapped_lines_are_found():
    rows = make_rows(6)
    lines = export([rows[0], rows[2], rows[1], *rows[3:], sign_rows(rows)])
    assert place(check(lines)) == (Problem.REORDERED, 1, 1)


def test_swapped_contents_are_found():
    rows = make_rows(6)
    swapped = [*rows[:1], rows[2]._replace(seq=1), rows[1]._replace(seq=2), *rows[3:]]
    assert place(check(export([*swapped, sign_rows(rows)]))) == (Problem.REORDERED, 1, 1)


def test_a_repeated_line_is_found():
    rows = make_rows(3)
    lines = export([*rows[:2], rows[1], rows[2], sign_rows(rows)])
    assert place(check(lines)) == (Problem.REORDERED, 2, 2)


def test_a_file_that_was_cut_off_is_found():
    lines = export(sign_every(make_rows(6), 2))
    for end in range(len(lines)):
        assert place(check(lines[:end]))[0] is Problem.MISSING


def test_a_tail_deleted_with_its_checkpoints_is_found_by_a_checkpoint_kept_elsewhere():
    rows = make_rows(6)
    kept = open_checkpoint(sign_rows(rows), KEY)
    lines = export(sign_every(rows[:4], 2))
    assert check(lines).ok
    assert place(check(lines, [kept])) == (Problem.MISSING, 4, 5)


def test_kept_checkpoints_of_any_size_and_order_are_matched():
    rows = make_rows(6)
    kept = [open_checkpoint(sign_rows(rows[:size]), KEY) for size in (5, 0, 6, 1)]
    assert check(export(sign_every(rows, 4)), kept).ok


def test_another_history_is_found_by_a_checkpoint_kept_elsewhere():
    rows = make_rows(6)
    kept = open_checkpoint(sign_rows(rows[:3]), KEY)
    forged = [*rows[:1], rehash(rows[1], "отклонено"), *rows[2:]]
    assert place(check(export(sign_every(forged, 2)), [kept])) == (Problem.ROOT, 2, 2)
    assert place(check(export([*forged, sign_rows(forged)]), [kept])) == (Problem.ROOT, 0, 2)


def test_entries_hashed_anew_without_the_key_are_found_between_their_checkpoints():
    rows = make_rows(8)
    records = sign_every(rows, 2)
    forged = [rehash(record, "отклонено") if record in rows[4:] else record for record in records]
    assert place(check(export(forged))) == (Problem.ROOT, 4, 5)


def test_a_log_signed_by_a_stranger_is_found():
    rows = [rehash(row, "отклонено") for row in make_rows(4)]
    assert place(check(export(sign_every(rows, 2, STRANGER)))) == (Problem.SIGNATURE, 1, 1)


def test_an_entry_added_without_the_key_is_found():
    rows = make_rows(6)
    lines = export([*rows[:4], sign_rows(rows[:4]), *rows[4:]])
    assert place(check(lines)) == (Problem.BEYOND, 4, 5)


def test_a_log_without_a_checkpoint_is_not_called_intact():
    assert place(check(export(make_rows(3)))) == (Problem.BEYOND, 0, 2)


def test_a_checkpoint_that_was_moved_is_found():
    rows = make_rows(4)
    assert place(check(export([*rows[:3], sign_rows(rows[:2]), rows[3]]))) == (Problem.REORDERED, 3, 3)


def test_content_that_was_removed_is_found():
    rows = make_rows(4)
    gone = rows[2]._replace(salt=None, body=None)
    lines = export([*rows[:2], gone, rows[3], sign_rows(rows)])
    assert place(check(lines)) == (Problem.ERASED, 2, 2)


def test_bytes_moved_from_content_to_salt_are_found():
    rows = make_rows(3)
    salt, body = rows[1].salt + rows[1].body[:1], rows[1].body[1:]
    moved = rows[1]._replace(salt=salt, body=body)
    assert leaf_hash(moved.salt + moved.body) == rows[1].leaf
    assert place(check(export([rows[0], moved, rows[2], sign_rows(rows)]))) == (Problem.LEAF, 1, 1)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"seq":1}', b'{"kind":"k","seq":1,"subject":"s","v":2}', b'{"kind":"k","v":1}']
)
def test_a_leaf_that_is_no_entry_is_found_even_when_signed(body):
    rows = make_rows(3)
    salt = rows[1].salt
    rows[1] = Row(1, leaf_hash(salt + body), salt, body)
    assert place(check(export([*rows, sign_rows(rows)]))) == (Problem.UNREADABLE, 1, 1)


def test_words_inside_content_do_not_pass_for_its_place():
    entry = make_entry(1)
    entry = replace(entry, subject='x,"seq":7,', body={"seq": 9, "words": ',"seq":8,'})
    rows = [*make_rows(1), make_row(entry)]
    assert check(export([*rows, sign_rows(rows)])).ok


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        "{",
        '{"seq":true,"leaf":"","salt":"","entry":""}',
        '{"seq":0,"leaf":"AA","salt":"","entry":""}',
        '{"seq":0,"leaf":"","salt":1,"entry":""}',
        '{"seq":0,"leaf":"","salt":"","entry":"\\ud800"}',
        '{"checkpoint":1}',
        '{"entries":7}',
        "[" * 100_000,
    ],
)
def test_a_line_of_another_form_is_found(line):
    assert place(check([export([])[0], line]))[1:] == (0, 0)


def test_an_export_of_another_log_is_refused():
    assert place(check(list(write_log("example.com/other", [])))) == (Problem.UNREADABLE, 0, 0)


def test_a_proof_of_every_entry_verifies_and_any_flipped_byte_of_it_fails():
    rows = make_rows(6)
    for seq in range(6):
        verdict = verify_proof(read_proof(proof_of(seq, rows).text()), KEY, verify_signature)
        assert (verdict.ok, verdict.signed) == (True, 6)
    text = proof_of(4, rows).text().encode()
    for at in range(len(text)):
        flipped = bytearray(text)
        flipped[at] ^= 1 << at % 8
        try:
            proof = read_proof(flipped.decode(errors="surrogateescape"))
        except Broken:
            continue
        assert not verify_proof(proof, KEY, verify_signature).ok


def test_a_proof_does_not_carry_over_to_another_entry():
    rows = make_rows(6)
    honest = proof_of(2, rows)
    other = make_row(make_entry(3), honest.salt)
    verdict = verify_proof(honest._replace(seq=3, body=other.body), KEY, verify_signature)
    assert place(verdict) == (Problem.ROOT, 3, 3)


def test_consistency_of_every_pair_verifies_and_a_changed_history_does_not():
    rows = make_rows(7)
    for old in range(1, 8):
        claim = read_consistency(consistency_of(old, rows).text())
        assert verify_extension(claim, KEY, verify_signature).ok
    forged = [rehash(rows[0], "отклонено"), *rows[1:]]
    claim = consistency_of(4, forged)._replace(old=sign_rows(rows[:4]))
    assert place(verify_extension(claim, KEY, verify_signature)) == (Problem.ROOT, 0, 3)


def test_every_log_extends_the_empty_one():
    rows = make_rows(3)
    claim = Consistency(sign_rows([]), sign_rows(rows), [])
    assert verify_extension(claim, KEY).ok
    assert not verify_extension(claim._replace(old=sign_rows([], STRANGER)), KEY).ok


@pytest.fixture
def files(tmp_path):
    rows = make_rows(5)
    (tmp_path / "log.jsonl").write_text("".join(export(sign_every(rows, 3))))
    (tmp_path / "broken.jsonl").write_text("".join(export([*rows[:2], *rows[3:], sign_rows(rows)])))
    (tmp_path / "proof.json").write_text(proof_of(3, rows).text())
    (tmp_path / "consistency.json").write_text(consistency_of(3, rows).text())
    (tmp_path / "bad-proof.json").write_text('{"format":"scripta-ledger-proof/1"}')
    (tmp_path / "kept.note").write_text(sign_rows(make_rows(6)))
    (tmp_path / "log.pub").write_text(f"{KEY}\n")
    return tmp_path


@pytest.mark.parametrize("name", ["log.jsonl", "proof.json", "consistency.json"])
def test_the_command_reads_each_kind_of_file(files, name, capsys):
    assert main([str(files / name), "--key", str(files / "log.pub")]) == 0
    assert capsys.readouterr().out.startswith("intact: ")


def test_the_command_names_the_first_bad_entry(files, capsys):
    assert main([str(files / "broken.jsonl"), "--key", str(KEY)]) == 1
    assert capsys.readouterr().out.startswith("BROKEN entry 2: missing")
    assert main([str(files / "bad-proof.json"), "--key", str(KEY)]) == 1
    assert "unreadable" in capsys.readouterr().out


def test_the_command_compares_with_kept_checkpoints(files, capsys):
    assert main([str(files / "log.jsonl"), "--key", str(KEY), "--checkpoint", str(files / "kept.note")]) == 1
    assert "entry 5: missing" in capsys.readouterr().out


@pytest.mark.parametrize(("file", "key"), [("absent.jsonl", str(KEY)), ("log.jsonl", "nonsense")])
def test_the_command_says_what_it_cannot_read(files, file, key, capsys):
    assert main([str(files / file), "--key", key]) == 2
    assert capsys.readouterr().err.startswith("verify: ")


def test_the_verifier_runs_on_python_alone(files):
    # -S: without site-packages, so that an import of anything installed fails.
    command = [
        sys.executable,
        "-S",
        "-m",
        "service.ledger.verify",
        str(files / "log.jsonl"),
        "--key",
        str(KEY),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("intact: 5 entries and 2 checkpoints")
