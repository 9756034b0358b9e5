"""A proxy in front of a real mail server that changes what the two say to each other: for servers that lie.

A `Meddling` sees every line on its way; the bytes of literals go through as they are.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator, Mapping

from service.sources.imap.mailbox import Security, Server

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n\Z")


_ON_GMAIL = {b"[Gmail]/All Mail": b"\\All", b"[Gmail]/Spam": b"\\Junk", b"[Gmail]/Trash": b"\\Trash"}


class Meddling:
    """What is done to the lines; as it stands nothing."""

    cut_after: int | None = None
    """How many bytes of the server a connection lets through before it is cut."""

    def to_server(self, line: bytes) -> bytes:
        return line

    def to_client(self, line: bytes) -> bytes:
        """Return what the client gets for a line of the server: the line, other bytes, or nothing."""
        return line


class Replacing(Meddling):
    """Puts other bytes in the place of bytes in the server's lines, and with `to_server` in the client's."""

    def __init__(
        self,
        to_client: Mapping[bytes, bytes] | None = None,
        *,
        to_server: Mapping[bytes, bytes] | None = None,
        cut_after: int | None = None,
    ) -> None:
        self._to_client = to_client or {}
        self._to_server = to_server or {}
        self.cut_after = cut_after
        self.met: list[bytes] = []
        """The client's lines, as they came."""

    def to_server(self, line: bytes) -> bytes:
        self.met.append(line)
        return _replaced(line, self._to_server)

    def to_client(self, line: bytes) -> bytes:
        return _replaced(line, self._to_client)


class Gmail(Meddling):
    """Makes a server look like Gmail: labels and threads (X-GM-EXT-1), no QRESYNC, `[Gmail]/...` folders."""

    def __init__(self, labels: Mapping[int, tuple[bytes, ...]]) -> None:
        self.labels = dict(labels)
        """By UID, as Gmail has them: `\\\\Inbox` quoted, names in modified UTF-7; a test may change them."""
        self._asked: set[bytes] = set()

    def to_server(self, line: bytes) -> bytes:
        self._asked = set(re.findall(rb"X-GM-(?:LABELS|THRID)", line))
        return re.sub(rb" X-GM-(?:LABELS|THRID)", b"", line)

    def to_client(self, line: bytes) -> bytes:
        if b"IMAP4rev1" in line:
            return line.replace(b"IMAP4rev1", b"IMAP4rev1 X-GM-EXT-1").replace(b" QRESYNC", b"")
        if line.startswith(b"* LIST "):
            for name, special in _ON_GMAIL.items():
                if name in line:
                    return line.replace(b"(", b"(" + special + b" ", 1)
        found = re.match(rb"\* \d+ FETCH \((?=.*?UID (\d+))", line)
        return line if found is None else found[0] + self._attributes(int(found[1])) + line[found.end() :]

    def _attributes(self, uid: int) -> bytes:
        labels = b" ".join(b'"' + label + b'"' for label in self.labels.get(uid, ()))
        told = {b"X-GM-LABELS": b"(" + labels + b")", b"X-GM-THRID": b"%d" % (1_000_000 + uid)}
        return b"".join(name + b" " + told[name] + b" " for name in sorted(self._asked))


class Meddler:
    """A listening proxy; clients reach it in clear on loopback."""

    def __init__(self, port: int, meddling: Meddling) -> None:
        self._port = port
        self._meddling = meddling
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def server(self) -> Server:
        return Server("127.0.0.1", self._listening.getsockname()[1], Security.NONE)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listening.close()
        for connection in tuple(self._open):
            _shut(connection)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except ConnectionError:
                client.close()
                continue
            self._open |= {client, server}
            thread = threading.Thread(target=self._serve, args=(client, server))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        secret = threading.Event()
        up = threading.Thread(target=self._pass_up, args=(client, server, secret))
        up.start()
        with contextlib.suppress(OSError):
            self._pass_down(server, client, secret)
        _shut(client)
        _shut(server)
        up.join()
        for connection in (client, server):
            self._open.discard(connection)
            connection.close()

    def _pass_up(self, client: socket.socket, server: socket.socket, secret: threading.Event) -> None:
        with contextlib.suppress(OSError), client.makefile("rb") as lines:
            for line in lines:
                if line.endswith(b"STARTTLS\r\n"):
                    secret.set()
                server.sendall(self._meddling.to_server(line))
                while secret.is_set() and (part := lines.read1()):
                    server.sendall(part)
        _shut(server)

    def _pass_down(self, server: socket.socket, client: socket.socket, secret: threading.Event) -> None:
        room = self._meddling.cut_after
        with server.makefile("rb") as lines:
            for part in self._parts(lines, secret):
                if room is not None:
                    client.sendall(part[:room])
                    room -= len(part)
                    if room <= 0:
                        return
                else:
                    client.sendall(part)

    def _parts(self, lines, secret: threading.Event) -> Iterator[bytes]:
        """Cut what the server says into lines and literals, until both go over to TLS."""
        for line in lines:
            yield self._meddling.to_client(line)
            while secret.is_set() and (part := lines.read1()):
                yield part
            if announced := _LITERAL.search(line):
                yield lines.read(int(announced[1]))


def _replaced(line: bytes, new: Mapping[bytes, bytes]) -> bytes:
    for old, other in new.items():
        line = line.replace(old, other)
    return line


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def meddling(port: int, what: Meddling) -> Iterator[Server]:
    """Run a proxy in front of the server on this port of loopback."""
    meddler = Meddler(port, what)
    try:
        yield meddler.server
    finally:
        meddler.close()
