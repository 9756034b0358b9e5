"""A child whose readers do what hostile files make libraries do. Run as `python hostile_child.py MEMORY SECONDS`."""

import os
import sys
from threading import Event

from service.attachments.child import limit, serve
from service.attachments.reader import Words


class Hostile:
    name = "hostile-1"
    media_types = frozenset({"application/x-hostile"})
    endings = frozenset()

    def fits(self, content):
        return True

    def read(self, given):
        yield Words("до ")
        match given.content:
            case b"hang":
                Event().wait()
            case b"spin":
                while True:
                    pass
            case b"swell":
                held = []
                while True:
                    held.append(bytearray(10_000_000))
            case b"die":
                os.abort()
            case b"flood":
                while True:
                    yield Words("слово " * 100_000)
            case b"endless":
                while True:
                    yield Words("")
            case b"print":
                print("a library says something")
                for _ in range(100_000):
                    print("and warns of something", file=sys.stderr)
            case b"write":
                with open("/tmp/scripta-left-behind", "wb") as file:
                    file.write(b"x")
            case b"bug":
                raise KeyboardInterrupt("never caught")
            case b"pid":
                yield Words(f"{os.getpid()} ")
        yield Words("после")


limit(int(sys.argv[1]))
serve([Hostile()], float(sys.argv[2]))
