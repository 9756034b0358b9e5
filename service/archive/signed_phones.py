"""Whose phone stands under their mails, or on a card that was passed on. Out: Shared. Never: a switchboard's.

Only numbers that somebody is reached by are looked for, in the newest mails of those who wrote last: what
stands under a mail changes, and a hundred thousand mails are not read for it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlmodel import Session, col

from service.accounts.scope import Scope
from service.archive.blobs import Blobs
from service.archive.name_sounds import keys_of
from service.archive.phones import phone_of, phones_in
from service.archive.quoting import own_spans
from service.archive.same_person import Known, Shared, Why, phones_of
from service.archive.tables import AddressRow, AttachmentRow, ConversationRow, MessageRow
from service.db.bulk import chunks
from service.sources.raw_message import AddressKind

MOST_SIGNERS = 2000
MOST_CARDS = 300
MOST_LINES = 12
MOST_TEXT = 20_000
SWITCHBOARD = 3
"""A number under the mails of so many people is their firm's."""
_ENDS = re.compile(r"\s*(?:>|-{5,}|_{5,}|(?:From|От|Od|Von):|.*:\s*$)")
"""What begins a quote: a phone below it is another person's."""
_CARDS = ("text/vcard", "text/x-vcard", "text/directory")
_FOLD = re.compile(r"\r?\n[ \t]")
_FIELD = re.compile(
    r"^(?:[\w-]+\.)?(TEL|EMAIL|FN)\b[^:\n]*:(?:tel:|mailto:)?(.+?)\s*$", re.IGNORECASE | re.MULTILINE
)


def signed_phones(session: Session, scope: Scope, known: Sequence[Known]) -> Iterator[Shared]:
    """Yield mail addresses with the address that the phone under their mails is."""
    reached = _by_phone(known)
    if not reached:
        return
    signers: dict[str, set[int]] = defaultdict(set)
    for author, text in _newest_mails(session, scope):
        for phone in phones_in(signature_of(text)):
            if phone in reached:
                signers[phone].add(author)
    people = {one.id: one.person_id for one in known}
    for phone, authors in signers.items():
        if len({people.get(one) for one in authors}) < SWITCHBOARD:
            for author in sorted(authors):
                for other in reached[phone]:
                    yield Shared(Why.SIGNED, author, other, phone)


def card_contacts(session: Session, scope: Scope, blobs: Blobs, known: Sequence[Known]) -> Iterator[Shared]:
    """Yield the addresses that stand together on a contact card."""
    cards = list(_cards(session, scope, blobs))
    if not cards:
        return
    reached = _by_phone(known)
    mails = {one.value: one.id for one in known if one.kind == AddressKind.MAIL}
    names: dict[str, int] = {}
    for person in known:
        for key in keys_of(person.name).whole:
            names.setdefault(key, person.id)
    for card in cards:
        found: list[tuple[str, int]] = []
        for kind, value in _FIELD.findall(card):
            match kind.upper():
                case "TEL":
                    found += [(value, one) for one in reached.get(phone_of(value) or "", ())]
                case "EMAIL":
                    found += [(value, mails[value.lower()])] if value.lower() in mails else []
                case _:
                    keys = sorted(keys_of(value).whole & names.keys())
                    found += [(value, names[key]) for key in keys[:1]]
        for detail, one in found[1:]:
            yield Shared(Why.CARD, found[0][1], one, f"{found[0][0]}, {detail}")


def signature_of(text: str) -> str:
    r"""Return the end of what the author wrote and what stands under it, down to the first quote.

    >>> signature_of("Agreed.\n-- \nAnna\n+48 600 100 200\nOn Monday Tom wrote:\n> +44 7700 900123")
    'Agreed.\n-- \nAnna\n+48 600 100 200'
    """
    spans = own_spans(text[:MOST_TEXT])
    if not spans:
        return ""
    start, end = spans[0]
    lines = text[:MOST_TEXT][max(start, end - 200) :].split("\n")
    quoted = next(
        (place for place, line in enumerate(lines) if _ENDS.match(line) and line.strip() != "--"), None
    )
    return "\n".join(lines[:quoted][-3 * MOST_LINES :])


def _by_phone(known: Sequence[Known]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for one in known:
        for phone in phones_of(one):
            found[phone].append(one.id)
    return found


def _newest_mails(session: Session, scope: Scope) -> Iterator[tuple[int, str]]:
    """Yield author and text of the newest mail of each of those who wrote last."""
    query = (
        select(func.max(col(MessageRow.id)))
        .join(AddressRow, col(AddressRow.id) == col(MessageRow.author_id))
        .where(col(AddressRow.kind) == AddressKind.MAIL.value)
        .group_by(col(MessageRow.author_id))
        .order_by(func.max(col(MessageRow.id)).desc())
        .limit(MOST_SIGNERS)
    )
    if not scope.everything:
        place = col(ConversationRow.id) == col(MessageRow.conversation_id)
        query = query.join(ConversationRow, place)
        query = query.where(col(ConversationRow.project_id).in_(sorted(scope.projects)))
    newest = list(session.execute(query).scalars())
    for chunk in chunks(newest):
        texts = select(col(MessageRow.author_id), col(MessageRow.text)).where(col(MessageRow.id).in_(chunk))
        for author, text in session.execute(texts):
            yield author or 0, text


def _cards(session: Session, scope: Scope, blobs: Blobs) -> Iterator[str]:
    query = (
        select(col(AttachmentRow.blob_sha256))
        .join(MessageRow, col(MessageRow.id) == col(AttachmentRow.message_id))
        .join(ConversationRow, col(ConversationRow.id) == col(MessageRow.conversation_id))
        .where(col(AttachmentRow.media_type).in_(_CARDS), col(AttachmentRow.blob_sha256).is_not(None))
        .where(col(AttachmentRow.size) <= MOST_TEXT)
        .order_by(col(AttachmentRow.message_id).desc())
        .limit(MOST_CARDS)
    )
    if not scope.everything:
        query = query.where(col(ConversationRow.project_id).in_(sorted(scope.projects)))
    for name in dict.fromkeys(session.execute(query).scalars()):
        yield _FOLD.sub("", blobs.read(session, name or "").decode("utf-8", "replace"))
