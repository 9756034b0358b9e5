"""Say who is on which side and which conversations belong to which project. Never: guesses.

Both are rules that also hold for what arrives later: a side by mail domain, address or shown name;
a project by mail domain or by words of the conversation's title.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, update
from sqlmodel import Session, and_, col, or_, select

from service.archive.message import Side
from service.archive.sides import addresses_of, read_again, settle_sides, talks_of
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
from service.config import zone_named
from service.db.bulk import chunks
from service.errors import ConfigError
from service.sources.raw_message import AddressKind

SIDE_RULES = ("domain", "address", "name")
PROJECT_RULES = ("domain", "title")


@dataclass(frozen=True, slots=True)
class Known:
    """An address that wrote, with the side that its person is on."""

    kind: str
    value: str
    name: str
    side: Side
    messages: int
    person_id: int


@dataclass(frozen=True, slots=True)
class Project:
    """A project, the rules that file conversations under it, and how many it has."""

    id: int
    name: str
    client: str
    rules: tuple[tuple[str, str], ...]
    """(kind, value), as `add_project_rule` took them."""
    conversations: int


def who_wrote(session: Session, limit: int = 500) -> list[Known]:
    """Return the addresses that wrote most, the busiest first."""
    count = func.count(col(MessageRow.id))
    query = (
        select(AddressRow, PersonRow, count)
        .join(PersonRow, col(PersonRow.id) == col(AddressRow.person_id))
        .join(MessageRow, col(MessageRow.author_id) == col(AddressRow.id))
        .group_by(col(AddressRow.id), col(PersonRow.id))
        .order_by(count.desc(), col(AddressRow.id))
        .limit(limit)
    )
    return [
        Known(address.kind, address.value, person.name, Side(person.side), number, address.person_id)
        for address, person, number in session.exec(query)
    ]


def projects(session: Session) -> list[Project]:
    """Return all projects by name."""
    rules: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for rule in session.exec(select(ProjectRuleRow).order_by(ProjectRuleRow.kind, ProjectRuleRow.value)):
        rules[rule.project_id].append((rule.kind, rule.value))
    counted = (
        select(ProjectRow, func.count(col(ConversationRow.id)))
        .outerjoin(
            ConversationRow,
            and_(
                col(ConversationRow.project_id) == col(ProjectRow.id),
                col(ConversationRow.merged_into).is_(None),
            ),
        )
        .group_by(col(ProjectRow.id))
        .order_by(ProjectRow.name)
    )
    return [
        Project(row.id or 0, row.name, row.client, tuple(rules[row.id or 0]), number)
        for row, number in session.exec(counted)
    ]


def put_on_side(session: Session, kind: str, value: str, side: Side) -> int:
    """Add or change a side rule, apply it to everybody known, and return how many people it moved.

    Where several rules fit somebody, the most exact one holds, in whatever order they were given.
    """
    if kind not in SIDE_RULES:
        raise ConfigError(f"A side is given by {', '.join(SIDE_RULES)}, not by {kind!r}.")
    value = value.strip().lower().removeprefix("@")
    if not value:
        raise ConfigError(f"Which {kind} is on the {side} side? Give a value.")
    known = session.exec(select(SideRuleRow).where(SideRuleRow.kind == kind, SideRuleRow.value == value))
    rule = known.first() or SideRuleRow(kind=kind, value=value, side=side)
    rule.side = side
    session.add(rule)
    session.flush()
    moved = settle_sides(session)
    read_again(session, talks_of(session, addresses_of(session, moved)))
    return len(moved)


def create_project(session: Session, name: str, client: str, zone: str = "") -> int:
    """Return the id of the project with this name, created where it is missing.

    A given client and zone are noted. Raises ConfigError without a name, and for a zone that there is not.
    """
    name, client = name.strip(), client.strip()
    if not name:
        raise ConfigError("A project needs a name.")
    row = session.exec(select(ProjectRow).where(ProjectRow.name == name)).first()
    row = row or ProjectRow(name=name)
    row.client = client or row.client
    row.zone = zone_named(zone) if zone else row.zone
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def zone_of_project(session: Session, project_id: int) -> str | None:
    """Return the zone that was given for a project; None where none was."""
    row = session.get(ProjectRow, project_id)
    return row.zone if row else None


def project_named(session: Session, name: str) -> int:
    """Return the id of the project with this name. Raises ConfigError, which lists those that there are."""
    names = {row.name: row.id for row in session.exec(select(ProjectRow).order_by(ProjectRow.name))}
    key = names.get(name.strip())
    if key is None:
        known = ", ".join(names) or "none yet; create one with: scripta project NAME"
        raise ConfigError(f"There is no project {name!r}. Projects: {known}")
    return key


def add_project_rule(session: Session, project_id: int, kind: str, value: str) -> int:
    """Add a rule, file what it fits and has no project yet, and return how many conversations that are.

    Raises ConfigError where the rule belongs to another project: what is filed stays where it is.
    """
    if kind not in PROJECT_RULES:
        raise ConfigError(
            f"A project's conversations are found by {' or '.join(PROJECT_RULES)}, not by {kind!r}."
        )
    value = value.strip().lower().removeprefix("@")
    if not value:
        raise ConfigError(f"Which {kind} belongs to the project? Give a value: an empty one would fit all.")
    rule = session.get(ProjectRuleRow, (kind, value))
    if rule is not None and rule.project_id != project_id:
        other = session.get(ProjectRow, rule.project_id)
        raise ConfigError(f"The {kind} {value!r} belongs to the project {other and other.name!r} already.")
    session.add(rule or ProjectRuleRow(kind=kind, value=value, project_id=project_id))
    session.flush()
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
    # The longest words first: they say most, and the order of rows is the engine's affair.
    rules = sorted(rules, key=lambda rule: (-len(rule.value), rule.value))
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


def file_arrivals(session: Session, message_ids: Sequence[int]) -> int:
    """File the conversations of these messages that have no project yet; return how many were filed.

    Not only those that began with them: the client may join a talk that the agency began with itself.
    """
    if session.exec(select(ProjectRuleRow).limit(1)).first() is None:
        return 0
    talks: set[int] = set()
    for chunk in chunks(message_ids):
        query = (
            select(ConversationRow.id)
            .join(MessageRow, col(MessageRow.conversation_id) == col(ConversationRow.id))
            .where(col(MessageRow.id).in_(chunk), col(ConversationRow.project_id).is_(None))
        )
        talks.update(session.exec(query.distinct()))
    return file_under_projects(session, sorted(talks))


def file_messages(session: Session, message_ids: Sequence[int], project_id: int) -> None:
    """Put the conversations of these messages that have no project under this one."""
    for chunk in chunks(message_ids):
        talks = select(MessageRow.conversation_id).where(col(MessageRow.id).in_(chunk))
        waiting = col(ConversationRow.id).in_(talks), col(ConversationRow.project_id).is_(None)
        session.exec(update(ConversationRow).where(*waiting).values(project_id=project_id))


def _by_domain(session: Session, conversation_ids: Sequence[int], domains: dict[str, int]) -> dict[int, int]:
    if not domains:
        return {}
    matching = or_(*(col(AddressRow.value).endswith(f"@{domain}", autoescape=True) for domain in domains))
    here = and_(
        col(MessageRow.conversation_id).in_(conversation_ids), col(AddressRow.kind) == AddressKind.MAIL.value
    )
    wrote = select(MessageRow.conversation_id, AddressRow.value).join(
        AddressRow, col(AddressRow.id) == col(MessageRow.author_id)
    )
    received = (
        select(MessageRow.conversation_id, AddressRow.value)
        .join(RecipientRow, col(RecipientRow.message_id) == col(MessageRow.id))
        .join(AddressRow, col(AddressRow.id) == col(RecipientRow.address_id))
    )
    found: dict[int, set[int]] = {}
    for query in (wrote, received):
        for conversation_id, address in session.exec(query.where(here, matching).distinct()):
            # SQLite's LIKE does not mind the case of ASCII letters; PostgreSQL's does.
            project = domains.get(address.rpartition("@")[2].lower())
            if project is not None:
                found.setdefault(conversation_id, set()).add(project)
    # Where two clients talk in one conversation, whose it is is for a person to say.
    return {key: projects.pop() for key, projects in found.items() if len(projects) == 1}
