"""Its reader does what hostile files make libraries do: `python hostile_child.py MEMORY SECONDS`."""

import os
import sys
from itertools import repeat
from tempfile import TemporaryFile
from threading import Event

from service.attachments.child import limit, serve
from service.attachments.reader import Words


def spin():
    while True:
        pass


def swell():
    held = []
    while True:
        held.append(bytearray(10_000_000))


def chatter():
    sys.stdout.write("a library says something\n")
    for _ in range(100_000):
        sys.stderr.write("and warns of something\n")


def write():
    with TemporaryFile(buffering=0) as file:
        file.write(b"x")


def bug():
    raise KeyboardInterrupt("never caught")


DEEDS = {
    b"hang": lambda: Event().wait(),
    b"spin": spin,
    b"swell": swell,
    b"die": os.abort,
    b"flood": lambda: repeat(Words("слово " * 100_000)),
    b"endless": lambda: repeat(Words("")),
    b"chatter": chatter,
    b"write": write,
    b"bug": bug,
    b"pid": lambda: [Words(f"{os.getpid()} ")],
    b"good": lambda: None,
}


class Hostile:
    name = "hostile-1"
    media_types = frozenset({"application/x-hostile"})
    endings = frozenset()

    def fits(self, content):
        return True

    def read(self, given):
        yield Words("до ")
        yield from DEEDS[given.content]() or ()
        yield Words("после")


limit(int(sys.argv[1]))
serve([Hostile()], float(sys.argv[2]))
