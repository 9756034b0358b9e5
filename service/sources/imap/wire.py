"""One connection to a mail server. In: commands. Out: responses, one by one. Never: two commands at once.

Neither imaplib nor IMAPClient reads here: they keep a whole answer in memory, take literals of any size,
and refuse lines of more than a million bytes, which a folder of 150,000 messages fills.
"""

import contextlib
import io
import itertools
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

from service.errors import SourceError, Unreachable
from service.sources.imap.framing import Nonsense, Response, read_response
from service.sources.imap.mailbox import Security, Server
from service.sources.imap.troubles import breaking_off, in_our_words, refusal, where

_BUFFER = 256 * 1024
_GOODBYE_S = 5
_MOST_RESPONSES = 10_000_000
"""In one answer: a server that never comes to an end is left."""
_MOST_GARBAGE = 1_000


class _Stream(io.RawIOBase):
    """A socket as a stream that can be read on after a time-out, which `socket.makefile` refuses."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._connection.recv_into(buffer)


class Wire:
    """A connection, not signed in yet."""

    def __init__(self, server: Server, timeout_s: float) -> None:
        self.server = server
        self._timeout_s = timeout_s
        self._tags = itertools.count(1)
        self._answering = False
        self._capabilities: frozenset[bytes] = frozenset()
        with in_our_words(server):
            self._use(_connect(server, timeout_s))
        with contextlib.ExitStack() as undo:
            undo.callback(self.cut)
            self._greet()
            if server.security is Security.STARTTLS:
                self._start_tls()
            undo.pop_all()

    def has(self, capability: bytes) -> bool:
        """Say whether the server offers something; asked anew after TLS and after the sign-in."""
        return capability in self._capabilities

    def ask_capabilities(self) -> None:
        """Ask what the server offers in the present state."""
        offered: set[bytes] = set()
        for response in self.answers(b"CAPABILITY"):
            if response.word == b"CAPABILITY":
                offered.update(response.text.upper().split())
        self._capabilities = frozenset(offered)

    def answers(self, command: bytes, reply: Callable[[bytes], bytes] | None = None) -> Iterator[Response]:
        """Send a command and yield what comes until it is done; `reply` answers continuations.

        The answer must be read to its end: who stops before cuts the connection. Raises Declined for
        NO and BAD, Throttled where the server asks to wait, Unreachable where it breaks off.
        """
        tag = self._send(command)
        done = False
        try:
            with in_our_words(self.server):
                for response in self._responses():
                    if response.tag == tag:
                        done = True
                        self._answering = False
                        if response.word != b"OK":
                            raise refusal(self.server, response.text, doing=_name(command))
                        return
                    if response.tag == b"+" and reply is not None:
                        self._connection.sendall(reply(response.text) + b"\r\n")
                    yield response
        finally:
            if not done:
                self.cut()

    def do(self, command: bytes) -> None:
        """Send a command whose answer is of no interest."""
        for _ in self.answers(command):
            pass

    def idle(self, waits: Callable[[], float | None]) -> Iterator[Response]:
        """Yield what comes unasked (RFC 2177) while `waits` gives seconds to wait; then end the command."""
        told = False
        for response in self.answers(b"IDLE"):
            yield response
            if response.tag == b"+" and not told:
                told = True
                yield from self._unasked(waits)
                with in_our_words(self.server):
                    self._connection.sendall(b"DONE\r\n")

    def cut(self) -> None:
        """Close the connection without a word; every later command raises Unreachable."""
        self._answering = True
        self._reader.close()
        self._connection.close()

    def close(self) -> None:
        """Say goodbye where that can still be done, and close; never raises."""
        if not self._answering:
            self._connection.settimeout(_GOODBYE_S)
            with contextlib.suppress(SourceError):
                self.do(b"LOGOUT")
        self.cut()

    def _use(self, connection: socket.socket) -> None:
        self._connection = connection
        # What came before TLS must not be read as if it had come through it: the buffer is new as well.
        self._reader = io.BufferedReader(_Stream(connection), _BUFFER)

    def _greet(self) -> None:
        with in_our_words(self.server):
            greeting = next(self._responses())
        if greeting.tag != b"*" or greeting.word != b"OK":
            # PREAUTH as well: nobody knows whose mailbox that would be, and TLS could not begin any more.
            raise Unreachable(
                f"{where(self.server)} does not greet as a mail server does; check host and port"
            )
        self.ask_capabilities()

    def _start_tls(self) -> None:
        if not self.has(b"STARTTLS"):
            raise Unreachable(f"{where(self.server)} does not offer STARTTLS; use tls, usually on port 993")
        self.do(b"STARTTLS")
        with in_our_words(self.server):
            self._use(_secure(self._connection, self.server))
        self.ask_capabilities()

    def _send(self, command: bytes) -> bytes:
        if self._answering:
            raise Unreachable(f"The connection to {where(self.server)} was left in the middle of an answer")
        assert not set(command) & set(b"\r\n"), "one command is one line"
        tag = b"S%d" % next(self._tags)
        with in_our_words(self.server):
            self._answering = True
            self._connection.sendall(tag + b" " + command + b"\r\n")
        return tag

    def _responses(self) -> Iterator[Response]:
        garbage = 0
        for _ in range(_MOST_RESPONSES):
            response = read_response(self._reader)
            if response is None:
                garbage += 1
                if garbage > _MOST_GARBAGE:
                    raise Nonsense("line after line that is no response")
            elif response.word == b"BYE" and response.tag == b"*":
                raise breaking_off(self.server, response.text)
            else:
                yield response
        raise Nonsense("an answer without end")

    def _unasked(self, waits: Callable[[], float | None]) -> Iterator[Response]:
        while (seconds := waits()) is not None:
            with in_our_words(self.server):
                if not self._hears(seconds):
                    continue
                response = next(self._responses())
            yield response

    def _hears(self, seconds: float) -> bool:
        """Wait for anything to come; a time-out is no error here."""
        self._connection.settimeout(max(seconds, 0.001))
        try:
            # At the end of the stream it is empty, and reading says what that means.
            self._reader.peek(1)
        except TimeoutError:
            return False
        finally:
            self._connection.settimeout(self._timeout_s)
        return True


def _name(command: bytes) -> str:
    """Name a command for people, without what may be a password."""
    words = command.decode(errors="replace").split(maxsplit=2)
    return " ".join(words[: 2 if words[0] == "UID" else 1])


def _connect(server: Server, timeout_s: float) -> socket.socket:
    connection = socket.create_connection((server.host, server.port), timeout_s)
    with contextlib.ExitStack() as undo:
        undo.callback(connection.close)
        secured = _secure(connection, server) if server.security is Security.TLS else connection
        undo.pop_all()
        return secured


def _secure(connection: socket.socket, server: Server) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if server.ca_file:
        context.load_verify_locations(server.ca_file)
    return context.wrap_socket(connection, server_hostname=server.host)
