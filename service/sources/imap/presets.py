"""Guess a mailbox's server from its address. In: a mail address. Out: Preset. Never: asks the network.

`presets.tsv` holds a line for each provider; `help` is the provider's own page that says so.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.sources.imap.mailbox import Security, Server

FILE = Path(__file__).with_name("presets.tsv")
NEEDS = frozenset({"app_password", "imap_on", "sign_in"})
"""What a person may have to do first: make a password for this app alone, switch IMAP on, or sign in at the
provider, as passwords are not taken at all."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of the provider of an address."""

    name: str
    """Empty where nothing is known, and the server is a guess from the domain."""
    server: Server
    provider: str = ""
    """The OAuth provider that can sign in to it; empty where there is none."""
    needs: frozenset[str] = frozenset()
    """Some of NEEDS."""
    help_url: str = ""


def preset_of(address: str) -> Preset | None:
    """Return the preset of a mail address, a guess for a domain that nobody knows, or None for no address.

    >>> preset_of("Anna@Gmail.com").server.host, preset_of("anna@agency.example").server.host
    ('imap.gmail.com', 'imap.agency.example')
    """
    _, at, domain = address.strip().lower().rpartition("@")
    domain = domain.rstrip(".")
    if not at or not domain.isascii() or any(not part for part in domain.split(".")) or "." not in domain:
        return None
    known = presets()
    # tenant.onmicrosoft.com belongs to onmicrosoft.com.
    for start in range(domain.count(".")):
        if found := known.get(domain.split(".", start)[-1]):
            return found
    return Preset("", Server(f"imap.{domain}"))


@cache
def presets() -> dict[str, Preset]:
    """Return the presets by domain."""
    with FILE.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    return {domain: _preset(line) for line in lines for domain in line["domains"].split()}


def _preset(line: dict[str, str]) -> Preset:
    server = Server(line["host"], int(line["port"]), Security(line["security"]))
    return Preset(line["name"], server, line["provider"], frozenset(line["needs"].split()), line["help"])
