from dataclasses import fields, replace

import pytest
from marked_talk import talk

from service.agreements import recaps
from service.agreements.agreement import VerbalKind
from service.agreements.derive import derive
from service.agreements.recap import draft_recap
from service.agreements.wording import Wording
from service.plugins import discover

WORDINGS = discover(recaps, "RECAP")


def drafted(*lines, agreement=False, language="en"):
    conversation, statements = talk(*lines)
    conversation = replace(conversation, language=language)
    statements = [replace(one, language=language) for one in statements]
    result = derive(conversation, statements)
    thing = result.agreements[0] if agreement else result.verbal[0]
    return draft_recap(conversation, thing, statements)


def test_a_recap_lists_the_points_and_asks_for_a_yes():
    recap = drafted(
        "a: (call 600)", "a: 1. [the shop opens in May|decision verbal]\n2. [no blog|decision verbal]"
    )
    assert recap.subject == "To confirm: The shop opens in May"
    assert "\n1. the shop opens in May\n2. no blog\n" in recap.text
    assert "yes, agreed" in recap.text
    assert "02 March 2026" in recap.text


def test_a_talk_that_nobody_wrote_about_leaves_room_to_fill_in():
    recap = drafted("a: (call 600)", "c: bye", language="ru")
    assert recap.subject == "Подтвердите, пожалуйста: наш разговор"
    assert "1. (впишите" in recap.text


def test_a_later_talk_is_a_recap_of_its_own():
    recap = drafted(
        "a: (call 600)", "a: [no blog|decision verbal]", "a: (call 900)", "a: [no shop|decision verbal]"
    )
    assert "no shop" not in recap.text


def test_an_agreement_is_recapped_with_its_newest_terms_and_date():
    recap = drafted(
        "a: [650 a day|proposal]",
        "c: [no|rejection]. [550 a day by Friday|proposal change 2026-03-06]",
        agreement=True,
        language="pl",
    )
    assert "1. 550 a day by Friday (termin: 06.03.2026)\n" in recap.text
    assert "650" not in recap.text.split("\n", 2)[2]


def test_another_language_falls_back_to_english():
    assert drafted("a: (call 600)", language="de").text.startswith("Hello")


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda one: one.language)
def test_every_wording_is_complete(wording):
    assert set(wording.after) == set(VerbalKind)
    assert all(getattr(wording, field.name) for field in fields(Wording))
    assert all("{day}" in phrase for phrase in wording.after.values())
    assert "{title}" in wording.subject


def test_the_three_languages_are_there():
    assert {one.language for one in WORDINGS} == {"en", "pl", "ru"}
