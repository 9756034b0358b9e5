"""When two records are the same message. In: RawMessage. Out: hashes. Never: trusts a Message-ID alone.

Three identities, kept apart everywhere:

* `blob_sha256`: the exact bytes; two copies of one mail differ in their Received headers.
* `external_id`: what the platform calls it; can be missing, repeated with other bodies, or kilobytes long.
* `identity`: the same for every copy of a message, whoever delivered it.
"""

from hashlib import blake2b, sha256

from service.archive.pieces import pieces
from service.sources.raw_message import RawMessage

LONGEST_NAME = 400
"""Characters: PostgreSQL takes no more than 2,704 bytes into an index."""
PLACE_BITS = 12
"""Low bits of a message id that come from its place in its file; the rest are minutes since 1970."""


def blob_sha256(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return sha256(data).hexdigest()


def identity(raw: RawMessage, occurrence: int = 0, chat: str | None = None) -> str:
    """Return 128 bits in hexadecimal that every copy of the message shares.

    Chats with ids: platform, chat and id. Everything else: who wrote what, when; `occurrence` counts equal
    records in one file ("ok" twice within a minute), because such exports have nothing to tell them apart.
    `chat` is the chat's name where its key is another chat's as well.
    """
    if chat is None:
        chat = chat_name(raw.conversation.key) if raw.conversation else ""
    parts = [raw.channel, chat, raw.external_id]
    if not raw.external_id or raw.channel == "email":
        author = f"{raw.author.kind}:{raw.author.value}" if raw.author else ""
        sent = raw.sent_at.isoformat() if raw.sent_at else ""
        parts += [author, sent, raw.subject or "", _folded(raw.text)]
        parts += [f"{one.name}:{one.media_type}:{one.size}" for one in raw.attachments]
    if occurrence:
        parts.append(str(occurrence))
    return _digest("\0".join(parts), 16).hex()


def chat_name(key: str) -> str:
    """Return the key of a chat as an index takes it: a long one is cut, and told from others by its hash."""
    return key if len(key) <= LONGEST_NAME else f"{key[:LONGEST_NAME]}\x1e{_digest(key, 16).hex()}"


def identity_of_id(channel: str, chat: str, external_id: str) -> str:
    """Return the identity of a message of a chat that has an id."""
    return _digest(f"{channel}\0{chat}\0{external_id}", 16).hex()


def key_of(external_id: str, *scope: str) -> int:
    """Return 64 bits, signed as databases want them, that stand for an external id of any length."""
    return int.from_bytes(_digest("\0".join((*scope, external_id)), 8), signed=True)


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def _folded(text: str) -> str:
    # Servers re-wrap and trim; the words stay.
    return " ".join(filter(None, (" ".join(piece.split()) for piece in pieces(text))))
