"""Both engines find what reading every message would find."""

import random

from service.extraction.lemmas import search_keys
from service.search.match import Match, Needle, match_of
from service.search.parse import parse

WORDS = [
    "смета",
    "сметы",
    "согласовано",
    "согласовали",
    "price",
    "prices",
    "final",
    "Zatwierdzam",
    "zatwierdził",
    "логотип",
    "v2",
]


def occurs(needle: Needle, keys: list[str]) -> bool:
    """Read the keys one by one: slow, and plainly right."""
    *before, last = needle.keys
    for end in range(len(before), len(keys)):
        whole = keys[end].startswith(last) if needle.prefix else keys[end] == last
        if whole and keys[end - len(before) : end] == before:
            return True
    return False


def satisfies(match: Match, keys: list[str]) -> bool:
    found = all(any(occurs(needle, keys) for needle in choice) for choice in match.every)
    return found and not any(occurs(needle, keys) for needle in match.never)


def random_query(chance: random.Random) -> str:
    def term() -> str:
        words = chance.sample(WORDS, 2)
        return chance.choice(
            [words[0], words[0], f'"{words[0]} {words[1]}"', f"{words[0][:4]}*", f"{words[0]} OR {words[1]}"]
        )

    minus = f"-{chance.choice(WORDS)}" if chance.random() < 0.4 else ""
    return " ".join([term() for _ in range(chance.randint(0, 2))] + [minus])


def test_a_query_finds_what_reading_every_message_would_find(archive):
    chance = random.Random(7)
    texts = {}
    for _ in range(40):
        text = " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))
        texts[archive.message(text, author="")] = search_keys(text).split()
    for _ in range(80):
        query = random_query(chance)
        match = match_of(parse(query))
        expected = sorted((key for key, keys in texts.items() if satisfies(match, keys)), reverse=True)
        assert archive.found(query, limit=200) == expected, query


def test_a_word_that_is_common_but_old_is_found_behind_the_newest(archive):
    old = [archive.message("смета") for _ in range(5)]
    for _ in range(400):
        archive.message("нечто другое")
    new = [archive.message("смета") for _ in range(3)]
    everything = [*reversed(new), *reversed(old)]
    assert archive.found("смета") == everything
    assert archive.found("смета", limit=4) == everything[:4]
    assert archive.found("смета", limit=4, cursor=str(everything[3])) == everything[4:]
    assert archive.found("смета -другое") == everything
    assert archive.found("смета in:talk") == everything
