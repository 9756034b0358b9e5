"""The pure verifier says what RFC 8032 and `cryptography` say."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ledger import ed25519
from service.ledger.key import verify_signature

VECTORS = json.loads((Path(__file__).parent / "vectors" / "ed25519.json").read_text())["vectors"]
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize("verify", [ed25519.verify, verify_signature])
@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_of_rfc_8032_verify(vector, verify):
    public, message, signature = (bytes.fromhex(vector[name]) for name in ("public", "message", "signature"))
    assert verify(public, message, signature)
    assert not verify(public, message + b".", signature)


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_both_verifiers_agree_on_good_and_on_flipped_signatures(seed, message, bit):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519.verify(public, message, signature)
    flipped = (int.from_bytes(signature) ^ 1 << bit).to_bytes(64)
    assert not ed25519.verify(public, message, flipped)
    assert not verify_signature(public, message, flipped)


def test_a_second_form_of_a_good_signature_is_refused():
    public, message, signature = (
        bytes.fromhex(VECTORS[1][name]) for name in ("public", "message", "signature")
    )
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert not ed25519.verify(public, message, signature[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize("public", [b"", b"\xff" * 32, (2).to_bytes(32, "little"), bytes(31) + b"\x80"])
def test_bytes_that_are_no_key_verify_nothing(public):
    signature = bytes.fromhex(VECTORS[0]["signature"])
    assert not ed25519.verify(public, b"", signature)
    assert not verify_signature(public, b"", signature)


def test_a_cut_signature_is_refused():
    public, signature = bytes.fromhex(VECTORS[0]["public"]), bytes.fromhex(VECTORS[0]["signature"])
    assert not ed25519.verify(public, b"", signature[:-1])
