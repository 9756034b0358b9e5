"""What holds for every conversation: the same result in every order, and no agreement without both sides."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from marked_talk import talk

from service.agreements.agreement import Status
from service.agreements.derive import derive
from service.agreements.joining.timeline import party_of

QUOTES = (
    "yes",
    "no",
    "the shop for 900",
    "a blog for 300",
    "the shop by Friday",
    "OK?",
    "the logo",
    "1 and 2",
    "2",
)
KINDS = ("proposal", "approval", "rejection", "decision", "request", "commitment", "fulfilment")
FLAGS = st.lists(st.sampled_from(["conditional", "verbal", "change", "2026-03-12"]), unique=True, max_size=3)
MARKS = st.builds(
    lambda quote, kind, flags: f"[{quote}|{' '.join([kind, *flags])}]",
    st.sampled_from(QUOTES),
    st.sampled_from(KINDS),
    FLAGS,
)
TEXTS = st.lists(MARKS, max_size=3).map(". ".join) | st.sampled_from(["(call 600)", "(call 5)", "(voice 60)"])


@st.composite
def talks(draw, authors=("a1", "a2", "c1", "c2", "x1")):
    length = draw(st.integers(1, 12))
    lines = []
    for number in range(length):
        author = draw(st.sampled_from(authors))
        reply = draw(st.none() | st.integers(1, max(number, 1)))
        lines.append(f"{author}{'' if reply is None else f'>{reply}'}: {draw(TEXTS)}")
    return talk(*lines)


@settings(max_examples=80, deadline=None)
@given(talks(), st.randoms(use_true_random=False))
def test_the_order_in_which_messages_and_statements_are_passed_does_not_matter(marked, random):
    conversation, statements = marked
    messages = list(conversation.messages)
    people = list(conversation.people)
    mixed = list(statements)
    for pile in (messages, people, mixed):
        random.shuffle(pile)
    shuffled = replace(conversation, messages=tuple(messages), people=tuple(people))
    assert derive(shuffled, mixed) == derive(conversation, statements)


@settings(max_examples=120, deadline=None)
@given(talks())
def test_agreed_means_that_both_sides_wrote_it(marked):
    conversation, statements = marked
    parties = {person.id: party_of(person) for person in conversation.people}
    wrote = {message.id: parties[message.author] for message in conversation.messages}
    for one in derive(conversation, statements).agreements:
        if one.status in {Status.AGREED, Status.SUPERSEDED, Status.CONDITIONAL}:
            assert len({wrote[kept.message] for kept in one.evidence}) > 1


@settings(max_examples=100, deadline=None)
@given(talks(authors=("a1", "a2")))
def test_one_side_alone_agrees_on_nothing(marked):
    held = {one.status for one in derive(*marked).agreements}
    assert held <= {Status.OPEN, Status.VERBAL_ONLY, Status.REJECTED}


@settings(max_examples=80, deadline=None)
@given(talks())
def test_keys_are_unique_and_every_reference_leads_somewhere(marked):
    conversation, statements = marked
    result = derive(conversation, statements)
    keys = [one.key for one in result.agreements]
    assert len(keys) == len(set(keys))
    assert {one.superseded_by for one in result.agreements} <= {None, *keys}
    assert {key for one in result.verbal for key in one.agreements} <= set(keys)
    texts = {message.id: message.text for message in conversation.messages}
    assert all(
        texts[kept.message][kept.start : kept.end] == kept.quote
        for one in result.agreements
        for kept in one.evidence
    )
