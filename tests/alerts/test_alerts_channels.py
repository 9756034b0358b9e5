"""Every channel delivers for real, on this machine: a new one without a bench here fails."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler

import pytest

from service.alerts import channels
from service.alerts.channel import Channel, Notice
from service.errors import ChannelError
from service.plugins import discover

# apprise loads all its plugins at once, and one of them imports what Python is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in discover(channels, "CHANNEL")}
NOTICE = Notice("Not in writing: Płatność онлайн", "Płatność онлайн <b>38 000</b>\nNobody has confirmed it.")


@dataclass
class Bench:
    """A receiver: where to send, what came, and whether it refuses."""

    url: str
    received: Callable[[], list[str]]
    refusing: bool = False
    inbox: list[str] = field(default_factory=list)


@contextmanager
def serving(handler, bench: Bench, url: str) -> Iterator[Bench]:
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), handler) as server:
        server.bench = bench
        bench.url = url.format(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield bench
        server.shutdown()
        thread.join()


class _Http(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        bench = self.server.bench
        if not bench.refusing:
            sent = json.loads(body)
            bench.inbox.append(f"{sent['title']}\n{sent['message']}")
        self.send_response(503 if bench.refusing else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a sender of one mail needs."""

    def handle(self):
        bench = self.server.bench
        self.say("220 loopback")
        while line := self.rfile.readline().decode().strip():
            command = line.split(maxsplit=1)[0].upper()
            if command == "DATA":
                self.say("354 go on")
                self.take()
                self.say("250 taken")
            elif command == "RCPT" and bench.refusing:
                self.say("451 try again later")
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        body = mail.get_body(preferencelist=("plain", "html"))
        self.server.bench.inbox.append(f"{mail['subject']}\n{body.get_content()}")

    def say(self, line: str):
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def http_bench() -> Iterator[Bench]:
    bench = Bench("", lambda: bench.inbox)
    with serving(_Http, bench, "json://127.0.0.1:{port}/"):
        yield bench


@contextmanager
def smtp_bench() -> Iterator[Bench]:
    bench = Bench("", lambda: bench.inbox)
    address = "mailto://127.0.0.1:{port}?from=scripta@kreska.example&to=olga@kreska.example&format=text"
    with serving(_Smtp, bench, address):
        yield bench


BENCHES = {"notify": {"json": http_bench, "mailto": smtp_bench}}
WITHOUT_REFUSAL = {"console": "standard output refuses nothing"}


def test_every_channel_has_a_bench():
    assert set(CHANNELS) == set(BENCHES) | set(WITHOUT_REFUSAL)


@pytest.fixture(params=[(name, kind) for name, kinds in BENCHES.items() for kind in kinds])
def bench(request) -> Iterator[tuple[Channel, Bench]]:
    name, kind = request.param
    with BENCHES[name][kind]() as receiver:
        yield CHANNELS[name], receiver


def test_a_notice_arrives_once_and_whole(bench):
    channel, receiver = bench
    assert channel.takes(receiver.url)
    channel.send(receiver.url, NOTICE)
    (came,) = receiver.received()
    assert came.startswith("Not in writing: Płatność онлайн")
    assert "<b>38 000</b>" in came
    assert came.rstrip().endswith("Nobody has confirmed it.")


def test_a_refusing_server_is_told_and_taken_up_again(bench):
    channel, receiver = bench
    receiver.refusing = True
    with pytest.raises(ChannelError, match="did not take the alert"):
        channel.send(receiver.url, NOTICE)
    assert receiver.received() == []
    receiver.refusing = False
    channel.send(receiver.url, NOTICE)
    assert len(receiver.received()) == 1


@pytest.mark.parametrize(
    "url", ["json://127.0.0.1:9/", "mailto://127.0.0.1:9?from=a@a.example&to=b@b.example"]
)
def test_a_server_that_is_not_there_is_a_refusal(url):
    with pytest.raises(ChannelError) as refused:
        CHANNELS["notify"].send(url, NOTICE)
    assert "127.0.0.1" not in str(refused.value), "a URL may hold a password"


def test_the_console_prints_and_takes_nothing_else(capsys):
    channel = CHANNELS["console"]
    assert channel.takes("console:")
    assert not channel.takes("console://other")
    channel.send("console:", NOTICE)
    assert capsys.readouterr().out == f"{NOTICE.title}\n{NOTICE.text}\n"
