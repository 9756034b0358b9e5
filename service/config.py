"""Settings, and the only reader of the environment. Out: Settings. Never: a default that leaves the machine.

The one exception asks the system's resolver for the keys of mails that are signed (`dns`); `off` ends it.
Every setting is `SCRIPTA_<NAME>`; `deploy/env.example` lists them all with their defaults.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    """What the person who installs Scripta decides; all of it has a safe default."""

    data: Path
    """The data folder: database, originals, signing key."""
    database_url: str = field(repr=False)
    """SQLAlchemy URL, which may hold a password; SQLite in the data folder unless set."""
    originals_url: str
    """Where originals are kept, as obstore reads it: `file:///...` or `s3://bucket/prefix`."""
    zone: str = "UTC"
    """IANA zone of exports that print times without one, and of the team's working days."""
    confirm_within_days: int = 1
    """Working days in which a verbal decision should be confirmed in writing."""
    notify_url: str = field(default="", repr=False)
    """Apprise URL that alerts are sent to; empty: alerts are shown on the page only."""
    host: str = "127.0.0.1"
    port: int = 8000
    language: str = "en"
    """Language of the page where the browser asks for none of ours: en, ru or pl."""
    unpack_limit: int = 20 * 1024**3
    """The most bytes that one zip may unpack to."""
    upload_limit: int = 2 * 1024**3
    """The most bytes that one upload may have."""
    dns: str = ""
    """Who is asked for signing keys: empty for the system's resolver, `off` for nobody, or `address:port`."""
    attachment_seconds: int = 30
    """How long the reading of an attachment may show no sign that it goes on, before it is given up."""
    attachment_memory: int = 1024**3
    """The most bytes of memory that reading an attachment may take."""
    public_url: str = "http://127.0.0.1:8000"
    """Where browsers find this installation, without a slash at its end: providers send people back there."""
    google_client_id: str = ""
    """The app that this installation registered at Google (deploy/OAUTH.md); empty: none."""
    google_client_secret: str = field(default="", repr=False)
    microsoft_client_id: str = ""
    """The app that this installation registered at Microsoft (deploy/OAUTH.md); empty: none."""
    microsoft_client_secret: str = field(default="", repr=False)
    """Empty for an app of the kind "Mobile and desktop", which has none."""
    microsoft_tenant: str = ""
    """Directory id or domain of an app for one organisation; empty: accounts of every organisation."""


def load(data: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; `data` (from `--data`) wins over SCRIPTA_DATA.

    Raises ConfigError that names the variable and what it should look like.
    """
    # An empty variable is an unset one: an env file lists them all, and an empty host would be every address.
    folder = (data or Path(environment.get("SCRIPTA_DATA") or "data")).expanduser().absolute()
    return Settings(
        data=folder,
        database_url=environment.get("SCRIPTA_DATABASE_URL") or f"sqlite:///{folder / 'scripta.db'}",
        originals_url=environment.get("SCRIPTA_ORIGINALS_URL") or (folder / "originals").as_uri(),
        zone=_zone(environment, "SCRIPTA_ZONE", "UTC"),
        confirm_within_days=_number(environment, "SCRIPTA_CONFIRM_WITHIN_DAYS", 1, range(91)),
        notify_url=environment.get("SCRIPTA_NOTIFY_URL", ""),
        host=environment.get("SCRIPTA_HOST") or "127.0.0.1",
        port=_number(environment, "SCRIPTA_PORT", 8000, range(1, 65_536)),
        language=_one_of(environment, "SCRIPTA_LANGUAGE", ("en", "ru", "pl")),
        unpack_limit=_number(environment, "SCRIPTA_UNPACK_LIMIT", 20 * 1024**3, range(1, 2**50)),
        upload_limit=_number(environment, "SCRIPTA_UPLOAD_LIMIT", 2 * 1024**3, range(1, 2**50)),
        dns=_resolver(environment, "SCRIPTA_DNS"),
        attachment_seconds=_number(environment, "SCRIPTA_ATTACHMENT_SECONDS", 30, range(1, 3_601)),
        attachment_memory=_number(
            environment, "SCRIPTA_ATTACHMENT_MEMORY", 1024**3, range(256 * 1024**2, 2**50)
        ),
        public_url=_address(environment, "SCRIPTA_PUBLIC_URL", "http://127.0.0.1:8000"),
        google_client_id=environment.get("SCRIPTA_GOOGLE_CLIENT_ID", ""),
        google_client_secret=environment.get("SCRIPTA_GOOGLE_CLIENT_SECRET", ""),
        microsoft_client_id=environment.get("SCRIPTA_MICROSOFT_CLIENT_ID", ""),
        microsoft_client_secret=environment.get("SCRIPTA_MICROSOFT_CLIENT_SECRET", ""),
        microsoft_tenant=environment.get("SCRIPTA_MICROSOFT_TENANT", ""),
    )


def zone_named(name: str) -> str:
    """Return `name` if it is an IANA time zone. Raises ConfigError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"{name!r} is no time zone; write one like Europe/Warsaw or Europe/Moscow"
        ) from error
    return name


def _zone(environment: Mapping[str, str], name: str, default: str) -> str:
    try:
        return zone_named(environment.get(name) or default)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error


def _number(environment: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    text = environment.get(name)
    if not text:
        return default
    # int() would take "1_000" and " 7 "; a typo should not become a setting.
    if not (text.isascii() and text.isdigit() and len(text) <= 18) or int(text) not in allowed:
        raise ConfigError(f"{name}={text!r}: write a whole number from {allowed.start} to {allowed.stop - 1}")
    return int(text)


def _address(environment: Mapping[str, str], name: str, default: str) -> str:
    text = environment.get(name) or default
    wrong = ConfigError(f"{name}={text!r}: write an address like https://scripta.example.com")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    # A path is fine (a proxy may serve Scripta below one); user names, queries and fragments are not.
    plain = text.isascii() and text.isprintable() and not set(text) & set(" ?#@\\")
    if not (plain and parts.scheme in {"http", "https"} and parts.hostname and port != 0):
        raise wrong
    return text.rstrip("/")


def _resolver(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "")
    if text in {"", "off"}:
        return text
    address, _, port = text.rpartition(":")
    wrong = ConfigError(f"{name}={text!r}: write off, or an address like 127.0.0.1:53 or [::1]:53")
    try:
        host = ip_address(address.removeprefix("[").removesuffix("]"))
    except ValueError as error:
        raise wrong from error
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65_536):
        raise wrong
    return f"{host}:{port}"


def _one_of(environment: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    text = environment.get(name) or allowed[0]
    if text not in allowed:
        raise ConfigError(f"{name}={text!r}: write one of {', '.join(allowed)}")
    return text
