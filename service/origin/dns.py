"""Ask DNS for signing keys (RFC 6376, 3.6.2). In: a name. Out: Answer. Never: raises, asks twice in a run."""

import dns.exception
import dns.flags
import dns.name
import dns.resolver
from dns.resolver import NXDOMAIN, NoAnswer, Resolver
from dns.resolver import Answer as Response

from service.origin.signature import Answer, Status

TRY_S = 2.0
"""How long one server is waited for."""
LIFETIME_S = 5.0
"""How long an answer is waited for, with all tries, and TCP where UDP cut it."""
MOST_FAILURES = 4
"""Names without an answer after which nobody is asked any more: DNS is down, and each costs seconds."""
MOST_RECORDS = 5
MOST_CHARACTERS = 4096
"""Of an answer that are kept; a key of 4096 bits takes 740."""
OFF = "off"


class Lookup:
    """Asks one resolver and remembers every answer: make one per run."""

    def __init__(self, setting: str) -> None:
        """Ask as the setting says: `off`, `address:port`, or empty for the system's resolver."""
        self._known: dict[str, Answer] = {}
        self._resolver = None if setting == OFF else _resolver(setting)
        self.is_off = setting == OFF
        self._failures = 0

    @property
    def is_down(self) -> bool:
        """Say whether so many names found no answer that DNS itself must be down."""
        return self._failures >= MOST_FAILURES

    def __call__(self, name: str) -> Answer:
        """Return what DNS says about a key's name."""
        if name not in self._known:
            self._known[name] = self._ask(name)
            self._failures += self._known[name].status is Status.FAILED
        return self._known[name]

    def _ask(self, name: str) -> Answer:
        if self.is_off:
            return Answer(name, Status.NOT_ASKED)
        if self._resolver is None or self.is_down:
            return Answer(name, Status.FAILED)
        try:
            question = dns.name.from_text(name)
        except dns.exception.DNSException:  # DNS could not hold it: too long, an empty label
            return Answer(name, Status.ABSENT)
        try:
            response = self._resolver.resolve(question, "TXT", lifetime=LIFETIME_S, search=False)
        except (NXDOMAIN, NoAnswer):
            return Answer(name, Status.ABSENT)
        except (dns.exception.DNSException, OSError):
            return Answer(name, Status.FAILED)
        is_authenticated = bool(response.response.flags & dns.flags.AD)
        return Answer(name, Status.FOUND, _text(response), is_authenticated)


def _resolver(setting: str) -> Resolver | None:
    """Return a resolver, or None where the system names none."""
    try:
        resolver = Resolver(configure=not setting)
    except dns.resolver.NoResolverConfiguration:
        return None
    if setting:
        address, _, port = setting.rpartition(":")
        resolver.nameservers, resolver.port = [address], int(port)
    resolver.timeout = TRY_S
    # AD in a question asks for AD in the answer (RFC 6840, 5.7).
    resolver.flags = dns.flags.RD | dns.flags.AD
    # Larger UDP answers get lost on their way; a cut one is asked for again by TCP.
    resolver.use_edns(0, 0, 1232)
    return resolver


def _text(response: Response) -> str:
    """Return the records in an order of their own: DNS has none, and the same answer should read the same."""
    records = sorted(b"".join(record.strings) for record in response)[:MOST_RECORDS]
    return "\n".join(_readable(record) for record in records)[:MOST_CHARACTERS]


def _readable(record: bytes) -> str:
    """Return a record as text that both databases hold; keys are plain ASCII."""
    text = record.decode("ascii", "backslashreplace")
    return "".join(one if one.isprintable() or one == "\t" else f"\\x{ord(one):02x}" for one in text)
