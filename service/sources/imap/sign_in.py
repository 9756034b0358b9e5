"""Sign in to a mail server. In: Credentials. Never: a secret in clear or in an error, a second attempt."""

import base64
from collections.abc import Iterator
from ipaddress import ip_address

from service.errors import SignInRefused, Unreachable
from service.sources.imap.framing import write_quoted
from service.sources.imap.mailbox import Credentials, Security, Server
from service.sources.imap.troubles import Declined, sign_in_refusal, where
from service.sources.imap.wire import Wire


def check_secrecy(server: Server) -> None:
    """Refuse a connection in clear to another machine, before anything is sent."""
    if server.security is Security.NONE and not _is_here(server.host):
        raise SignInRefused(
            f"{where(server)} would get the password in clear, where everybody between can read it; "
            "use tls (usually port 993) or starttls (usually port 143)"
        )


def sign_in(wire: Wire, credentials: Credentials) -> None:
    """Sign in by token where there is one, else by password; raises SignInRefused, Throttled, Unreachable."""
    if any(letter in credentials.user + credentials.password + credentials.token for letter in "\0\x01\r\n"):
        raise SignInRefused("The user, password or token holds a line break; type it again")
    try:
        if credentials.token:
            _by_token(wire, credentials)
        else:
            _by_password(wire, credentials)
    except Declined as declined:
        text = _without_secrets(declined.text, credentials)
        raise sign_in_refusal(wire.server, credentials.user, text) from None
    except Unreachable as trouble:
        raise type(trouble)(_without_secrets(str(trouble).encode(), credentials).decode()) from None
    wire.ask_capabilities()


def _by_token(wire: Wire, credentials: Credentials) -> None:
    user, token = credentials.user, credentials.token
    bearer = f"auth=Bearer {token}\x01\x01"
    if wire.has(b"AUTH=OAUTHBEARER"):
        identity = user.replace("=", "=3D").replace(",", "=2C")
        _authenticate(wire, b"OAUTHBEARER", f"n,a={identity},\x01{bearer}", then=b"\x01")
    elif wire.has(b"AUTH=XOAUTH2"):
        _authenticate(wire, b"XOAUTH2", f"user={user}\x01{bearer}", then=b"")
    else:
        raise SignInRefused(f"{where(wire.server)} offers no sign-in by token; sign in by password")


def _by_password(wire: Wire, credentials: Credentials) -> None:
    user, password = credentials.user, credentials.password
    if wire.has(b"AUTH=PLAIN"):
        _authenticate(wire, b"PLAIN", f"\0{user}\0{password}", then=b"")
    elif wire.has(b"LOGINDISABLED"):
        raise SignInRefused(
            f"{where(wire.server)} takes no passwords here; use tls or starttls, or sign in by token"
        )
    else:
        wire.do(b"LOGIN " + write_quoted(user.encode()) + b" " + write_quoted(password.encode()))


def _authenticate(wire: Wire, mechanism: bytes, first: str, then: bytes) -> None:
    """Run a SASL mechanism that begins with us; `then` answers the reason of a refusal (RFC 7628, 3.2.3)."""
    said: list[bytes] = []
    ours: Iterator[bytes] = iter((first.encode(), then))

    def reply(challenge: bytes) -> bytes:
        said.append(_decoded(challenge))
        # One who asks for more than this mechanism has is told so (RFC 9051, 6.2.2).
        return base64.b64encode(answer) if (answer := next(ours, None)) is not None else b"*"

    try:
        for _ in wire.answers(b"AUTHENTICATE " + mechanism, reply):
            pass
    except Declined as declined:
        raise Declined(str(declined), b" ".join(filter(None, (declined.text, *said)))) from None


def _decoded(challenge: bytes) -> bytes:
    try:
        return base64.b64decode(challenge)
    except ValueError:
        return challenge


def _without_secrets(text: bytes, credentials: Credentials) -> bytes:
    for secret in (credentials.password, credentials.token):
        if secret:
            for written in (secret.encode(), base64.b64encode(secret.encode())):
                text = text.replace(written, b"***")
    return text


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
