"""How parent and child talk: frames of bytes behind their length, over pipes. Out: whole frames, or none.

A job is two frames, JSON and the bytes of a file; its answer is any number of frames with words, and an end.
"""

import json
import struct
from typing import IO, Any

MOST_BYTES = 1024 * 1024 * 1024
"""A longer frame is no frame: what writes it has lost count."""
_LENGTH = struct.Struct(">Q")


def send(pipe: IO[bytes], frame: bytes) -> None:
    """Write one frame. Raises BrokenPipeError where nobody reads any more."""
    pipe.write(_LENGTH.pack(len(frame)))
    pipe.write(frame)
    pipe.flush()


def receive(pipe: IO[bytes], most: int = MOST_BYTES) -> bytes | None:
    """Read one frame, or None where the other side has ended, or sends what is longer than `most`."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        return None
    frame = pipe.read(length)
    return frame if len(frame) == length else None


def send_json(pipe: IO[bytes], value: dict[str, Any]) -> None:
    """Write one frame of JSON; lone surrogates of broken text become question marks."""
    send(pipe, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def receive_json(pipe: IO[bytes], most: int = MOST_BYTES) -> dict[str, Any] | None:
    """Read one frame of JSON, or None where there is none."""
    frame = receive(pipe, most)
    try:
        value = None if frame is None else json.loads(frame)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
