r"""Find files that old programs (The Bat!, Outlook before 2000) wrote into the text itself with uuencode.

In: the bytes of a text. Out: the text without them, and the files. Never: takes a text for a file unless its
lines have the lengths that they claim.

>>> cut_files(b"See:\nbegin 644 a.txt\n#86)C\n`\nend\nBye\n")
(b'See:\nBye\n', [(b'a.txt', b'abc')])
"""

import binascii
import re

_FILE = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n((?:[!-`][ -`]*\r?\n){1,}?)(?:[` ]\r?\n)?end[ \t]*(?:\r?\n|\Z)",
    re.MULTILINE,
)
_MOST = 100


def cut_files(content: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return the text around the files, and the name and bytes of each."""
    if b"begin " not in content:
        return content, []
    rest: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    done = 0
    for found in _FILE.finditer(content):
        decoded = _decoded(found[2]) if len(files) < _MOST else None
        if decoded is not None:
            files.append((found[1].strip(), decoded))
            rest.append(content[done : found.start()])
            done = found.end()
    return b"".join((*rest, content[done:])), files


def _decoded(lines: bytes) -> bytes | None:
    out: list[bytes] = []
    for line in lines.splitlines():
        wanted = (((line[0] - 32) & 63) + 2) // 3 * 4
        if len(line) - 1 > wanted + 2:  # some programs add a checksum
            return None
        # Trailing blanks are lost on the way: they stand for zero bits.
        letters = line[1:].ljust(wanted)[:wanted]
        try:
            out.append(binascii.a2b_uu(line[:1] + letters))
        except binascii.Error:
            return None
    return b"".join(out)
