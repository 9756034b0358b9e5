"""Ed25519 signature verification after RFC 8032, section 5.1.7. Never: signs, or handles secrets.

Plain integers in extended coordinates, not constant time: everything here is public. It exists so that a
stranger can verify a log with Python alone; `service.ledger.key` does it faster where `cryptography` is.
"""

from hashlib import sha512

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]
"""Extended homogeneous coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z (RFC 8032, 5.1.4)."""

_IDENTITY: _Point = (0, 1, 1, 0)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` (64 bytes) of `message` was made with the key behind `public` (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key = _decompress(public)
    scalar = int.from_bytes(signature[32:], "little")
    # RFC 8032, 5.1.7: S at or above the group order would be a second signature for the same message.
    if key is None or scalar >= _L:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % _L
    x, y, z, t = key
    return _compress(_double_multiply(scalar, _BASE, challenge, (_P - x, y, z, _P - t))) == signature[:32]


def _add(left: _Point, right: _Point) -> _Point:
    x1, y1, z1, t1 = left
    x2, y2, z2, t2 = right
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * t1 * t2 * _D % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double(point: _Point) -> _Point:
    x, y, z, _ = point
    a, b = x * x % _P, y * y % _P
    h = a + b
    e = h - (x + y) * (x + y) % _P
    g = a - b
    f = 2 * z * z % _P + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double_multiply(m: int, point: _Point, n: int, other: _Point) -> _Point:
    """Return m * point + n * other in one pass over the bits (Shamir's trick)."""
    table = (_IDENTITY, point, other, _add(point, other))
    result = _IDENTITY
    for bit in range(max(m.bit_length(), n.bit_length()) - 1, -1, -1):
        result = _double(result)
        choice = (m >> bit & 1) + 2 * (n >> bit & 1)
        if choice:
            result = _add(result, table[choice])
    return result


def _compress(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _decompress(encoded: bytes) -> _Point | None:
    """Decode a point (RFC 8032, 5.1.3); None where the bytes are none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT_M1 % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _base_point() -> _Point:
    """Return B of RFC 8032, 5.1: y = 4/5, x even."""
    point = _decompress((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    assert point is not None
    return point


_BASE = _base_point()
