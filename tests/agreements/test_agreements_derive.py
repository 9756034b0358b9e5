import pytest
from marked_talk import derived, statuses, talk

from service.agreements.agreement import Role, Status
from service.agreements.derive import derive

OFFER = "a: [The shop for 900 euros, all right?|proposal]"


def test_a_proposal_and_the_other_sides_yes_are_agreed():
    (one,) = derived(OFFER, "c: [Yes|approval]").agreements
    assert one.status is Status.AGREED
    assert [(kept.message, kept.role) for kept in one.evidence] == [
        ("m1", Role.PROPOSAL),
        ("m2", Role.ANSWER),
    ]
    assert (one.proposed_by, one.answered_by) == ("a", "c")


def test_silence_never_agrees():
    assert statuses(OFFER, "c: how is the weather", "a: [All right then?|proposal]") == ["open"]


def test_nobody_agrees_with_their_own_side():
    assert statuses("a1: [The shop for 900 euros?|proposal]", "a2: [Sounds good|approval]") == ["open"]


def test_a_recap_of_a_call_stays_verbal_until_the_other_side_confirms_it():
    recap = "a: as said on the phone, [the deadline is the 15th|decision verbal]"
    assert statuses("a: (call 600)", recap) == ["verbal_only"]
    assert statuses("a: (call 600)", recap, "c: [right|approval]") == ["agreed"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("[No|rejection]", "rejected"),
        ("[ok if it fits the budget|approval conditional]", "conditional"),
        ("[ok|approval]", "agreed"),
        ("[I will look tomorrow|commitment]", "open"),
    ],
)
def test_the_answer_decides(answer, status):
    assert statuses(OFFER, f"c: {answer}") == [status]


def test_a_condition_that_is_met_makes_it_agreed():
    lines = (OFFER, "c: [ok if the logo grows|approval conditional]")
    assert statuses(*lines, "a: [the logo has grown|fulfilment]") == ["agreed"]
    assert statuses(*lines, "a: [fine, we accept that|approval]") == ["agreed"]


def test_what_is_called_off_with_nothing_in_its_place_is_rejected():
    assert statuses(OFFER, "c: [Yes|approval]", "c: [stop the shop, no budget|rejection change]") == [
        "rejected"
    ]


def test_a_change_of_mind_supersedes_and_points_at_the_new_terms():
    first, second = derived(
        "a: [kraft paper bag at 11.40?|proposal]",
        "c: [go|approval]",
        "c: [I changed my mind|rejection change]. [I want black paper bag|proposal change]",
        "a: [black is 14.90, OK?|proposal change]",
        "c: [yes|approval]",
    ).agreements
    assert (first.status, second.status) == (Status.SUPERSEDED, Status.AGREED)
    assert first.superseded_by == second.key


def test_another_date_supersedes_the_agreed_one_only_when_it_is_accepted():
    moved = (
        "a: [launch on 12 March?|proposal 2026-03-12]",
        "c: [yes|approval]",
        "a: [we need until 19 March, fine?|proposal change 2026-03-19]",
    )
    assert statuses(*moved) == ["agreed", "open"]
    assert statuses(*moved, "c: [fine|approval]") == ["superseded", "agreed"]


def test_a_counter_offer_goes_on_with_the_same_matter():
    (one,) = derived(
        "a: [650 a day for Black Friday|proposal]",
        "c: [650 isn't happening|rejection]. [550 I could defend|proposal change]",
        "a: [550 it is|approval]",
    ).agreements
    assert one.status is Status.AGREED
    assert one.answered_by == "a"


def test_the_points_of_a_recap_are_answered_one_by_one():
    points = "1. [props on Friday|decision verbal]\n2. [credit notes later|decision verbal]"
    recap = f"a: {points}\n3. [no cost|decision verbal]"
    assert statuses(recap, "c: [1 and 3 are fine|approval]. [2 is not what we said|rejection]") == [
        "agreed",
        "rejected",
        "agreed",
    ]


def test_a_plain_yes_takes_every_point_of_the_last_recap():
    points = "1. [props on Friday|decision verbal]\n2. [credit notes later|decision verbal]"
    assert statuses(f"a: {points}\n[Is that right?|proposal]", "c: [both|approval]") == ["agreed", "agreed"]


def test_a_yes_with_an_exception_parts_the_matter():
    first, rest = derived(
        "a: [the homepage is online, good to go?|proposal]",
        "c: [everything bar the team page is fine|approval]. [The team page can't stay|rejection]",
    ).agreements
    assert (first.status, rest.status) == (Status.AGREED, Status.REJECTED)
    assert first.key != rest.key


