"""Checkpoints and keys are exactly those of C2SP signed-note and tlog-checkpoint."""

import json
import stat
from pathlib import Path

import pytest
from memory_log import SIGNER, STRANGER, make_rows, sign_rows

from service.errors import LedgerBroken, LedgerError
from service.ledger.checkpoint import Checkpoint, VerifierKey, open_checkpoint, parse_checkpoint, sign_line
from service.ledger.key import create_key, load_key, parse_key, verify_signature

VECTOR = json.loads((Path(__file__).parent / "vectors" / "note.json").read_text())
KEY = SIGNER.verifier


def note_of(size: int) -> str:
    return sign_rows(make_rows(size))


def test_keys_and_signatures_equal_the_published_ones():
    signer = parse_key(VECTOR["signer"])
    assert str(signer.verifier) == VECTOR["verifier"]
    assert VerifierKey.parse(VECTOR["verifier"]) == signer.verifier
    assert sign_line(signer.verifier, signer._private.sign(VECTOR["text"].encode())) == VECTOR["line"]
    assert signer.export_text() == VECTOR["signer"]


def test_a_verifier_key_with_any_character_changed_is_refused():
    text = VECTOR["verifier"]
    for place in range(len(text)):
        with pytest.raises(LedgerError):
            VerifierKey.parse(text[:place] + chr(ord(text[place]) + 1) + text[place + 1 :])
        with pytest.raises(LedgerError):
            VerifierKey.parse(text[:place])


def test_a_checkpoint_has_three_lines_and_a_signature():
    note = note_of(3)
    origin, size, root, blank, signature, end = note.split("\n")
    assert (origin, size, blank, end) == ("example.com/log", "3", "", "")
    assert signature.startswith("— example.com/log ")
    checkpoint = open_checkpoint(note, KEY)
    assert checkpoint.text() == f"{origin}\n{size}\n{root}\n"
    assert open_checkpoint(note, KEY, verify_signature) == checkpoint


def test_a_checkpoint_with_any_flipped_bit_is_refused():
    note = note_of(3).encode()
    for place in range(len(note)):
        for bit in range(8):
            flipped = bytearray(note)
            flipped[place] ^= 1 << bit
            with pytest.raises(LedgerBroken):
                open_checkpoint(flipped.decode(errors="surrogateescape"), KEY, verify_signature)


def test_a_checkpoint_cut_anywhere_is_refused():
    note = note_of(3)
    for end in range(len(note)):
        with pytest.raises(LedgerBroken):
            open_checkpoint(note[:end], KEY, verify_signature)


def test_signatures_of_unknown_keys_are_ignored_but_one_of_ours_must_be_there():
    note = note_of(3)
    theirs = STRANGER.sign(open_checkpoint(note, KEY)).rpartition("\n\n")[2]
    assert open_checkpoint(note + theirs, KEY).size == 3
    with pytest.raises(LedgerBroken, match="not signed by"):
        open_checkpoint(note.rpartition("— ")[0] + theirs, KEY)


def test_a_wrong_signature_beside_a_good_one_is_refused():
    wrong = note_of(2).rpartition("\n\n")[2]
    with pytest.raises(LedgerBroken, match="wrong signature"):
        open_checkpoint(note_of(3) + wrong, KEY)


def test_a_checkpoint_of_another_log_is_refused():
    other = SIGNER.sign(Checkpoint("example.com/other", 3, bytes(32)))
    with pytest.raises(LedgerBroken, match="of the log"):
        open_checkpoint(other, KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n3\nroot\n",
        "log\n03\n{root}\n",
        "log\n-3\n{root}\n",
        "\n3\n{root}\n",
        "log\n3\n{root}\nmore\n",
    ],
)
def test_a_text_of_another_form_is_no_checkpoint(text):
    root = open_checkpoint(note_of(1), KEY).text().split("\n")[2]
    signed = note_of(1).rpartition("\n\n")[2]
    with pytest.raises(LedgerBroken):
        parse_checkpoint(f"{text.format(root=root)}\n{signed}")


def test_a_key_is_made_once_and_read_back(tmp_path):
    path = tmp_path / "ledger.key"
    key = create_key(path, "scripta.example/agency")
    assert load_key(path).verifier == key.verifier
    assert key.verifier.name == "scripta.example/agency"
    with pytest.raises(LedgerError, match="second key"):
        create_key(path, "scripta.example/agency")
    assert load_key(path).verifier == key.verifier


def test_a_key_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "ledger.key"
    create_key(path, "log")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(LedgerError, match="chmod 600"):
        load_key(path)


def test_a_missing_or_damaged_key_is_refused_without_showing_it(tmp_path):
    path = tmp_path / "ledger.key"
    with pytest.raises(LedgerError, match="backup"):
        load_key(path)
    secret = create_key(path, "log").export_text()
    for damaged in ("", secret[:-4] + "AAA=", secret.replace("+log+", "+lag+"), "PRIVATE+KEY+log"):
        path.write_text(damaged)
        with pytest.raises(LedgerError) as refusal:
            load_key(path)
        assert secret[-20:] not in str(refusal.value)


def test_a_key_does_not_show_its_secret():
    assert SIGNER.export_text().rpartition("+")[2] not in repr(SIGNER)


@pytest.mark.parametrize("origin", ["", "two words", "one+two"])
def test_a_log_name_must_fit_into_a_note(tmp_path, origin):
    with pytest.raises(LedgerError, match="key name"):
        create_key(tmp_path / "ledger.key", origin)
