"""A small archive for tests: real mails through the real pipeline, with findings that no model can change."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from service.accounts.scope import EVERYTHING
from service.accounts.store import create_account, grant
from service.agreements.agreement import (
    Agreement,
    Contradiction,
    Derived,
    Evidence,
    Role,
    Status,
    VerbalEvent,
    VerbalKind,
    VerbalState,
)
from service.agreements.register import register
from service.archive import store as archive
from service.archive.blobs import open_blobs
from service.archive.imports import Counts, begin, note
from service.archive.message import Conversation, Message, Side
from service.archive.organise import add_project_rule, create_project, put_on_side
from service.archive.store import mark_read
from service.config import Settings
from service.db.session import reading, writing
from service.extraction.extract import VERSION
from service.extraction.statement import Statement, StatementKind
from service.intake.folders import Accounted, Checked, Place, account, note_checked, open_folder
from service.intake.source import Outcome, State
from service.intake.store import Outlook, add_source, note_run
from service.ledger.key import create_key
from service.pipeline.ingest import Wish, ingest
from service.pipeline.installation import KEY_FILE, Installation
from service.pipeline.staged import stage
from service.pipeline.watch import watch

PASSWORD = "correct horse battery"
MAIL = """\
From: {author}
To: {to}
Date: {date}
Message-ID: <{key}@mail.example>
{extra}Subject: {subject}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}
"""
OLGA = "Olga Levina <olga@agency.example>"
IGOR = "Igor Samoilov <igor@clinic.example>"
PRIYA = "Priya Nair <priya@hotel.example>"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
OFFER = "Hi Igor,\n\nI propose 64 000 for the form, ready on 10 March.\nDo you approve?\n\n-- \nOlga"
QUOTED = "\n".join(f"> {line}" for line in OFFER.split("\n")[:5])
YES = f"Approved.\n\nOn Mon, 02 Mar 2026 at 10:00, Olga Levina <olga@agency.example> wrote:\n{QUOTED}"
SPOKEN = "As agreed on the phone, we add online payment for 38 000.\nPlease confirm."
CHAT = {
    "WhatsApp Chat with Priya.txt": (
        "05/03/2026, 10:01 - Olga: The vouchers are ready.\n"
        f"05/03/2026, 10:02 - Priya {HOSTILE}: Thank you.\n"
    )
}
VOUCHER = f"Shall we build the voucher page? {HOSTILE}"
MAILS = {
    "clinic-1": (OLGA, IGOR, "Mon, 02 Mar 2026 10:00:00 +0100", "Booking form", "", OFFER),
    "clinic-2": (IGOR, OLGA, "Mon, 02 Mar 2026 13:30:00 +0300", "Re: Booking form", "clinic-1", YES),
    "clinic-3": (OLGA, IGOR, "Thu, 05 Mar 2026 16:00:00 +0100", "Online payment", "", SPOKEN),
    "hotel-1": (OLGA, PRIYA, "Tue, 03 Mar 2026 09:00:00 +0100", "Voucher page", "", VOUCHER),
    "hotel-2": (
        PRIYA,
        OLGA,
        "Tue, 03 Mar 2026 11:00:00 +0000",
        "Re: Voucher page",
        "hotel-1",
        "No, drop it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """What tests ask for by name."""

    house: Installation
    accounts: dict[str, int]
    """Ids by name: olga is an administrator, igor and priya see one project each, nobody sees none."""
    clinic: int
    """Id of a project with an agreement and a gap."""
    hotel: int
    """Id of a project with a rejected proposal whose words try to be markup."""
    messages: dict[str, int]
    conversations: dict[str, int]
    source: int
    """Id of a mailbox with one folder, of which a message is missing here."""
    folder: int
    gmail: int
    """Id of a mailbox that nobody has signed in to."""
    staged: int
    """Id of an upload that waits for a choice."""

    def agreement_key(self, mail: str) -> str:
        """Return the key of the agreement that a mail opened."""
        return f"{self.messages[mail]}:opened"


def installation(engine: Engine, folder: Path, **settings: object) -> Installation:
    """Return an installation on a migrated database, with everything else in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = (folder / "originals").as_uri()
    url = engine.url.render_as_string(hide_password=False)
    chosen = Settings(data=folder, database_url=url, originals_url=kept, **({"dns": "off"} | settings))
    key = create_key(folder / KEY_FILE, "scripta.localhost/test")
    return Installation(chosen, engine, open_blobs(kept), key)


