"""The contract of a provider; one file in `providers/` with `PROVIDER = Provider(...)` is all it takes.

PROVIDER = Provider(
    name="mymail",
    label="My Mail",
    authorize_url="https://login.mymail.example/authorize",
    token_url="https://login.mymail.example/token",
    scopes=("https://mymail.example/imap",),
    hosts=("imap.mymail.example",),
    server=Server("imap.mymail.example"),
)

Facts carry the vendor's page that states them. For tests and for servers of one's own, `dataclasses.replace`
gives the same provider with other addresses.
"""

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from ipaddress import ip_address
from urllib.parse import urlsplit

from service.errors import ConfigError
from service.sources.imap.mailbox import Server


@dataclass(frozen=True, slots=True)
class Provider:
    """Where and how people sign in to the mailboxes of one vendor.

    Raises ConfigError for an address at which a token could be read on its way.
    """

    name: str
    """Lower case; settings are named after it: SCRIPTA_<NAME>_CLIENT_ID."""
    label: str
    authorize_url: str
    """`{tenant}` in an address stands for the directory of an organisation."""
    token_url: str
    scopes: tuple[str, ...]
    hosts: tuple[str, ...]
    """The IMAP servers that take its tokens: names in lower case, with `*` for any part."""
    server: Server
    """The IMAP server that is meant where a person names none."""
    device_url: str | None = None
    """None where codes typed on another device give no access to mail."""
    authorize_with: tuple[tuple[str, str], ...] = ()
    """What its sign-in page wants to be asked with, beside RFC 6749."""
    tenant: str = ""
    """The `{tenant}` of an app that names none."""
    refresh_for: timedelta | None = None
    """How long a refresh token lives when it is not used; None where the vendor does not say."""

    def __post_init__(self) -> None:
        for address in (self.authorize_url, self.token_url, self.device_url):
            if address is not None and not is_protected(address):
                raise ConfigError(
                    f"{self.label} cannot be asked for tokens at {address!r}: write an https address"
                )

    def serves(self, host: str) -> bool:
        """Say whether the IMAP server `host` takes this provider's tokens."""
        name = host.lower().rstrip(".")
        return any(fnmatchcase(name, pattern) for pattern in self.hosts)


def is_protected(address: str) -> bool:
    """Say whether what is sent to the address can be read by nobody on its way: https, or this machine."""
    # urlsplit drops tabs and line ends without a word; the address that was checked must be the one asked.
    if not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if "@" in parts.netloc or not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
