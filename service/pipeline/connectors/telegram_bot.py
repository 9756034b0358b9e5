"""A bot of Telegram in the chats where people added it, or to which they connected their business account.

settings = {
    "server": "https://api.telegram.org",    # or a Bot API server of one's own
}
secret = '{"password": "<the bot's token>"}'
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Event
from typing import Any

from service import clock
from service.db.session import reading
from service.errors import ConfigError
from service.intake.live_chats import LiveChat, archived, places, standing_reaction
from service.pipeline.archive_chats import Batch, ChatArchive, Deaths
from service.pipeline.installation import Installation
from service.pipeline.run import Run
from service.pipeline.secret import open_token, token_of
from service.sources.json_values import members, number, word
from service.sources.live.ask import base_address
from service.sources.live.chat import Chat
from service.sources.live.telegram_bot import SERVER, Bot, TelegramBot
from service.sources.live.telegram_message import (
    CHANNEL,
    NAME,
    Owner,
    Reacted,
    read_chat,
    read_deletion,
    read_message,
    read_reaction,
)
from service.sources.raw_message import Kind, RawMessage, Record

STREAM = ""
"""All chats of a bot are one stream: its place of reading has no chat."""
POLL_S = 5
"""How long one question of a wait lasts: a service that ends waits for its answer."""
KEPT_FOR = timedelta(hours=24)
"""How long Telegram keeps what a bot has not fetched."""
PRIVATE = (
    "The bot sees only commands and answers to itself here: switch its privacy mode off (BotFather, "
    "/setprivacy, Disable) and add it to the group again, or make it an administrator."
)
REMOVED = "The bot is no longer in this chat: nothing new comes from it until somebody adds it again."
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,100}")
_MESSAGES = ("message", "channel_post", "edited_message", "edited_channel_post")
_BUSINESS = ("business_message", "edited_business_message")


@dataclass(slots=True)
class TelegramConnection:
    """One bot while it is followed."""

    house: Installation
    source_id: int
    bot: TelegramBot | None = None
    me: Bot | None = None
    server: str = ""
    owners: dict[str, Owner] = field(default_factory=dict)
    """Accounts by business connection."""
    deaths: Deaths = field(default_factory=Deaths)
    reacted: dict[tuple[tuple[str, str], str, str, str], tuple[str, datetime]] = field(default_factory=dict)
    """Reactions of the batch that is read, which the archive does not know yet."""
    gap: str = ""
    """What can no longer be had, until that is written down."""

    def pull(self, run: Run) -> None:
        """Archive every update that waits at Telegram."""
        bot = self._opened(run)
        archive = ChatArchive(run, NAME, self.deaths)
        with reading(self.house.engine) as session:
            known = places(session, self.source_id)
        self.gap = self.gap or _gap(known.get(STREAM), run.now)
        cursor = known[STREAM].cursor if STREAM in known else ""
        # The first question names no update: what is not confirmed comes, however it is numbered. After a
        # week without any, Telegram counts on from somewhere else.
        offset = None
        while updates := bot.updates(offset):
            self.reacted.clear()
            told = [one for update in updates for one in self._records(bot, update)]
            offset = max(number(update.get("update_id")) or 0 for update in updates) + 1
            cursor = str(offset)
            *earlier, last = _parts(told)
            for part in earlier:
                archive.archive(part)
            archive.archive(last, {STREAM: cursor})
            archive.note(_told_troubles(updates, self._owner(), reads_groups=self._me(bot).reads_groups))
        archive.archive((), {STREAM: cursor})
        if self.gap:
            run.fall_short(self.gap)
            archive.note([Chat(STREAM, "", "", self.gap)])
            self.gap = ""

    def wait(self, stop: Event, wait_s: float) -> None:
        """Return as soon as Telegram has something; nothing of it is confirmed by that."""
        if self.bot is None:
            stop.wait(wait_s)
            return
        until = time.monotonic() + wait_s
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            if self.bot.updates(None, round(min(POLL_S, left))):
                return

    def close(self) -> None:
        """Close the connection."""
        if self.bot is not None:
            self.bot.api.close()
            self.bot = self.me = None

    def _opened(self, run: Run) -> TelegramBot:
        server = str(run.source.settings.get("server") or SERVER)
        token = open_token(self.house, self.source_id)
        if self.bot is None or (self.server, self.bot.api.secret) != (server, token):
            self.close()
            check_token(token)
            self.bot, self.server = TelegramBot.at(base_address(server), token), server
        self.bot.api.stop = run.stop
        return self.bot

    def _me(self, bot: TelegramBot) -> Bot:
        if self.me is None:
            self.me = bot.me()
        return self.me

    def _owner(self) -> Owner:
        assert self.bot is not None
        return Owner(f"bot{self._me(self.bot).id}")

    # Updates

    def _records(self, bot: TelegramBot, update: Mapping[str, Any]) -> Iterator[tuple[Chat, RawMessage]]:
        """Yield what an update tells; one that only speaks of the bot itself tells nothing."""
        for kind in (*_MESSAGES, *_BUSINESS):
            if raw := members(update.get(kind)):
                chat = read_chat(members(raw.get("chat")), self._owner_of(bot, raw))
                yield chat, read_message(raw, chat, bot.file)
        if raw := members(update.get("message_reaction")):
            chat = read_chat(members(raw.get("chat")), self._owner())
            yield from ((chat, one) for one in self._reactions(read_reaction(raw, chat), chat))
        if raw := members(update.get("deleted_business_messages")):
            chat = read_chat(members(raw.get("chat")), self._owner_of(bot, raw))
            ids = raw.get("message_ids")
            for id_ in map(word, ids if isinstance(ids, list) else ()):
                with reading(self.house.engine) as session:
                    known = archived(session, CHANNEL, chat.key, id_)
                now = clock.now()
                # When it was deleted, Telegram does not say: it is told at once.
                yield chat, read_deletion(id_, chat, known.sent_at if known else now, now)

    def _reactions(self, found: Reacted, chat: Chat) -> Iterator[RawMessage]:
        who = found.author.value if found.author else ""
        for emoji in found.taken_back:
            with reading(self.house.engine) as session:
                asked = ((CHANNEL, chat.key), found.message_id, who, emoji)
                standing = self.reacted.pop(asked, None) or standing_reaction(session, *asked)
            if standing is not None:
                yield read_deletion(standing[0], chat, standing[1], found.at)
        for one in found.added:
            self.reacted[(CHANNEL, chat.key), found.message_id, who, one.text] = (
                one.external_id,
                one.sent_at or clock.now(),
            )
            yield one

    def _owner_of(self, bot: TelegramBot, raw: Mapping[str, Any]) -> Owner:
        connection = word(raw.get("business_connection_id"))
        if not connection:
            return self._owner()
        if connection not in self.owners:
            owner = bot.business_owner(connection)
            self.owners[connection] = Owner(f"user{owner}" if owner else f"business{connection}")
        return self.owners[connection]


def check_token(token: str) -> None:
    """Raise ConfigError for what is no token of a bot: it becomes part of an address."""
    if not _TOKEN.fullmatch(token):
        raise ConfigError("A bot's token looks like 1234567:AbCd…, as BotFather shows it: copy all of it.")


def _parts(told: Batch) -> list[Batch]:
    """Cut after each reaction that was taken back: whoever gives it again does so afterwards."""
    ends = [place for place, (_, one) in enumerate(told, 1) if _ends_reaction(one)]
    return [told[start:end] for start, end in pairwise([0, *ends, len(told)])]


def _ends_reaction(record: Record) -> bool:
    return (
        isinstance(record, RawMessage)
        and record.kind is Kind.DELETED
        and record.external_id.startswith("reaction/")
    )


def _gap(stream: LiveChat | None, now: datetime) -> str:
    """Say what can no longer be had, since nobody asked for it in time."""
    last = stream.checked_at if stream else None
    if last is None or now - last <= KEPT_FOR:
        return ""
    return (
        f"Telegram keeps what nobody fetches for 24 hours: messages between {last:%Y-%m-%d %H:%M} and "
        f"{now - KEPT_FOR:%Y-%m-%d %H:%M} UTC may be missing. Import an export of the chats to have them."
    )


def _told_troubles(updates: list[dict[str, Any]], owner: Owner, *, reads_groups: bool) -> Iterator[Chat]:
    """Yield the chats whose bot was added, removed or made an administrator."""
    for update in updates:
        raw = members(update.get("my_chat_member"))
        chat = members(raw.get("chat"))
        if not raw or word(chat.get("type")) == "private":
            continue
        status = word(members(raw.get("new_chat_member")).get("status"))
        trouble = REMOVED if status in ("left", "kicked") else ""
        if status in ("member", "restricted") and not reads_groups:
            trouble = PRIVATE
        yield replace(read_chat(chat, owner), trouble=trouble)


class TelegramBotSource:
    """A bot that reads the chats of which it is a member."""

    kind = "telegram_bot"
    label = "Telegram (bot)"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Refuse a server that is none, and what is no token."""
        base_address(str(settings.get("server") or SERVER))
        if secret:
            check_token(token_of(secret))

    def connect(self, house: Installation, source_id: int) -> TelegramConnection:
        """Return a bot that has not asked anything yet."""
        return TelegramConnection(house, source_id)


CONNECTOR = TelegramBotSource()