def write_mails(folder: Path, keys: tuple[str, ...] = tuple(MAILS)) -> None:
    """Write the mails as files, one each."""
    folder.mkdir(parents=True, exist_ok=True)
    for key in keys:
        author, to, day, subject, answers, text = MAILS[key]
        extra = f"In-Reply-To: <{answers}@mail.example>\n" if answers else ""
        mail = MAIL.format(author=author, to=to, date=day, key=key, extra=extra, subject=subject, text=text)
        (folder / f"{key}.eml").write_text(mail, "utf-8")


def seed(house: Installation, mails: Path) -> Seeded:
    """Archive the mails, register what a right reader finds in them, and judge alerts."""
    write_mails(mails)
    with writing(house.engine) as session:
        accounts = {
            name: create_account(session, name, PASSWORD, is_admin=name == "olga")
            for name in ("olga", "igor", "priya", "nobody")
        }
        clinic = create_project(session, "Clinic site", "Clear Sight Clinic")
        hotel = create_project(session, "Booking pages", "Harbour Hotel")
        grant(session, "igor", clinic)
        grant(session, "priya", hotel)
        put_on_side(session, "domain", "agency.example", Side.AGENCY)
        for project, domain in ((clinic, "clinic.example"), (hotel, "hotel.example")):
            put_on_side(session, "domain", domain, Side.CLIENT)
            add_project_rule(session, project, "domain", domain)
    ingest(house, [mails], Wish(actor="test"))
    talks = _talks(house)
    _register(house, talks)
    watch(house, datetime(2026, 3, 20, 12, tzinfo=UTC))
    messages = {_mail_of(one): int(one.id) for talk in talks for one in talk.messages}
    conversations = {talk.title: int(talk.id) for talk in talks}
    return Seeded(
        house, accounts, clinic, hotel, messages, conversations, *_mailbox(house), stage_files(house, CHAT)
    )


def stage_files(house: Installation, files: dict[str, str]) -> int:
    """Stage files as an upload leaves them, and return the number of the import."""
    folder = house.settings.data / "uploads" / uuid.uuid4().hex
    (folder / "files").mkdir(parents=True)
    for name, text in files.items():
        (folder / "files" / name).write_text(text, "utf-8")
    return stage(house, folder, tuple(files), "olga")[0]


def _mailbox(house: Installation) -> tuple[int, int, int]:
    """Add a mailbox as a run leaves it that could not fetch one message, and one without a sign-in."""
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    settings = {"host": "imap.agency.example", "user": "olga@agency.example"}
    with writing(house.engine) as session:
        source = add_source(session, f"Agency mail {HOSTILE}", "imap", settings)
        run = begin(session, "Agency mail", "pull", source_id=source)
        note(session, run, Counts(read=1, new=1), "incomplete", "INBOX: 1 message is not here.")
        place = Place(
            source, f"INBOX {HOSTILE}", "", 7, "imap://olga@imap.agency.example/INBOX;UIDVALIDITY=7"
        )
        folder = open_folder(session, place, run, now).folder_id
        why = f"The server does not give it. {HOSTILE}"
        account(session, folder, [Accounted(1, Outcome.ARCHIVED), Accounted(2, Outcome.FAILED, why=why)])
        note_checked(session, folder, Checked(3, is_reconciled=True), now)
        note_run(session, source, Outlook(State.INCOMPLETE, "INBOX: 1 message is not here."), now)
        gmail = {"host": "imap.gmail.com", "user": "olga@gmail.com", "provider": "google"}
        signed_out = add_source(session, "Gmail", "imap", gmail)
    return source, folder, signed_out


