"""The settings of an SMTP intake, checked. In: what a person wrote. Never: listens to the world by default.

settings = {
    "host": "127.0.0.1", "port": 2525,
    "recipients": ["archive@agency.example"],    # or "@agency.example"; nothing: every address
    "allow_from": ["192.0.2.0/24"],              # networks that may send; needed beyond this machine
    "max_size": 52428800,                        # bytes of one mail
    "cert": "/etc/scripta/cert.pem", "key": "/etc/scripta/key.pem",    # both or none: offers STARTTLS
}
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from service.errors import ConfigError
from service.intake.smtp_server import Door

PORT = 2525
MAX_SIZE = 50 * 1024 * 1024
LARGEST = 256 * 1024 * 1024
"""Bytes; the archive takes no larger mail."""
_THIS_MACHINE = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where an intake listens, for whom, and from whom."""

    host: str
    port: int
    recipients: frozenset[str]
    allow_from: tuple[IPv4Network | IPv6Network, ...]
    max_size: int
    cert: str
    key: str

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "SmtpSettings":
        """Read settings. Raises ConfigError that names what is wrong."""
        host = str(settings.get("host") or "127.0.0.1").strip()
        cert, key = (str(settings.get(name) or "").strip() for name in ("cert", "key"))
        if bool(cert) != bool(key):
            raise ConfigError("cert and key belong together: name both files for STARTTLS, or none.")
        return cls(
            host=host,
            port=_number(settings, "port", PORT, 65_535),
            recipients=frozenset(_recipients(settings)),
            allow_from=_networks(settings, host),
            max_size=_number(settings, "max_size", MAX_SIZE, LARGEST),
            cert=cert,
            key=key,
        )

    @property
    def address(self) -> str:
        """Return the URL that names the intake in provenance."""
        return f"smtp://[{self.host}]:{self.port}" if ":" in self.host else f"smtp://{self.host}:{self.port}"

    @property
    def own(self) -> frozenset[str]:
        """Return the addresses that are the intake itself: mail to them says nothing of who got it."""
        return frozenset(one for one in self.recipients if not one.startswith("@"))

    def door(self) -> Door:
        """Return what the server needs. Raises ConfigError where the certificate cannot be used."""
        return Door(self.host, self.port, self.allow_from, self.recipients, self.max_size, self._tls())

    def _tls(self) -> ssl.SSLContext | None:
        if not self.cert:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self.cert, self.key)
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(
                f"The certificate {self.cert} or its key {self.key} cannot be used: {error}. Both are PEM "
                "files that this account may read, and the key has no password."
            ) from error
        return context


def _number(settings: Mapping[str, Any], name: str, default: int, most: int) -> int:
    try:
        number = int(settings.get(name) or default)
    except (TypeError, ValueError):
        number = 0
    if not 0 < number <= most:
        raise ConfigError(f"{name} is a whole number from 1 to {most}, not {settings.get(name)!r}.")
    return number


def _listed(settings: Mapping[str, Any], name: str) -> list[str]:
    listed = settings.get(name) or []
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise ConfigError(f"{name} is a list of texts.")
    return [one.strip() for one in listed if one.strip()]


def _recipients(settings: Mapping[str, Any]) -> list[str]:
    found = [one.lower() for one in _listed(settings, "recipients")]
    for one in found:
        if "@" not in one or one.endswith("@") or any(letter.isspace() for letter in one):
            raise ConfigError(
                f"recipients: {one!r} is no address; write archive@agency.example, or @agency.example for "
                "every address there."
            )
    return found


def _networks(settings: Mapping[str, Any], host: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        networks = tuple(ip_network(one, strict=False) for one in _listed(settings, "allow_from"))
    except ValueError as error:
        raise ConfigError(f"allow_from: {error}; write networks like 192.0.2.0/24.") from error
    if networks:
        return networks
    if not _is_here(host):
        raise ConfigError(
            f"An intake at {host} can be reached from other machines: name those that may send in "
            "allow_from, as networks like 192.0.2.0/24, or listen at 127.0.0.1."
        )
    return _THIS_MACHINE


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        raise ConfigError(
            f"host: {host!r} is no IP address of this machine; write one, like 127.0.0.1."
        ) from None
