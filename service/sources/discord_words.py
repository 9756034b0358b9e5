"""The words of a Discord message that are no text: embeds, polls, stickers, reactions.

In: JSON as DiscordChatExporter writes it. Out: text, RawReaction. Never: takes a link's preview for words.
"""

from collections.abc import Iterator
from typing import Any

from service.sources.json_values import members, number, objects, word
from service.sources.linked_files import without_signatures
from service.sources.raw_message import AddressKind, RawAddress, RawReaction


def person(value: Any) -> RawAddress | None:
    """Return an author by its id; the name that people see is the nickname on that server.

    >>> person({"id": "42", "name": "anna.k", "nickname": "Anna"})
    RawAddress(kind=<AddressKind.DISCORD: 'discord'>, value='42', name='Anna')
    """
    raw = members(value)
    name = word(raw.get("nickname")) or word(raw.get("name"))
    number_ = word(raw.get("id"))
    return RawAddress(AddressKind.DISCORD, number_ or name, name) if number_ or name else None


def text_of(raw: dict[str, Any], *, is_bot: bool) -> str:
    """Return the content, then what polls and embeds say."""
    content = without_signatures(word(raw.get("content")))
    return "\n".join(part for part in (content, *_poll(raw), *_embeds(raw, content, is_bot=is_bot)) if part)


def _embeds(raw: dict[str, Any], content: str, *, is_bot: bool) -> Iterator[str]:
    """Yield the words of embeds; a person's embed under a link is a preview that Discord fetched."""
    for embed in objects(raw.get("embeds")):
        link = without_signatures(word(embed.get("url")))
        if is_bot or not content or (link not in content if link else "://" not in content):
            yield without_signatures("\n".join(_embed(embed)))


def _embed(embed: dict[str, Any]) -> Iterator[str]:
    said = (
        members(embed.get("author")).get("name"),
        embed.get("title"),
        embed.get("description"),
        *map(_field, objects(embed.get("fields"))),
        members(embed.get("footer")).get("text"),
    )
    yield from filter(None, map(word, said))


def _field(field: dict[str, Any]) -> str:
    return ": ".join(filter(None, (word(field.get("name")), word(field.get("value")))))


def _poll(raw: dict[str, Any]) -> Iterator[str]:
    poll = members(raw.get("poll"))
    question = poll.get("question")
    # The exporter writes words; Discord's own API, which some tools copy, wraps them.
    yield word(question) or word(members(question).get("text"))
    results = objects(members(poll.get("results")).get("answers"))
    votes = {word(one.get("id")): word(one.get("count")) for one in results}
    for answer in objects(poll.get("answers")):
        yield f"- {word(answer.get('text'))} ({votes.get(word(answer.get('id'))) or 0})"


def stickers_of(raw: dict[str, Any]) -> str:
    """Return the names of a message's stickers."""
    return ", ".join(filter(None, (word(one.get("name")) for one in objects(raw.get("stickers")))))


def reactions_of(raw: dict[str, Any]) -> Iterator[RawReaction]:
    """Yield one reaction for everybody named, and one for the rest that is only counted."""
    for reaction in objects(raw.get("reactions")):
        emoji = members(reaction.get("emoji"))
        sign = word(emoji.get("name")) or word(emoji.get("code")) or word(emoji.get("id"))
        if not sign:
            continue
        named = [actor for user in objects(reaction.get("users")) if (actor := person(user))]
        yield from (RawReaction(sign, actor) for actor in named)
        others = (number(reaction.get("count")) or 0) - len(named)
        if others > 0 or not named:
            yield RawReaction(sign, count=max(others, 1))
