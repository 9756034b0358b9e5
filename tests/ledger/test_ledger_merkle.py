"""The tree equals the definitions of RFC 6962, section 2.1, written here again as plain recursion."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_log import all_nodes

from service.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    Span,
    consistency_spans,
    cover,
    fold,
    hash_spans,
    inclusion_spans,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "rfc6962.json").read_text())
SIZES = st.integers(min_value=1, max_value=140)


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def naive_root(data: list[bytes]) -> bytes:
    if not data:
        return sha256().digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return sha256(b"\x01" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def naive_path(m: int, data: list[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive_root(data[k:])]
    return [*naive_path(m - k, data[k:]), naive_root(data[:k])]


def naive_subproof(m: int, data: list[bytes], *, whole: bool) -> list[bytes]:
    if m == len(data):
        return [] if whole else [naive_root(data)]
    k = split(len(data))
    if m <= k:
        return [*naive_subproof(m, data[:k], whole=whole), naive_root(data[k:])]
    return [*naive_subproof(m - k, data[k:], whole=False), naive_root(data[:k])]


def data_of(size: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(size)]


def leaves_of(data: list[bytes]) -> list[bytes]:
    return [leaf_hash(item) for item in data]


def prove(data: list[bytes], spans: list[Span]) -> list[bytes]:
    nodes = all_nodes(leaves_of(data))
    return hash_spans(spans, lambda wanted: {node: nodes[node] for node in wanted})


def flip(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit % (len(data) * 8)).to_bytes(len(data))


@pytest.mark.parametrize("size", range(9))
def test_roots_equal_the_published_ones(size):
    data = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"][:size]]
    frontier = Frontier()
    for leaf in leaves_of(data):
        frontier.push(leaf)
    published = ([VECTORS["empty_root"]] + VECTORS["roots"])[size]
    assert frontier.root().hex() == naive_root(data).hex() == published


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=str)
def test_inclusion_proofs_equal_the_published_ones(vector):
    data = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"][: vector["size"]]]
    path = prove(data, inclusion_spans(vector["leaf"], vector["size"]))
    assert [digest.hex() for digest in path] == vector["path"]
    assert path == naive_path(vector["leaf"], data)


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=str)
def test_consistency_proofs_equal_the_published_ones(vector):
    data = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"][: vector["size"]]]
    path = prove(data, consistency_spans(vector["old"], vector["size"]))
    assert [digest.hex() for digest in path] == vector["path"]
    assert path == naive_subproof(vector["old"], data, whole=True)


@given(st.integers(min_value=0, max_value=140))
def test_a_grown_tree_equals_the_recursive_definition(size):
    data = data_of(size)
    nodes = all_nodes(leaves_of(data))
    assert fold([nodes[node] for node in cover(Span(0, size))]) == naive_root(data)
    for (level, position), digest in nodes.items():
        assert digest == naive_root(data[position << level : (position + 1) << level])
    assert len(nodes) == 2 * size - size.bit_count()


@given(SIZES, st.data())
def test_growth_can_stop_and_go_on_anywhere(size, draw):
    stop = draw.draw(st.integers(0, size))
    leaves = leaves_of(data_of(size))
    nodes = all_nodes(leaves)
    frontier = Frontier(stop, [nodes[node] for node in cover(Span(0, stop))])
    later: dict[Node, bytes] = {}
    for leaf in leaves[stop:]:
        later |= frontier.push(leaf)
    assert frontier.root() == naive_root(data_of(size))
    assert all(nodes[node] == digest for node, digest in later.items())


@given(SIZES, st.data())
def test_every_inclusion_proof_verifies_and_equals_the_definition(size, draw):
    index = draw.draw(st.integers(0, size - 1))
    data = data_of(size)
    path = prove(data, inclusion_spans(index, size))
    assert path == naive_path(index, data)
    assert verify_inclusion(leaf_hash(data[index]), index, size, path, naive_root(data))


@given(SIZES, st.data())
def test_an_inclusion_proof_with_any_flipped_bit_fails(size, draw):
    index = draw.draw(st.integers(0, size - 1))
    data = data_of(size)
    leaf, root, path = leaf_hash(data[index]), naive_root(data), naive_path(index, data)
    bit = draw.draw(st.integers(0, 255))
    assert not verify_inclusion(flip(leaf, bit), index, size, path, root)
    assert not verify_inclusion(leaf, index, size, path, flip(root, bit))
    for place in range(len(path)):
        bad = [*path[:place], flip(path[place], bit), *path[place + 1 :]]
        assert not verify_inclusion(leaf, index, size, bad, root)


@given(SIZES, st.data())
def test_an_inclusion_proof_holds_for_no_other_place_or_length(size, draw):
    index = draw.draw(st.integers(0, size - 1))
    data = data_of(size)
    leaf, root, path = leaf_hash(data[index]), naive_root(data), naive_path(index, data)
    for other in range(-1, size + 2):
        assert verify_inclusion(leaf, other, size, path, root) == (other == index)
    assert not verify_inclusion(leaf, index, size, [*path, root], root)
    assert not verify_inclusion(leaf, index, size, path[:-1], root) or not path


@given(SIZES, st.data())
def test_every_consistency_proof_verifies_and_equals_the_definition(size, draw):
    old = draw.draw(st.integers(1, size))
    data = data_of(size)
    path = prove(data, consistency_spans(old, size))
    assert path == naive_subproof(old, data, whole=True)
    assert verify_consistency(old, size, path, naive_root(data[:old]), naive_root(data))


@given(SIZES, st.data())
def test_a_consistency_proof_with_any_flipped_bit_fails(size, draw):
    old = draw.draw(st.integers(1, size))
    data = data_of(size)
    before, after, path = naive_root(data[:old]), naive_root(data), naive_subproof(old, data, whole=True)
    bit = draw.draw(st.integers(0, 255))
    assert not verify_consistency(old, size, path, flip(before, bit), after)
    assert not verify_consistency(old, size, path, before, flip(after, bit))
    for place in range(len(path)):
        bad = [*path[:place], flip(path[place], bit), *path[place + 1 :]]
        assert not verify_consistency(old, size, bad, before, after)
    assert not verify_consistency(old, size, [*path, after], before, after)
    assert not verify_consistency(old, size, path[:-1], before, after) or not path


@given(st.integers(2, 60), st.data())
def test_a_changed_history_has_no_consistency_proof(size, draw):
    old = draw.draw(st.integers(1, size - 1))
    changed = draw.draw(st.integers(0, old - 1))
    data = data_of(size)
    forged = [*data[:changed], b"forged", *data[changed + 1 :]]
    path = naive_subproof(old, forged, whole=True)
    assert not verify_consistency(old, size, path, naive_root(data[:old]), naive_root(forged))


def test_sizes_that_make_no_sense_are_refused():
    assert not verify_consistency(0, 3, [], EMPTY_ROOT, naive_root(data_of(3)))
    assert not verify_consistency(4, 3, [], EMPTY_ROOT, EMPTY_ROOT)
    assert not verify_consistency(3, 4, [], EMPTY_ROOT, EMPTY_ROOT)
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_spans(3, 3)
    with pytest.raises(ValueError, match="prefix"):
        consistency_spans(4, 3)
    with pytest.raises(ValueError, match="edge nodes"):
        Frontier(3, [b""])
