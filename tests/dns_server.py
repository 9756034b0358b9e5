"""A name server on loopback, UDP and TCP, that answers as it is told."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

SILENT = "silent"
SERVFAIL = "servfail"
EMPTY = "empty"


@dataclass
class DnsServer:
    """What names have; a name that is not here does not exist."""

    address: str
    records: dict[str, str | list[str]] = field(default_factory=dict)
    """TXT records by name, or one of the words above."""
    authenticated: bool = False
    cut_udp: bool = False
    """Whether UDP answers say that they were cut (TC), so that TCP is needed."""
    asked: Counter[str] = field(default_factory=Counter)
    by_tcp: Counter[str] = field(default_factory=Counter)

    def answer(self, wire: bytes, *, tcp: bool) -> bytes | None:
        question = dns.message.from_wire(wire)
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        (self.by_tcp if tcp else self.asked)[name] += 1
        response = dns.message.make_response(question, recursion_available=True)
        found = self.records.get(name)
        if found == SILENT:
            return None
        if found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif found == SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif self.cut_udp and not tcp:
            response.flags |= dns.flags.TC
        elif found != EMPTY:
            response.answer.append(_rrset(name, [found] if isinstance(found, str) else found))
            if self.authenticated:
                response.flags |= dns.flags.AD
        return response.to_wire(max_size=65_535)


def _rrset(name: str, texts: list[str]) -> dns.rrset.RRset:
    records = []
    for text in texts:
        data = text.encode("latin-1")
        strings = [data[start : start + 255] for start in range(0, max(len(data), 1), 255)]
        records.append(TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings))
    return dns.rrset.from_rdata_list(dns.name.from_text(name), 300, records)


@contextmanager
def dns_server() -> Iterator[DnsServer]:
    """Serve until the block ends."""
    tcp, udp, place = _sockets()
    with tcp, udp:
        server = DnsServer(f"{place[0]}:{place[1]}")
        threads = [
            threading.Thread(target=_serve_udp, args=(server, udp)),
            threading.Thread(target=_serve_tcp, args=(server, tcp)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            # An empty datagram ends one thread, an empty connection the other.
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", place)
            socket.create_connection(place).close()
            for thread in threads:
                thread.join()


def _sockets() -> tuple[socket.socket, socket.socket, tuple[str, int]]:
    """Return sockets of both kinds on one port, which another test may hold for one of them."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
        else:
            return tcp, udp, tcp.getsockname()


def _serve_udp(server: DnsServer, udp: socket.socket) -> None:
    while True:
        data, client = udp.recvfrom(4096)
        if not data:
            return
        if (answer := server.answer(data, tcp=False)) is not None:
            udp.sendto(answer, client)


def _serve_tcp(server: DnsServer, tcp: socket.socket) -> None:
    while True:
        connection, _ = tcp.accept()
        with connection, suppress(ConnectionError):
            head = connection.recv(2, socket.MSG_WAITALL)
            if not head:
                return
            data = connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
            if (answer := server.answer(data, tcp=True)) is not None:
                connection.sendall(struct.pack("!H", len(answer)) + answer)
