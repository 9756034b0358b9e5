import pytest
from marked_talk import derived

from service.agreements.agreement import VerbalKind, VerbalState

RECAP = "a: summing up: [the shop opens in May|decision verbal]"


def test_a_call_that_nobody_wrote_about_is_a_gap():
    (event,) = derived("a: (call 600)", "c: nice weather").verbal
    assert (event.message, event.kind, event.about) == ("m1", VerbalKind.CALL, None)
    assert event.is_gap


def test_a_recap_accepted_by_the_other_side_confirms_the_talk():
    (event,) = derived("a: (call 600)", RECAP, "c: [exactly|approval]").verbal
    assert (event.message, event.state, event.confirmed_by) == ("m1", VerbalState.CONFIRMED, "m3")
    assert event.about == "The shop opens in May"


def test_a_recap_alone_confirms_nothing():
    (event,) = derived("a: (call 600)", RECAP, "a2: [exactly|approval]").verbal
    assert event.is_gap


def test_a_talk_without_a_record_stands_at_its_first_mention():
    (event,) = derived("c: hello", "a: as agreed on the phone [the price is 900|decision verbal]").verbal
    assert (event.message, event.kind) == ("m2", VerbalKind.MENTION)


@pytest.mark.parametrize("event", ["(call 12)", "(call 600 missed)", "(call 0)", "(voice 3)"])
def test_idle_calls_decide_nothing(event):
    assert derived(f"a: {event}", "c: sorry, my pocket called").verbal == ()


@pytest.mark.parametrize("event", ["(call 600)", "(call)", "(voice 45)", "(meeting 3600)"])
def test_every_other_talk_counts(event):
    assert len(derived(f"a: {event}").verbal) == 1


def test_a_refused_recap_confirms_nothing():
    (event,) = derived("a: (call 600)", RECAP, "c: [that is not what I said|rejection]").verbal
    assert event.is_gap


def test_a_second_mention_of_the_same_talk_is_no_second_gap():
    (event,) = derived(
        "a: as agreed on the phone [the price is 900|decision verbal]",
        "c: hm",
        "a: [the price is 900|decision verbal], as I said",
    ).verbal
    assert event.message == "m1"