def test_a_quoted_line_says_what_is_answered():
    lines = (
        "a: [glass wall for 1900|proposal]\n[grey carpet|proposal]\n[noisy work on Saturday|proposal]",
        "c: > noisy work on Saturday\n[no|rejection]\n> glass wall for 1900\n[fine|approval]",
    )
    assert statuses(*lines) == ["agreed", "open", "rejected"]


def test_a_reply_link_wins_over_nearness():
    assert statuses(
        "a: [the shop for 900?|proposal]", "a: [a blog for 300 more?|proposal]", "c>1: [yes|approval]"
    ) == ["agreed", "open"]


def test_a_request_is_no_agreement_unless_it_is_refused_or_changes_terms():
    assert statuses("c: [send the texts|request]", "a: [will do|commitment]") == []
    assert statuses("c: [could you fix the feed|request]", "a: [we won't touch the feed|rejection]") == [
        "rejected"
    ]
    assert statuses("c: [one more page please|request change]", "a: [on it|commitment]") == ["agreed"]


def test_a_result_handed_over_is_agreed_when_it_is_approved():
    assert statuses("a: [the fix is on staging|fulfilment]") == []
    assert statuses("a: [the fix is on staging|fulfilment]", "c: [approved|approval]") == ["agreed"]


def test_two_people_of_one_side_contradict_each_other():
    (one,) = derived(OFFER, "c1: [Yes|approval]", "c2>1: [No way|rejection]").agreements
    assert one.contradiction is not None
    assert (one.contradiction.first.quote, one.contradiction.second.quote) == ("Yes", "No way")


def test_a_yes_and_a_later_no_of_one_person_contradict_each_other():
    (one,) = derived(OFFER, "c: [Yes|approval]", "c: [no shop after all|rejection]").agreements
    assert one.contradiction is not None


def test_without_known_sides_the_other_person_counts_with_less_confidence():
    known = derived(OFFER, "c: [Yes|approval]").agreements[0]
    unknown = derived("x1: [The shop for 900 euros, all right?|proposal]", "x2: [Yes|approval]").agreements[0]
    assert unknown.status is Status.AGREED
    assert unknown.confidence < known.confidence
    assert statuses("x1: [The shop for 900?|proposal]", "x1: [Yes|approval]") == ["open"]


def test_keys_stay_when_later_messages_arrive():
    early = derived(OFFER, "c: [Yes|approval]").agreements[0]
    late = derived(OFFER, "c: [Yes|approval]", "c: [no shop after all|rejection]").agreements[0]
    assert early.key == late.key


def test_statements_of_unknown_messages_are_passed_over():
    conversation, statements = talk(OFFER, "c: [Yes|approval]")
    _, foreign = talk("a: hello", "c: hello", "a: [Something else?|proposal]")
    assert derive(conversation, [*statements, *foreign]) == derive(conversation, statements)


LIST = "a: 1. [props on Friday|decision]\n2. [credit notes later|decision]\n3. [no extra cost|decision]"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[all right except point 2|approval]", ["agreed", "open", "agreed"]),
        ("[the first two are right|approval]", ["agreed", "agreed", "open"]),
        ("[второе и третье да|approval]", ["open", "agreed", "agreed"]),
        ("[yes|approval]. [no|rejection]. [yes|approval]", ["agreed", "rejected", "agreed"]),
        (
            "[credit notes must be now|rejection]. [the rest is fine|approval]",
            ["agreed", "rejected", "agreed"],
        ),
    ],
)
def test_points_are_named_by_number_place_exception_or_words(answer, expected):
    assert statuses(LIST, f"c: {answer}") == expected


def test_a_result_and_the_question_about_it_are_one_matter():
    (one,) = derived(
        "a: [The proof of the carton is attached|fulfilment]. [OK to print?|proposal]", "c: [yes|approval]"
    ).agreements
    assert one.title == "The proof of the carton is attached"


def test_whoever_refuses_a_counter_offer_stands_by_their_own():
    lines = (
        "a: [gate with a door for 180|proposal]",
        "c: [170 for the gate?|proposal]",
        "a: [no, not lower|rejection]",
    )
    assert statuses(*lines) == ["open"]
    assert statuses(*lines, "c: [180 then, go|approval]") == ["agreed"]


def test_a_refused_request_with_a_price_stays_refused():
    lines = ("c: [add a jobs page|request change]", "a: [that is 14000 on top, OK?|proposal change]")
    assert statuses(*lines, "c: [no, too much|rejection]") == ["rejected"]
