"""The base of every table, and the column types that behave the same on SQLite and PostgreSQL."""

import threading
from datetime import UTC, datetime, timedelta

import zstandard
from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
"""An id of 64 bits that we give ourselves. SQLite keeps a row under its INTEGER key; any other type would
cost an index of its own and a second look-up each time."""


class Table(SQLModel):
    """Base of rows at rest; never sent over the wire, never passed between stages."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept as microseconds since 1970 UTC: sorts and compares alike on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive times: a time without a zone is not an instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Hash(TypeDecorator[str]):
    """A hash: hexadecimal in Python, half the bytes at rest."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Turn hexadecimal into bytes."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Turn bytes into hexadecimal."""
        return None if value is None else bytes(value).hex()


class CompressedText(TypeDecorator[str]):
    """Text under zstd: a mail's text takes about half its bytes; SQL never looks inside."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Compress; a lone surrogate (broken input) becomes U+FFFD, the original keeps the truth."""
        if value is None:
            return None
        return _CODEC.compress(value.encode("utf-8", "replace"))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Return the text."""
        return None if value is None else _CODEC.decompress(value).decode()


class _Codec(threading.local):
    """A pair of zstd contexts per thread: they are costly to make and not safe to share."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=3, write_checksum=False)
        self._decompressor = zstandard.ZstdDecompressor()

    def compress(self, data: bytes) -> bytes:
        return self._compressor.compress(data)

    def decompress(self, data: bytes) -> bytes:
        return self._decompressor.decompress(bytes(data))


_CODEC = _Codec()
