"""Render what Slack stores as the words that people read. In: mrkdwn, blocks, attachments. Out: text.

Never: shows a token: file links of exports bear one (`?t=xoxe-…`), and people paste them.

Sources: https://api.slack.com/reference/surfaces/formatting (mrkdwn),
https://api.slack.com/reference/block-kit/blocks, https://api.slack.com/reference/messaging/attachments.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from service.sources.emoji_names import emoji_named, with_emoji
from service.sources.json_values import members, objects, storable, word
from service.sources.slack_directory import SlackDirectory

_DEEPEST = 8
"""Lists in quotes in lists; beyond that only a hostile file goes."""
_ANGLES = re.compile(r"<([^<>]*)>")
_TOKEN = re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[\w-]+")
_SLACK_QUERY = re.compile(r"(https?://[\w.-]*slack(?:-files|-edge)?\.com/[^\s?<>|]*)\?[^\s<>|)]*")
_ADDRESS = ("mailto:", "tel:")
_SAME_LINK = re.compile(r"^https?://|/$")
_NOT_SHOWN = "This content can't be displayed."
"""What Slack writes into `text` where a bot gave blocks only."""
_BROADCASTS = frozenset({"here", "channel", "everyone", "group"})


def without_tokens(text: str) -> str:
    """Take the query out of links to Slack's files, and tokens out of anything.

    >>> without_tokens("https://files.slack.com/files-pri/T1-F1/a.pdf?t=xoxe-1-2")
    'https://files.slack.com/files-pri/T1-F1/a.pdf'
    """
    if "slack" in text:
        text = _SLACK_QUERY.sub(r"\1", text)
    return _TOKEN.sub("(token)", text) if "xox" in text else text


def mrkdwn_text(mrkdwn: str, directory: SlackDirectory) -> str:
    """Return a `text` as it is shown; marks such as `*bold*` stay.

    >>> mrkdwn_text("<@U1> see <https://a.example/x|the plan> &amp; ok :+1:", SlackDirectory({"U1": "Anna"}))
    '@Anna see the plan (https://a.example/x) & ok 👍'
    """
    shown = _ANGLES.sub(lambda match: _angle(match[1], directory), mrkdwn) if "<" in mrkdwn else mrkdwn
    return storable(without_tokens(_unescape(with_emoji(shown))))


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def _angle(inside: str, directory: SlackDirectory) -> str:
    """Return the words for what stands in angle brackets; entities in it are left for later."""
    target, _, label = inside.partition("|")
    sign, id_ = target[:1], target[1:]
    if sign == "@":
        return f"@{directory.user(id_, label) or id_}"
    if sign == "#":
        return f"#{label or directory.channels.get(id_) or id_}"
    if sign == "!":
        return _special(id_, label, directory)
    return _link(target, label)


def _special(command: str, label: str, directory: SlackDirectory) -> str:
    name, _, rest = command.partition("^")
    if name == "subteam":
        return f"@{(label or directory.groups.get(rest) or rest).removeprefix('@')}"
    if name in _BROADCASTS:
        return f"@{name}"
    # <!date^1392734382^{date} at {time}|February 18th, 2014>, and commands of later years.
    return label or f"<{command}>"


def _link(target: str, label: str) -> str:
    bare = _SAME_LINK.sub("", target)
    if not label or label in (target, bare, f"{bare}/") or target.startswith(_ADDRESS):
        return label or target
    return f"{label} ({target})"


# Blocks.


def blocks_text(blocks: Any, directory: SlackDirectory) -> str:
    """Return the words of Block Kit blocks, `rich_text` above all; one line for each part."""
    return "\n".join(filter(None, (_block(block, directory) for block in objects(blocks))))


def _block(block: dict[str, Any], directory: SlackDirectory) -> str:
    type_ = block.get("type")
    if type_ == "rich_text":
        return _rich(block, directory, _DEEPEST)
    if type_ == "image":
        return _object(block.get("title"), directory) or _plain(block.get("alt_text"))
    parts = [block.get("title"), block.get("text"), *_listed(block.get("fields"))]
    if type_ == "context":
        parts += [part for part in objects(block.get("elements")) if part.get("type") != "image"]
    return "\n".join(filter(None, (_object(part, directory) for part in parts)))


def _object(value: Any, directory: SlackDirectory) -> str:
    """Return a text object: `mrkdwn`, `plain_text`, or the bare string of a markdown block."""
    if isinstance(value, str):
        return mrkdwn_text(value, directory)
    text = word(members(value).get("text"))
    return _plain(text) if members(value).get("type") == "plain_text" else mrkdwn_text(text, directory)


def _plain(value: Any) -> str:
    return without_tokens(with_emoji(word(value)))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _rich(element: dict[str, Any], directory: SlackDirectory, depth: int) -> str:
    """Render an element of rich text and those inside it."""
    if depth == 0:
        return ""
    type_ = word(element.get("type"))
    if type_ in _LEAVES:
        return storable(without_tokens(_LEAVES[type_](element, directory)))
    inside = [_rich(part, directory, depth - 1) for part in objects(element.get("elements"))]
    if type_ == "rich_text":
        return "\n".join(part.strip("\n") for part in inside if part.strip("\n"))
    if type_ == "rich_text_list":
        return "\n".join(_items(element, inside))
    joined = "".join(inside)
    return "\n".join(f"> {line}" for line in joined.split("\n")) if type_ == "rich_text_quote" else joined


def _items(element: dict[str, Any], inside: list[str]) -> Iterator[str]:
    ordered = element.get("style") == "ordered"
    level, offset = element.get("indent"), element.get("offset")
    first = offset + 1 if isinstance(offset, int) else 1
    margin = "  " * level if isinstance(level, int) and 0 < level < 20 else ""
    for number, item in enumerate(inside, start=first):
        yield f"{margin}{f'{number}.' if ordered else '-'} {item}"


def _linked(element: dict[str, Any], _directory: SlackDirectory) -> str:
    return _link(word(element.get("url")), word(element.get("text")))


def _user(element: dict[str, Any], directory: SlackDirectory) -> str:
    id_ = word(element.get("user_id"))
    return f"@{directory.user(id_) or id_}"


def _channel(element: dict[str, Any], directory: SlackDirectory) -> str:
    id_ = word(element.get("channel_id"))
    return f"#{directory.channels.get(id_) or id_}"


def _group(element: dict[str, Any], directory: SlackDirectory) -> str:
    id_ = word(element.get("usergroup_id"))
    return f"@{directory.groups.get(id_) or id_}"


def _emoji(element: dict[str, Any], _directory: SlackDirectory) -> str:
    """Return the emoji by its code points (`1f44d-1f3fb`), which only Slack's own ones have."""
    try:
        return "".join(chr(int(code, 16)) for code in word(element["unicode"]).split("-"))
    except (KeyError, ValueError, OverflowError):
        name = word(element.get("name"))
        shown = emoji_named(name)
        return f":{name}:" if shown == name else shown


