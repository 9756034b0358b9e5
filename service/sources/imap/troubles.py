"""Say in our words what goes wrong with a mail server. Out: an error of ours. Never: a secret."""

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from service.errors import SignInRefused, SourceError, Throttled, Unreachable
from service.sources.imap.framing import Nonsense
from service.sources.imap.mailbox import Server

_LONGEST_QUOTE = 200
# Response codes of RFC 5530 and RFC 9051 first; then what providers write instead of them: Gmail, Microsoft,
# Yahoo and Yandex, Dovecot.
_WAIT = re.compile(
    rb"\[(?:LIMIT|UNAVAILABLE|INUSE|THROTTLED|OVERQUOTA)\b|too many|simultaneous|bandwidth limit"
    rb"|exceeded command|authenticated but not connected|try again|temporar|rate limit|throttl"
    rb"|number of connections|backend error|server (?:is )?(?:busy|unavailable)",
    re.IGNORECASE,
)
_NO_WAIT = re.compile(
    rb"\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|CONTACTADMIN|WEBALERT"
    rb"|NONEXISTENT|NOPERM|CANNOT|TRYCREATE|EXPUNGEISSUED)\b",
    re.IGNORECASE,
)
_BY_CERTIFICATE = {
    10: "has expired; the server's operator must renew it",
    62: "is for another name; give the name that the certificate holds, or another host",
    64: "is for a name, not for this number; give the server's name as host",
}
_UNTRUSTED = "is not signed by anybody trusted here; give its authority's file as ca_file where you trust it"


class Declined(SourceError):
    """A server says NO or BAD to one command; the connection can still be used."""

    def __init__(self, message: str, text: bytes) -> None:
        super().__init__(message)
        self.text = text


def where(server: Server) -> str:
    """Name a server in a message."""
    return f"{server.host}:{server.port}"


def quote(text: bytes) -> str:
    """Return what a server says, fit for people to see."""
    words = "".join(letter if letter.isprintable() else " " for letter in text.decode(errors="replace"))
    return " ".join(words.split())[:_LONGEST_QUOTE].rstrip(" .") or "nothing more"


def asks_to_wait(text: bytes) -> bool:
    """Say whether a server asks to be left alone for a while."""
    return _NO_WAIT.search(text) is None and _WAIT.search(text) is not None


def refusal(server: Server, text: bytes, *, doing: str) -> SourceError:
    """Make the error for a command that was not done: Throttled, else Declined."""
    if asks_to_wait(text):
        return Throttled(f"{where(server)} asks to be left alone for a while ({doing}): {quote(text)}")
    return Declined(f"{where(server)} refuses {doing}: {quote(text)}", text)


def breaking_off(server: Server, text: bytes) -> Unreachable:
    """Make the error for BYE."""
    if asks_to_wait(text):
        return Throttled(f"{where(server)} asks to be left alone for a while: {quote(text)}")
    return Unreachable(f"{where(server)} breaks off: {quote(text)}. It is tried again by itself")


def sign_in_refusal(server: Server, user: str, text: bytes) -> SourceError:
    """Make the error for a refused sign-in; only a server that asks to wait is tried again."""
    if asks_to_wait(text):
        return Throttled(f"{where(server)} asks to be left alone for a while: {quote(text)}")
    return SignInRefused(f"{where(server)} does not let {user} in: {quote(text)}. Sign in again")


@contextmanager
def in_our_words(server: Server) -> Iterator[None]:
    """Turn what sockets, TLS and framing raise into Unreachable."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        fault = _BY_CERTIFICATE.get(error.verify_code, _UNTRUSTED)
        raise Unreachable(f"The certificate of {where(server)} {fault} ({error.verify_message})") from error
    except ssl.SSLError as error:
        raise Unreachable(
            f"{where(server)} does not speak TLS as it should ({error.reason or error}); "
            "check port and security: 993 with tls, 143 with starttls"
        ) from error
    except socket.gaierror as error:
        raise Unreachable(f"There is no host {server.host} ({error.strerror}); check its name") from error
    except TimeoutError as error:
        raise Unreachable(f"{where(server)} does not answer in time; check host and port") from error
    except ConnectionRefusedError as error:
        raise Unreachable(f"{where(server)} takes no connections; check host and port") from error
    except Nonsense as error:
        raise Unreachable(f"{where(server)} does not speak IMAP: {error}; check host and port") from error
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "closed by the other side"
        raise Unreachable(f"The connection to {where(server)} is gone: {reason}") from error
