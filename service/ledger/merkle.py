"""The Merkle tree of RFC 6962, section 2.1. Never: storage, or knowledge of what the leaves say.

A tree over n leaves is covered by perfect subtrees. Each is a Node, addressed by its level (0: a leaf) and
position in it; once complete it never changes, so it is stored, and a proof is read, not rehashed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

EMPTY_ROOT = sha256().digest()
"""RFC 6962, 2.1: the hash of an empty list is the hash of an empty string."""


class Node(NamedTuple):
    """Address of a perfect subtree: it covers 2**level leaves from position * 2**level."""

    level: int
    position: int


class Span(NamedTuple):
    """The leaves from `start` up to but not including `end`, as one subtree of the tree."""

    start: int
    end: int


Fetch = Callable[[Sequence[Node]], Mapping[Node, bytes]]
"""Returns the stored hashes of the asked nodes; raises where one is missing."""


def leaf_hash(data: bytes) -> bytes:
    """Hash leaf data: RFC 6962, 2.1, prefix 0x00."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children: RFC 6962, 2.1, prefix 0x01."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Join perfect subtrees, given left to right, into the root over all of them."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


class Frontier:
    """The right edge of a growing tree: all that is needed to append, at most one hash per level."""

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        if len(self._hashes) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} edge nodes, not {len(self._hashes)}"
            )

    def push(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Append a leaf hash; return the nodes above the leaves that it completes, lowest first."""
        completed = []
        level, rest, digest = 0, self.size, leaf
        while rest & 1:
            digest = node_hash(self._hashes.pop(), digest)
            level, rest = level + 1, rest >> 1
            completed.append((Node(level, rest), digest))
        self._hashes.append(digest)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return fold(self._hashes)


def cover(span: Span) -> list[Node]:
    """Return the perfect subtrees that make up a span, left to right; `Span(0, n)` gives the frontier."""
    nodes = []
    start, rest = span.start, span.end - span.start
    while rest:
        level = rest.bit_length() - 1
        nodes.append(Node(level, start >> level))
        start, rest = start + (1 << level), rest - (1 << level)
    return nodes


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Return the subtrees that prove that leaf `index` is in the tree of `size` (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(start, middle))
            start = middle
    return path[::-1]


def consistency_spans(old: int, size: int) -> list[Span]:
    """Return the subtrees that prove that the tree of `old` leaves begins this one (RFC 6962, 2.1.2)."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {old} cannot be proved a prefix of a tree of {size}")
    path = []
    start, end = 0, size
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(Span(middle, end))
            end = middle
        else:
            path.append(Span(start, middle))
            start = middle
    if start > 0:
        path.append(Span(start, end))
    return path[::-1]


def hash_spans(spans: Sequence[Span], fetch: Fetch) -> list[bytes]:
    """Hash each subtree from its stored nodes, all fetched at once."""
    covers = [cover(span) for span in spans]
    hashes = fetch([node for nodes in covers for node in nodes])
    return [fold([hashes[node] for node in nodes]) for nodes in covers]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2); index and size are bound to the path's length."""
    if not 0 <= index < size:
        return False
    position, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            digest = node_hash(sibling, digest)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and digest == root


def verify_consistency(old: int, size: int, path: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Check a consistency proof (RFC 9162, 2.1.4.2); equal sizes need an empty path and equal roots."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_root == root
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        return False
    position, last = old - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_digest = digest = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_digest, digest = node_hash(sibling, old_digest), node_hash(sibling, digest)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_digest == old_root and digest == root


def _split(count: int) -> int:
    """Return the largest power of two below `count` (RFC 6962's k)."""
    return 1 << (count - 1).bit_length() - 1