_LEAVES: dict[str, Callable[[dict[str, Any], SlackDirectory], str]] = {
    "text": lambda element, _: word(element.get("text")),
    "link": _linked,
    "user": _user,
    "channel": _channel,
    "usergroup": _group,
    "emoji": _emoji,
    "broadcast": lambda element, _: f"@{word(element.get('range'))}",
    "date": lambda element, _: word(element.get("fallback")) or word(element.get("timestamp")),
    "color": lambda element, _: word(element.get("value")),
}


# Attachments: what bots wrote before there were blocks, previews of links, messages that were shared.


def attachment_text(attachment: dict[str, Any], directory: SlackDirectory) -> str:
    """Return the words of an attachment that a bot wrote; its fallback only where it has no others."""
    keys = ("pretext", "author_name", "title", "text")
    parts = [mrkdwn_text(word(attachment.get(key)), directory) for key in keys]
    for field in objects(attachment.get("fields")):
        named = (mrkdwn_text(word(field.get(key)), directory) for key in ("title", "value"))
        parts.append(": ".join(filter(None, named)))
    parts += [blocks_text(attachment.get("blocks"), directory)]
    found = "\n".join(filter(None, parts))
    return found or mrkdwn_text(word(attachment.get("fallback")), directory)


def shared_text(attachment: dict[str, Any], directory: SlackDirectory) -> str:
    """Return the words of a message that an attachment repeats."""
    said = mrkdwn_text(word(attachment.get("text")), directory)
    within = (
        blocks_text(members(one.get("message")).get("blocks"), directory)
        for one in objects(attachment.get("message_blocks"))
    )
    return said or "\n".join(filter(None, within)) or mrkdwn_text(word(attachment.get("fallback")), directory)


def own_text(raw: dict[str, Any], directory: SlackDirectory) -> str:
    """Return what a message itself says, without its attachments; blocks only where `text` says nothing."""
    text = mrkdwn_text(word(raw.get("text")), directory)
    if text.strip() and text != _NOT_SHOWN:
        return text
    return blocks_text(raw.get("blocks"), directory) or text.replace(_NOT_SHOWN, "")
