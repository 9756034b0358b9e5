"""Take mails by SMTP (RFC 5321) into a spool. Out: files. Never: says 250 before a mail is on the disk.

What goes wrong here is answered with a 4xx, so that the sender keeps the mail and tries again; only what can
never be taken (too large, another recipient, no SMTP) is refused for good.
"""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Event, Thread
from types import SimpleNamespace

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Client

from service import clock
from service.errors import ConfigError, Unreachable
from service.intake.spool import Envelope, Spool

MOST_CONNECTIONS = 50
MOST_RECIPIENTS = 1000
"""Of one mail; RFC 5321, 4.5.3.1.8 wants 100 at least."""
MOST_AT_ONCE = 4
"""Mails that are received at the same time: each is in memory until it is on the disk."""
IDLE_S = 300.0
"""RFC 5321, 4.5.3.2.7."""
LONGEST_LINE = 1024 * 1024
"""Bytes; RFC 5322 allows 998, and programs that know no RFC write whole pages as one line."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """Where an intake listens, and what it lets in."""

    host: str
    port: int
    """0 for any that is free."""
    allow_from: tuple[IPv4Network | IPv6Network, ...]
    recipients: frozenset[str]
    """Addresses, and domains as `@agency.example`, in lower case; empty for everybody."""
    max_size: int
    tls: ssl.SSLContext | None = None

    def lets_in(self, peer: str) -> bool:
        """Say whether a client with this IP address may send."""
        try:
            address = _plain(ip_address(peer.partition("%")[0]))
        except ValueError:
            return False
        return any(address in network for network in self.allow_from)

    def takes(self, recipient: str) -> bool:
        """Say whether mail to this address is archived here."""
        known = recipient.lower()
        return not self.recipients or not self.recipients.isdisjoint({known, known[known.rfind("@") :]})


class SmtpServer:
    """Listens in a thread of its own until it is closed."""

    def __init__(self, door: Door, spool: Spool, arrived: Callable[[], None]) -> None:
        self.door = door
        self.spool = spool
        self.arrived = arrived
        self.connections: set[_Connection] = set()
        self.slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._socket = _listening(door)
        self._started = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="smtp", daemon=True)

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to take mails. Raises OSError where the spool cannot be used."""
        # aiosmtpd tells of every line of every mail at lower levels.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        try:
            self.spool.clear_drafts()
        except OSError:
            self.close()
            raise
        self._thread.start()
        self._started.wait()

    def close(self) -> None:
        """Stop listening; a mail that is on its way is not accepted, and sent again."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join()
        self._socket.close()

    async def _serve(self) -> None:
        self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._connection, sock=self._socket)
        self._started.set()
        async with server:
            await self._closing.wait()
            for connection in list(self.connections):
                connection.abort()

    def _connection(self) -> "_Connection":
        return _Connection(self)

    # What aiosmtpd asks, by the command of the client

    async def greet(
        self, _smtp: SMTP, client: Client, _transaction: Transaction, name: str, answers: list[str]
    ) -> list[str]:
        """Answer EHLO; nobody signs in here, whatever the library offers."""
        client.host_name = name
        return [answer for answer in answers if not answer.startswith("250-AUTH")]

    async def address(
        self, _smtp: SMTP, _client: Client, transaction: Transaction, recipient: str, _options: list[str]
    ) -> str:
        """Answer RCPT."""
        if not self.door.takes(recipient):
            return "550 5.7.1 Mail to this address is not archived here"
        if len(transaction.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        transaction.rcpt_tos.append(recipient)
        return "250 2.1.5 OK"

    async def accept(self, _smtp: SMTP, client: Client, transaction: Transaction) -> str:
        """Answer the end of DATA: yes, only when the mail is on the disk."""
        content = transaction.original_content
        assert content is not None
        envelope = Envelope(
            sender=(transaction.mail_from or "").strip("<>"),
            recipients=tuple(transaction.rcpt_tos),
            peer=_peer(client),
            received_at=clock.now(),
        )
        try:
            number = await asyncio.to_thread(self.spool.keep, envelope, content)
        except OSError as error:
            log.warning("A mail could not be put on the disk: %s; its sender tries again", error)
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            return "452 4.3.1 The disk is full; try again later" if full else "451 4.3.0 Try again later"
        self.arrived()
        return f"250 2.6.0 OK, kept as {number}"

    async def excuse(self, error: Exception) -> str:
        """Answer where we broke: the library would refuse the mail for good."""
        log.error("Receiving a mail broke off; its sender tries again", exc_info=error)
        return "451 4.3.0 Try again later"

    def refusal(self, client: Client) -> str | None:
        """Answer a new client that is not let in. For a while only: a wrong setting must cost no mail."""
        if not self.door.lets_in(_peer(client)):
            log.warning("%s tried to send mail and is not in allow_from", _peer(client))
            return "421 4.7.1 This server takes no mail from your address"
        if len(self.connections) > MOST_CONNECTIONS:
            return "421 4.7.0 Too many connections, try again later"
        return None


class _Connection(SMTP):
    """One client. aiosmtpd has no hook for what is refused before the greeting."""

    line_length_limit = LONGEST_LINE

    def __init__(self, server: SmtpServer) -> None:
        hooks = SimpleNamespace(
            handle_EHLO=server.greet,
            handle_RCPT=server.address,
            handle_DATA=server.accept,
            handle_exception=server.excuse,
        )
        super().__init__(
            hooks,
            data_size_limit=server.door.max_size,
            enable_SMTPUTF8=True,
            hostname=socket.gethostname(),
            ident="Scripta",
            tls_context=server.door.tls,
            timeout=IDLE_S,
        )
        self._server = server
        self._smtp_methods["DATA"] = self._receive

    def abort(self) -> None:
        """Break off, whatever is on its way."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def _handle_client(self) -> None:
        assert self.session is not None
        self._server.connections.add(self)
        try:
            if answer := self._server.refusal(self.session):
                await self.push(answer)
                self._writer.close()
            else:
                await super()._handle_client()
        finally:
            self._server.connections.discard(self)

    async def _receive(self, arg: str | None) -> None:
        async with self._server.slots:
            await self.smtp_DATA(arg)


def _peer(client: Client) -> str:
    return str(client.peer[0]) if isinstance(client.peer, tuple) else ""


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that a socket for both kinds shows inside an IPv6 one."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _listening(door: Door) -> socket.socket:
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    try:
        return socket.create_server((door.host, door.port), family=family)
    except PermissionError as error:
        raise ConfigError(
            f"Port {door.port} may not be opened by this account; choose one above 1023."
        ) from error
    except OSError as error:
        raise Unreachable(
            f"Mail cannot be taken at {door.host} port {door.port}: {error.strerror or error}. Choose "
            "another port, or stop the program that has it."
        ) from error
