"""A small log in memory, made the same way each time: fixed key, salts and times."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from service.ledger.canonical import encode
from service.ledger.checkpoint import Checkpoint
from service.ledger.entry import Entry
from service.ledger.export import Row
from service.ledger.key import parse_key
from service.ledger.merkle import Frontier, Node, leaf_hash

# The secrets of RFC 8032, 7.1, tests 1 and 2: known to everybody.
SIGNER = parse_key("PRIVATE+KEY+example.com/log+cc714670+AZ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g")
STRANGER = parse_key("PRIVATE+KEY+example.com/log+4862d537+AUzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7")
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def make_entry(seq: int) -> Entry:
    body = {"quote": f"Да, «{seq}» согласовано", "amount": 1200.5, "due": None, "flags": ["verbal"]}
    return Entry(seq, "statement.found", f"message-{seq}", body, START + timedelta(minutes=seq), "rules-1")


def make_row(entry: Entry, salt: bytes | None = None) -> Row:
    salt = salt or sha256(b"salt %d" % entry.seq).digest()
    body = encode(entry)
    return Row(entry.seq, leaf_hash(salt + body), salt, body)


def make_rows(count: int) -> list[Row]:
    return [make_row(make_entry(seq)) for seq in range(count)]


def sign_rows(rows: list[Row], signer=SIGNER) -> str:
    frontier = Frontier()
    for row in rows:
        frontier.push(row.leaf)
    return signer.sign(Checkpoint(signer.verifier.name, len(rows), frontier.root()))


def sign_every(rows: list[Row], step: int, signer=SIGNER) -> list[Row | str]:
    """Return the rows with a signed note after every `step` of them and at the end."""
    records: list[Row | str] = []
    for count, row in enumerate(rows, start=1):
        records.append(row)
        if count % step == 0 or count == len(rows):
            records.append(sign_rows(rows[:count], signer))
    return records


def all_nodes(leaves: list[bytes]) -> dict[Node, bytes]:
    """Return every perfect subtree over the leaves, as the database would hold them."""
    frontier = Frontier()
    nodes = {Node(0, position): leaf for position, leaf in enumerate(leaves)}
    for leaf in leaves:
        nodes |= frontier.push(leaf)
    return nodes
