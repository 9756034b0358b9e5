"""Say who is on which side and which conversations belong to which project. Never: guesses.

Both are rules that also hold for what arrives later: a side by mail domain, address or shown name;
a project by mail domain or by words of the conversation's title.
"""

from collections.abc import Sequence

from sqlmodel import Session, col, or_, select

from service.archive.message import Side
from service.archive.people import rule_keys
from service.archive.tables import (
    AddressRow,
    ConversationRow,
    MessageRow,
    PersonRow,
    ProjectRow,
    ProjectRuleRow,
    RecipientRow,
    SideRuleRow,
)
from service.db.bulk import chunks
from service.errors import ConfigError
from service.sources.raw_message import AddressKind, RawAddress

SIDE_RULES = ("domain", "address", "name")
PROJECT_RULES = ("domain", "title")


def put_on_side(session: Session, kind: str, value: str, side: Side) -> int:
    """Add or change a side rule, apply it to everybody known, and return how many people it moved."""
    if kind not in SIDE_RULES:
        raise ConfigError(f"A side is given by {', '.join(SIDE_RULES)}, not by {kind!r}.")
    value = value.strip().lower().removeprefix("@")
    if not value:
        raise ConfigError(f"Which {kind} is on the {side} side? Give a value.")
    known = session.exec(select(SideRuleRow).where(SideRuleRow.kind == kind, SideRuleRow.value == value))
    rule = known.first() or SideRuleRow(kind=kind, value=value, side=side)
    rule.side = side
    session.add(rule)
    moved = []
    for address, person in session.exec(
        select(AddressRow, PersonRow).join(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
    ):
        raw = RawAddress(AddressKind(address.kind), address.value, address.name)
        if person.side != side and (kind, value) in rule_keys(raw):
            person.side = side
            moved.append(address.id)
    _read_again(session, [key for key in moved if key is not None])
    return len(moved)


def create_project(session: Session, name: str, client: str) -> int:
    """Return the id of the project with this name; it is created where it is missing."""
    if not name.strip():
        raise ConfigError("A project needs a name.")
    row = session.exec(select(ProjectRow).where(ProjectRow.name == name)).first()
    row = row or ProjectRow(name=name, client=client)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def add_project_rule(session: Session, project_id: int, kind: str, value: str) -> int:
    """Add a rule, file what it fits and has no project yet, and return how many conversations that are."""
    if kind not in PROJECT_RULES:
        raise ConfigError(
            f"A project's conversations are found by {' or '.join(PROJECT_RULES)}, not by {kind!r}."
        )
    value = value.strip().lower().removeprefix("@")
    rule = ProjectRuleRow(kind=kind, value=value, project_id=project_id)
    if session.get(ProjectRuleRow, (kind, value)) is None:
        session.add(rule)
    waiting = session.exec(
        select(ConversationRow.id).where(
            col(ConversationRow.project_id).is_(None), col(ConversationRow.merged_into).is_(None)
        )
    ).all()
    return file_under_projects(session, waiting)


def file_under_projects(session: Session, conversation_ids: Sequence[int]) -> int:
    """File these conversations by the rules, where they have no project; return how many were filed."""
    rules = session.exec(select(ProjectRuleRow)).all()
    if not rules:
        return 0
    titles = {rule.value: rule.project_id for rule in rules if rule.kind == "title"}
    domains = {rule.value: rule.project_id for rule in rules if rule.kind == "domain"}
    filed = 0
    for chunk in chunks(conversation_ids):
        by_domain = _by_domain(session, chunk, domains)
        rows = session.exec(
            select(ConversationRow).where(
                col(ConversationRow.id).in_(chunk), col(ConversationRow.project_id).is_(None)
            )
        )
        for row in rows:
            title = row.title.lower()
            named = next((project for words, project in titles.items() if words in title), None)
            row.project_id = named or by_domain.get(row.id)
            filed += row.project_id is not None
    return filed


def _by_domain(session: Session, conversation_ids: Sequence[int], domains: dict[str, int]) -> dict[int, int]:
    if not domains:
        return {}
    matching = or_(*(col(AddressRow.value).endswith(f"@{domain}", autoescape=True) for domain in domains))
    here = col(MessageRow.conversation_id).in_(conversation_ids)
    wrote = select(MessageRow.conversation_id, AddressRow.value).join(
        AddressRow, col(AddressRow.id) == col(MessageRow.author_id)
    )
    received = (
        select(MessageRow.conversation_id, AddressRow.value)
        .join(RecipientRow, col(RecipientRow.message_id) == col(MessageRow.id))
        .join(AddressRow, col(AddressRow.id) == col(RecipientRow.address_id))
    )
    found: dict[int, int] = {}
    for query in (wrote, received):
        for conversation_id, address in session.exec(query.where(here, matching).distinct()):
            found.setdefault(conversation_id, domains[address.rpartition("@")[2]])
    return found


def _read_again(session: Session, address_ids: Sequence[int]) -> None:
    for chunk in chunks(address_ids):
        talks = session.exec(
            select(MessageRow.conversation_id).where(col(MessageRow.author_id).in_(chunk)).distinct()
        ).all()
        for some in chunks(talks):
            for row in session.exec(select(ConversationRow).where(col(ConversationRow.id).in_(some))):
                row.extracted_by = None