def _talks(house: Installation) -> list[Conversation]:
    with reading(house.engine) as session:
        listed = archive.conversations(session, EVERYTHING)
        talks = [archive.conversation(session, one.id, "Europe/Warsaw") for one in listed]
    return [talk for talk in talks if talk is not None]


def _mail_of(message: Message) -> str:
    for key, (*_, text) in MAILS.items():
        if message.text.strip() == text.strip():
            return key
    raise AssertionError(f"no mail reads {message.text!r}")


def _register(house: Installation, talks: list[Conversation]) -> None:
    for talk in talks:
        by_mail = {_mail_of(one): one for one in talk.messages}
        statements, derived = _FINDINGS[talk.title](by_mail)
        with writing(house.engine) as session:
            register(session, talk, statements, derived, VERSION)
            mark_read(session, int(talk.id), VERSION, messages=len(talk.messages))


def _says(message: Message, quote: str, kind: StatementKind, **more: object) -> Statement:
    start = message.text.index(quote)
    end = start + len(quote)
    found = {"confidence": 0.9, "found_by": "test-1", "language": "en"} | more
    return Statement(message.id, start, end, quote, kind, **found)


def _shows(statement: Statement, role: Role) -> Evidence:
    return Evidence(statement.message, statement.start, statement.end, statement.quote, role)


def _agreement(title: str, status: Status, evidence: tuple[Evidence, ...], **more: object) -> Agreement:
    known = {"proposed_by": "1", "answered_by": None, "language": "en", "due": None, "confidence": 0.9}
    return Agreement(f"{evidence[0].message}:opened", title, status, evidence, **(known | more))


def _form(mails: dict[str, Message]) -> tuple[list[Statement], Derived]:
    offer = _says(
        mails["clinic-1"],
        "I propose 64 000 for the form, ready on 10 March.",
        StatementKind.PROPOSAL,
        due=date(2026, 3, 10),
    )
    yes = _says(mails["clinic-2"], "Approved.", StatementKind.APPROVAL)
    matter = _agreement(
        "64 000 for the form",
        Status.AGREED,
        (_shows(offer, Role.PROPOSAL), _shows(yes, Role.ANSWER)),
        proposed_by=mails["clinic-1"].author,
        answered_by=mails["clinic-2"].author,
        due=date(2026, 3, 10),
    )
    return [offer, yes], Derived((matter,), ())


def _payment(mails: dict[str, Message]) -> tuple[list[Statement], Derived]:
    said = _says(
        mails["clinic-3"],
        "As agreed on the phone, we add online payment for 38 000.",
        StatementKind.DECISION,
        verbal=True,
    )
    matter = _agreement(
        "Online payment for 38 000",
        Status.VERBAL_ONLY,
        (_shows(said, Role.RECAP),),
        proposed_by=mails["clinic-3"].author,
    )
    talk = VerbalEvent(
        mails["clinic-3"].id, matter.title, VerbalState.UNCONFIRMED, None, VerbalKind.MENTION, (matter.key,)
    )
    return [said], Derived((matter,), (talk,))


def _voucher(mails: dict[str, Message]) -> tuple[list[Statement], Derived]:
    ask = _says(mails["hotel-1"], f"Shall we build the voucher page? {HOSTILE}", StatementKind.PROPOSAL)
    no = _says(mails["hotel-2"], "No, drop it.", StatementKind.REJECTION)
    evidence = (_shows(ask, Role.PROPOSAL), _shows(no, Role.ANSWER))
    matter = _agreement(
        f"Voucher page {HOSTILE}",
        Status.REJECTED,
        evidence,
        proposed_by=mails["hotel-1"].author,
        answered_by=mails["hotel-2"].author,
        contradiction=Contradiction(*evidence),
    )
    return [ask, no], Derived((matter,), ())


_FINDINGS = {"Booking form": _form, "Online payment": _payment, "Voucher page": _voucher}
