"""Join statements into agreements. In: Conversation, Statements. Out: Derived. Never: stores.

The conversation is read once, in order of time. Each turn first answers what waits for an answer, then puts
up what is new. The result depends on nothing but the messages and their statements.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from service.agreements.agreement import Agreement, Derived, Role, Status
from service.agreements.joining.board import Board
from service.agreements.joining.lifecycle import Matter, evidence_of
from service.agreements.joining.likeness import shared
from service.agreements.joining.match import link
from service.agreements.joining.take_up import (
    A_MOMENT,
    countered,
    echoes,
    only_asks,
    reminded,
    replaced,
    restated,
)
from service.agreements.joining.timeline import Act, Turn, turns_of
from service.agreements.joining.verbal import verbal_events
from service.archive.message import Conversation
from service.extraction.statement import Statement
from service.extraction.statement import StatementKind as Kind

A_WHILE = 20
"""Turns within which a deed meets a condition without naming it."""


def derive(conversation: Conversation, statements: Sequence[Statement]) -> Derived:
    """Return the agreements and verbal events that the statements of the conversation amount to."""
    turns = turns_of(conversation, statements)
    board = Board()
    for turn in turns:
        if turn.acts:
            _play(turn, board)
    rows = [matter for matter in board.matters if not matter.tentative]
    keys = _keys(rows)
    agreements = tuple(_agreement(matter, keys) for matter in rows)
    return Derived(agreements, verbal_events(turns, rows, keys))


def _keys(rows: Sequence[Matter]) -> dict[int, str]:
    """Name each matter by its opening words, and those that one answer parted from them by their order."""
    keys: dict[int, str] = {}
    named: Counter[str] = Counter()
    for matter in rows:
        # Not of the conversation: a late mail can show that two threads are one.
        opener = matter.opener.statement
        key = f"{opener.message}:{opener.start}{matter.part}"
        named[key] += 1
        keys[id(matter)] = key if named[key] == 1 else f"{key}~{named[key]}"
    return keys


def _play(turn: Turn, board: Board) -> None:
    refused = _answer(turn, board)
    for act in turn.acts:
        if act.kind is Kind.PROPOSAL:
            _propose(act, turn, board, refused)
        elif act.kind is Kind.DECISION:
            _decide(act, turn, board)
        elif act.kind is Kind.REQUEST:
            # Beside a yes a request is its rider: it belongs to the matter that is being accepted.
            if act.statement.change or not turn.of(Kind.APPROVAL):
                _open(act, turn, board, tentative=True)
        elif act.kind in {Kind.COMMITMENT, Kind.FULFILMENT}:
            _undertake(act, turn, board)


def _answer(turn: Turn, board: Board) -> list[Matter]:
    """Apply the turn's yes and no; return the matters refused in it, which a counter-offer may take up."""
    refused: list[Matter] = []
    accepted: list[Matter] = []
    for act, matter in link(turn, board.at_hand(turn)):
        if act.kind is Kind.APPROVAL:
            target = _part(matter, act, board) if any(matter is one for one in refused) else matter
            target.accept(act)
            accepted.append(target)
        elif any(matter is one for one in accepted):
            _part(matter, act, board).reject(act)
        else:
            matter.reject(act)
            refused.append(matter)
    return refused


def _part(matter: Matter, act: Act, board: Board) -> Matter:
    """Part a matter that one message accepts in part: the rest becomes a matter of its own."""
    rest = Matter(
        opener=matter.opener,
        status=Status.OPEN,
        content=matter.content,
        offered_by=matter.offered_by,
        offered_at=matter.offered_at,
        evidence=[(kept, role) for kept, role in matter.evidence if kept.position < act.position],
        certainty=matter.certainty,
        part=f":{act.message}:{act.statement.start}",
    )
    board.add(rest, after=matter)
    return rest


def _propose(act: Act, turn: Turn, board: Board, refused: Sequence[Matter]) -> None:
    """Ask again, counter, or open a matter."""
    if only_asks(act, turn):
        return
    at_hand = board.at_hand(turn)
    if (asked := reminded(act, turn, at_hand)) is not None:
        asked.remind(act)
    elif (offered := countered(act, turn, at_hand, refused)) is not None:
        offered.offer(act, Role.CHANGE)
    else:
        _open(act, turn, board)


def _decide(act: Act, turn: Turn, board: Board) -> None:
    """Settle what waits, write down a spoken yes, repeat what is settled, or open a matter."""
    at_hand = board.at_hand(turn)
    matter = restated(act, turn, at_hand)
    if matter is None:
        _open(act, turn, board, tentative=echoes(act, turn, at_hand))
    elif matter.pending and act.statement.verbal:
        matter.record(act)
    elif matter.pending:
        matter.accept(act)


def _undertake(act: Act, turn: Turn, board: Board) -> None:
    """Meet the condition of a yes, take on a change that was asked for, or hand over what may be approved."""
    for matter in reversed(board.at_hand(turn)):
        if turn.position - matter.last_at > A_WHILE or matter.opener.position == act.position:
            continue
        yes = matter.answer if matter.status is Status.CONDITIONAL else None
        if (
            yes
            and act.kind is Kind.FULFILMENT
            and (act.party != yes.party or shared(act.content, matter.content))
        ):
            matter.meet(act)
            return
        change = matter.opener.kind is Kind.REQUEST and matter.opener.statement.change and matter.pending
        if change and matter.offered_by != act.party and turn.position - matter.last_at <= A_MOMENT:
            matter.accept(act)
            return
    if act.kind is Kind.FULFILMENT or act.statement.change:
        _open(act, turn, board, tentative=True)


def _open(act: Act, turn: Turn, board: Board, *, tentative: bool = False) -> None:
    verbal = act.statement.verbal
    recap = Role.RECAP if verbal else Role.DECISION
    board.add(
        Matter(
            opener=act,
            status=Status.VERBAL_ONLY if verbal else Status.OPEN,
            content=act.content,
            offered_by=act.party,
            offered_at=turn.position,
            tentative=tentative,
            evidence=[(act, recap if act.kind is Kind.DECISION else Role.PROPOSAL)],
            replaces=replaced(act, turn, board.matters),
        )
    )


def _agreement(matter: Matter, keys: Mapping[int, str]) -> Agreement:
    said = [matter.evidence[0], *sorted(matter.evidence[1:], key=lambda kept: kept[0].place)]
    later = matter.superseded_by
    # One side's words alone never agree, whatever the joins above may come to.
    assert matter.status is not Status.AGREED or len({act.party for act, _ in said}) > 1
    return Agreement(
        key=keys[id(matter)],
        title=matter.title,
        status=matter.status,
        evidence=tuple(evidence_of(act, role) for act, role in said),
        proposed_by=matter.opener.author,
        answered_by=matter.answer.author if matter.answer else None,
        language=matter.opener.statement.language,
        due=next((act.statement.due for act, _ in reversed(said) if act.statement.due), None),
        confidence=min(act.statement.confidence for act, _ in said) * matter.certainty,
        superseded_by=keys.get(id(later)) if later else None,
        contradiction=matter.contradiction,
    )
