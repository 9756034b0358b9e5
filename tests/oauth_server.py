"""A real authorisation server on loopback: it checks what the big ones check, and can be made to fail.

A conftest that needs it says `from oauth_server import oauth_server`.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from service.sources.imap.mailbox import Server
from service.sources.oauth.provider import Provider
from service.sources.oauth.sign_in import REDIRECT_PATH

USER = "anna@agency.example"
SCOPE = "https://mail.example/imap"
REDIRECT = f"http://127.0.0.1:8000{REDIRECT_PATH}"
SECRET = "the-secret-of-the-app"


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Grant:
    user: str
    scope: str
    client_id: str
    public: bool = False
    """Got without a secret: then none may be shown to renew it (Microsoft's AADSTS700025)."""
    active: bool = True


@dataclass
class Code:
    grant: Grant
    redirect_uri: str
    challenge: str


@dataclass
class Device:
    grant: Grant
    state: str = "authorization_pending"


@dataclass
class OAuthServer:
    """Its books; the tests read and turn them."""

    url: str
    clients: dict[str, str] = field(default_factory=lambda: {"scripta": SECRET, "scripta-public": ""})
    """Secrets by client id; empty for a public client, which may show none."""
    redirects: set[str] = field(default_factory=lambda: {REDIRECT})
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    """Every form that was posted."""
    rotates: bool = True
    adds: dict[str, object] = field(default_factory=dict)
    """What the token address says beside the usual; None takes a field out."""
    instead: list[Reply] = field(default_factory=list)
    """What is answered to the next forms, whatever they say."""
    silent: threading.Event = field(default_factory=threading.Event)
    """While it is set, nothing is answered."""

    @property
    def provider(self) -> Provider:
        return Provider(
            name="mymail",
            label="My Mail",
            authorize_url=f"{self.url}/authorize",
            token_url=f"{self.url}/token",
            device_url=f"{self.url}/device",
            scopes=(SCOPE, "offline_access"),
            hosts=("imap.mymail.example",),
            server=Server("imap.mymail.example"),
        )

    # The person at the browser, or at the other device

    def approve(self, user_code: str) -> None:
        self._device(user_code).state = ""

    def deny(self, user_code: str) -> None:
        self._device(user_code).state = "access_denied"

    def expire(self, user_code: str) -> None:
        self._device(user_code).state = "expired_token"

    def hurried(self, user_code: str) -> None:
        self._device(user_code).state = "slow_down"

    def revoke_all(self) -> None:
        """As a person does in the settings of the account."""
        for grant in (*self.access.values(), *self.refresh.values()):
            grant.active = False

    def _device(self, user_code: str) -> Device:
        return next(one for code, one in self.devices.items() if code.endswith(user_code))

    # The addresses

    def authorize(self, query: dict[str, str]) -> Reply:
        """Let the person in at once; refuse what RFC 6749, 4.1.2.1, lets no browser be sent back with."""
        if query.get("client_id") not in self.clients or query.get("redirect_uri") not in self.redirects:
            return Reply(400, b"unknown app or way back")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return _redirect(query, error="invalid_request", error_description="PKCE is asked for")
        code = secrets.token_urlsafe(16)
        grant = Grant(query.get("login_hint", USER), query["scope"], query["client_id"])
        self.codes[code] = Code(grant, query["redirect_uri"], query["code_challenge"])
        return _redirect(query, code=code)

    def token(self, form: dict[str, str]) -> Reply:
        if not self._knows(form):
            return _error("invalid_client", 401)
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeem_code(form)
            case "refresh_token":
                return self._renew(form)
            case "urn:ietf:params:oauth:grant-type:device_code":
                return self._redeem_device(form)
        return _error("unsupported_grant_type")

    def device(self, form: dict[str, str]) -> Reply:
        if form.get("client_id") not in self.clients:
            return _error("invalid_client", 401)
        user_code = secrets.token_hex(4).upper()
        device_code = f"{secrets.token_urlsafe(16)}-{user_code}"
        self.devices[device_code] = Device(Grant(USER, form["scope"], form["client_id"]))
        said = {"device_code": device_code, "user_code": user_code, "expires_in": 900, "interval": 7}
        return _json({**said, "verification_uri": f"{self.url}/link"})

    def introspect(self, form: dict[str, str]) -> Reply:
        """RFC 7662, for a mail server that was given a token."""
        grant = self.access.get(form.get("token", ""))
        if grant is None or not grant.active:
            return _json({"active": False})
        return _json({"active": True, "username": grant.user, "scope": grant.scope})

    def revoke(self, form: dict[str, str]) -> Reply:
        """RFC 7009."""
        for kept in (self.access, self.refresh):
            if form.get("token") in kept:
                kept[form["token"]].active = False
        return Reply(200, b"")

    def _knows(self, form: dict[str, str]) -> bool:
        client_id = form.get("client_id", "")
        if client_id not in self.clients:
            return False
        grant = self.refresh.get(form.get("refresh_token", ""))
        public = form.get("grant_type", "").endswith("device_code") or (grant is not None and grant.public)
        return form.get("client_secret", "") == ("" if public else self.clients[client_id])

    def _redeem_code(self, form: dict[str, str]) -> Reply:
        kept = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if kept is None or kept.grant.client_id != form["client_id"]:
            return _error("invalid_grant", why=f"unknown code {form.get('code')}")
        if kept.redirect_uri != form.get("redirect_uri") or kept.challenge != challenge:
            return _error("invalid_grant", why="another way back, or another verifier")
        return self._grant(kept.grant)

    def _redeem_device(self, form: dict[str, str]) -> Reply:
        device = self.devices.get(form.get("device_code", ""))
        if device is None:
            return _error("invalid_grant")
        if device.state:
            # Said once: the next question may come in its own time.
            said, device.state = device.state, device.state.replace("slow_down", "authorization_pending")
            return _error(said)
        del self.devices[form["device_code"]]
        return self._grant(replace(device.grant, public=True))

    def _renew(self, form: dict[str, str]) -> Reply:
        token = form.get("refresh_token", "")
        grant = self.refresh.get(token)
        if grant is None or not grant.active:
            return _error("invalid_grant", why=f"Token {token} has been expired or revoked.")
        if not self.rotates:
            return self._answer({"access_token": self._access(grant)}, grant)
        del self.refresh[token]
        return self._grant(grant)

    def _grant(self, grant: Grant) -> Reply:
        token = f"refresh.{secrets.token_urlsafe(24)}"
        self.refresh[token] = grant
        return self._answer({"access_token": self._access(grant), "refresh_token": token}, grant)

    def _access(self, grant: Grant) -> str:
        token = f"access.{secrets.token_urlsafe(24)}"
        self.access[token] = grant
        return token

    def _answer(self, tokens: dict[str, object], grant: Grant) -> Reply:
        said = {"token_type": "Bearer", "expires_in": 3600, "scope": grant.scope, **tokens, **self.adds}
        return _json({name: value for name, value in said.items() if value is not None})


def _json(said: dict[str, object], status: int = 200) -> Reply:
    return Reply(status, json.dumps(said).encode(), (("Content-Type", "application/json"),))


def _error(code: str, status: int = 400, why: str = "no") -> Reply:
    return _json({"error": code, "error_description": why}, status)


def _redirect(query: dict[str, str], **said: str) -> Reply:
    back = urlencode({**said, "state": query.get("state", "")})
    return Reply(302, b"", (("Location", f"{query['redirect_uri']}?{back}"),))


def _handler(server: OAuthServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._send(server.authorize(query) if parts.path == "/authorize" else Reply(404, b""))

        def do_POST(self):
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            server.asked.append(form)
            while server.silent.is_set() and not stopped.wait(0.01):
                pass
            if server.instead:
                self._send(server.instead.pop(0))
                return
            answers = (server.token, server.device, server.introspect, server.revoke)
            known = {f"/{answer.__name__}": answer for answer in answers}
            path = urlsplit(self.path).path
            self._send(known[path](form) if path in known else Reply(404, b"no such page"))

        def _send(self, reply: Reply):
            # Who asked may have left.
            with suppress(ConnectionError):
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, *_):
            """Say nothing: pytest shows what fails."""

    stopped = threading.Event()
    Handler.stopped = stopped
    return Handler


@pytest.fixture
def oauth_server() -> Iterator[OAuthServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as listening:
        listening.daemon_threads = False
        server = OAuthServer(f"http://127.0.0.1:{listening.server_address[1]}")
        listening.RequestHandlerClass = _handler(server)
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        listening.RequestHandlerClass.stopped.set()
        listening.shutdown()
        thread.join()
