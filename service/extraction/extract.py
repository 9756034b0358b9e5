"""Find the statements of a conversation: segment, label, flags, due date. In: Conversation. Out: Statements.

Never: opens a file or a database; changes a word: every quote is a slice of the message's own text.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from functools import cache

from service.archive.message import Conversation, Message
from service.archive.quoting import own_spans
from service.extraction.due import Due, find_due
from service.extraction.flags import flags_of
from service.extraction.label import Label, Labeller, WeighingLabeller
from service.extraction.reading import WITHIN_REACH, Clause, read
from service.extraction.situation import Turn, situation_of, turn_of
from service.extraction.statement import Statement, StatementKind
from service.extraction.weights import committed

VERSION = "rules-1"

CONTEXT = 12
"""Messages before a wanted one that are read for context: answers come sooner than that."""
_CAN_BE_DUE = frozenset({StatementKind.COMMITMENT, StatementKind.REQUEST, StatementKind.PROPOSAL})
_SPEAKING = frozenset({"text", "image", "file", "voice", "meeting"})
"""Types whose text, or caption, a person wrote."""


@cache
def _labeller() -> Labeller:
    return WeighingLabeller(committed("acts"))


def extract(conversation: Conversation, only: Collection[str] | None = None) -> list[Statement]:
    """Return the statements in order; `only` limits them to those messages, the others are context."""
    people = {person.id: person for person in conversation.people}
    found: list[Statement] = []
    turns: deque[Turn] = deque(maxlen=CONTEXT)
    prior = conversation.language or "en"
    for message in _needed(conversation.messages, only):
        situation = situation_of(message, tuple(turns), people, conversation.channel)
        clauses = read(message.text, own_spans(message.text), prior) if message.type in _SPEAKING else ()
        if clauses:
            prior = conversation.language or clauses[-1].language
        labels = _labeller().label(clauses, situation)
        statements = list(_statements(message, clauses, labels))
        if only is None or message.id in only:
            found.extend(statements)
        turns.append(turn_of(message, clauses, [label.kind if label else None for label in labels], people))
    return found


def _needed(messages: Sequence[Message], only: Collection[str] | None) -> Iterator[Message]:
    """Yield the wanted messages and those just before them or replied to by them."""
    if only is None:
        yield from messages
        return
    wanted = {place for place, message in enumerate(messages) if message.id in only}
    answered = {message.reply_to for message in messages if message.id in only}
    for place, message in enumerate(messages):
        if message.id in answered or any(place <= other <= place + CONTEXT for other in wanted):
            yield message


def _statements(
    message: Message, clauses: Sequence[Clause], labels: Sequence[Label | None]
) -> Iterator[Statement]:
    for group in _groups(clauses, labels):
        label = max(
            (label for label in map(labels.__getitem__, group) if label), key=lambda each: each.confidence
        )
        first, last = clauses[group[0]], clauses[group[-1]]
        flags = flags_of(clauses, group, label.kind, committed("flags"))
        due = _due(message, clauses, group, labels) if label.kind in _CAN_BE_DUE else None
        yield Statement(
            message=message.id,
            start=first.start,
            end=last.end,
            quote=message.text[first.start : last.end],
            kind=label.kind,
            confidence=label.confidence,
            found_by=f"{VERSION}:{first.language}.{label.rule}",
            language=first.language,
            due=due.value if due else None,
            due_text=due.text if due else None,
            conditional=flags.conditional,
            verbal=flags.verbal,
            change=flags.change,
        )


def _due(
    message: Message, clauses: Sequence[Clause], group: Sequence[int], labels: Sequence[Label | None]
) -> Due | None:
    """Look for a date in the statement, then in what is left of its sentence, then just before a question.

    A proposal is often put first and asked about after: «Есть окно 14 июля, 160 тысяч. Записывать?».
    """
    first, last = clauses[group[0]], clauses[group[-1]]
    ranges = [(first.start, last.end)]
    near = range(max(0, group[0] - WITHIN_REACH), min(len(clauses), group[-1] + WITHIN_REACH))
    free = [clauses[place] for place in near if labels[place] is None]
    ranges += [(each.start, each.end) for each in free if each.sentence == first.sentence]
    if "?" in last.tail:
        ranges += [(each.start, each.end) for each in free if each.sentence == first.sentence - 1]
    found = (find_due(message.text[start:end], message.sent_at, first.language) for start, end in ranges)
    return next(filter(None, found), None)


def _groups(clauses: Sequence[Clause], labels: Sequence[Label | None]) -> list[list[int]]:
    """Join neighbouring clauses of one sentence that do the same."""
    groups: list[list[int]] = []
    for place, label in enumerate(labels):
        if label is None:
            continue
        last = groups[-1][-1] if groups else None
        before = labels[last] if last is not None else None
        if (
            last == place - 1
            and before
            and before.kind == label.kind
            and _one_sentence(clauses[place - 1], clauses[place])
        ):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _one_sentence(one: Clause, other: Clause) -> bool:
    return one.sentence == other.sentence and ";" not in one.tail and not other.listed
