"""Who may be one person: reasons and their strength, from what is known of addresses alone."""

import pytest

from service.archive.same_person import MOST, Known, Shared, Why, suggest


def known(*people: tuple[str, str, str]) -> list[Known]:
    """Return addresses (kind, value, name), each of a person of their own: 1, 2, ..."""
    return [Known(10 * key, *one, key) for key, one in enumerate(people, 1)]


def reasons(*people: tuple[str, str, str], shared=(), apart=frozenset()) -> dict[tuple[int, int], list[Why]]:
    found = suggest(known(*people), shared, apart)
    return {one.pair: [reason.why for reason in one.reasons] for one in found}


ANNA = ("mail", "anna@klos.example", "Anna Kłos")
ANJA = ("telegram", "user7", "Анна Клос")


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (ANNA, ANJA, Why.NAME),
        (ANNA, ("whatsapp", "Klos Anna", "Klos Anna"), Why.NAME),
        (ANNA, ("slack", "U07", "anna@klos.example"), Why.MAIL),
        (ANNA, ("other", "Anna@Klos.example", "A."), Why.MAIL),
        (("phone", "+48600100200", "+48600100200"), ("viber", "600 100 200", "Ania"), Why.PHONE),
        (("whatsapp", "+48 600 100 200", "+48 600 100 200"), ("phone", "+48600100200", "Ania"), Why.PHONE),
        (("mattermost", "anna.klos", "AK"), ("rocketchat", "anna.klos", "Anna"), Why.HANDLE),
        (("matrix", "@anna.klos:klos.example", "AK"), ("mail", "anna.klos@x.example", "x"), Why.HANDLE),
        (("skype", "live:anna.klos", "AK"), ("telegram", "user8", "@anna.klos"), Why.HANDLE),
        (("mail", "k@x.example", "Kasia Nowak"), ("teams", "5", "Katarzyna Nowak"), Why.FAMILIAR),
        (("whatsapp", "Kasia", "Kasia"), ("telegram", "user3", "Кася"), Why.FIRST),
    ],
)
def test_two_people_may_be_one(one, other, why):
    assert reasons(one, other) == {(1, 2): [why]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("mail", "info@x.example", "Anna Klos"), ("mail", "anna@x.example", "Anna Klos")),
        (("mail", "no-reply+7@x.example", "Anna Klos"), ("telegram", "user7", "Anna Klos")),
        (("mail", "kasia@x.example", "K"), ("mail", "kasia@y.example", "N")),
        (("mail", "hotline@x.example", "K"), ("mail", "hotline@y.example", "N")),
        (("mattermost", "kasia", "K"), ("rocketchat", "kasia", "N")),
        (("slack", "u0712abcd", "A"), ("discord", "u0712abcd", "B")),
        (("telegram", "user12345", "A"), ("vk", "user12345", "B")),
        (("vk", "id12345", "A"), ("skype", "id12345", "B")),
        (("telegram", "48600100200", "A"), ("phone", "+48600100200", "B")),
        (("whatsapp", "Kasia", "Kasia"), ("whatsapp", "Kasia K", "Kasia")),
        (("mail", "anna@x.example", ""), ("mail", "anna@y.example", "")),
        (("mail", "a@x.example", "Igor Kim"), ("mail", "b@x.example", "Olga Kim")),
    ],
)
def test_little_is_no_reason_to_ask(one, other):
    assert reasons(one, other) == {}


def test_what_two_exports_show_counts_most_and_reasons_add_up():
    shared = [Shared(Why.MESSAGES, 10, 20, count=14)]
    (found,) = suggest(known(ANNA, ANJA), shared, frozenset())
    assert [str(reason) for reason in found.reasons] == [
        "two exports show the same 14 messages as theirs",
        "same name: Anna Kłos = Анна Клос",
    ]
    (by_name,) = suggest(known(ANNA, ANJA), [], frozenset())
    assert found.strength > 0.98 > by_name.strength


def test_messages_of_several_addresses_are_counted_together():
    addresses = [*known(ANNA, ANJA), Known(21, "phone", "+48600100200", "Anna", 2)]
    shared = [Shared(Why.MESSAGES, 10, 20, count=3), Shared(Why.MESSAGES, 21, 10, count=2)]
    (found,) = suggest(addresses, shared, frozenset())
    assert found.reasons[0].count == 5


def test_what_stands_for_another_reason_is_not_said_twice():
    people = (("mail", "anna.klos@x.example", "A"), ("mattermost", "anna.klos", "anna.klos@x.example"))
    assert reasons(*people) == {(1, 2): [Why.MAIL]}


def test_addresses_of_one_person_and_of_nobody_known_suggest_nothing():
    same = [Known(10, *ANNA, 1), Known(11, *ANJA, 1)]
    assert suggest(same, [Shared(Why.MESSAGES, 10, 11), Shared(Why.MESSAGES, 10, 99)], frozenset()) == []


def test_who_was_told_apart_is_never_suggested_again():
    shared = [Shared(Why.MESSAGES, 10, 20, count=100)]
    assert reasons(ANNA, ANJA, shared=shared, apart=frozenset({(1, 2)})) == {}


def test_of_three_namesakes_of_whom_two_were_told_apart_the_others_stay():
    third = ("whatsapp", "Anna Klos", "Anna Klos")
    assert set(reasons(ANNA, ANJA, third, apart=frozenset({(1, 2)}))) == {(1, 3), (2, 3)}


def test_what_follows_from_two_suggestions_is_not_asked_as_well():
    third = ("whatsapp", "Anna Klos", "Anna Klos")
    assert set(reasons(ANNA, ANJA, third)) == {(1, 2), (1, 3)}


def test_a_first_name_of_three_says_nothing():
    kasias = [(kind, "Kasia", "Kasia") for kind in ("whatsapp", "viber", "facebook")]
    assert reasons(*kasias) == {}


def test_a_name_that_many_bear_says_nothing():
    many = [("mail", f"person{number}@x.example", "Anna Klos") for number in range(31)]
    assert reasons(*many) == {}


def test_namesakes_are_compared_by_keys_and_not_each_with_each():
    names = [("mail", f"p{number}@x.example", "Anna Klos") for number in range(20)]
    assert len(reasons(*names)) == 19


def test_there_is_an_end_to_asking():
    people = [
        (kind, f"{kind}{number}x", f"Anna Kl{letter}s{other}k")
        for number, (letter, other) in enumerate((a, b) for a in "aeou" for b in "bdfgklmnprtwyza" + "ilouer")
        for kind in ("teams", "telegram")
    ]
    found = suggest(known(*people), [], frozenset())
    assert len(found) == min(MOST, len(found))
    assert [one.strength for one in found] == sorted((one.strength for one in found), reverse=True)


def test_every_reason_has_words():
    from service.archive.same_person import Reason

    assert all(str(Reason(why, "x")) for why in Why)
    assert str(Reason(Why.MESSAGES)) == "two exports show the same 1 message as theirs"
