"""Telegram's Bot API by long polling. In: a bot's token. Out: updates, files. Never: confirms by itself.

An update is confirmed by asking with a higher offset, so that is done after the batch is committed. Telegram
keeps unconfirmed ones for 24 hours (https://core.telegram.org/bots/api#getting-updates).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from service.errors import ConfigError, SignInRefused, SourceError, Unreachable
from service.sources.json_values import members, number, objects, word
from service.sources.live.ask import Answer, Api
from service.sources.live.telegram_message import LARGEST_FILE
from service.sources.oauth.ask import shown

SERVER = "https://api.telegram.org"
BATCH = 100
"""The most updates that Telegram gives at once."""
WANTED = (
    *("message", "edited_message", "channel_post", "edited_channel_post", "message_reaction"),
    *("business_connection", "business_message", "edited_business_message", "deleted_business_messages"),
    "my_chat_member",
)
"""Reactions come only where they are asked for, and where the bot is an administrator."""


@dataclass(frozen=True, slots=True)
class Bot:
    """Who the bot is."""

    id: int
    name: str
    reads_groups: bool
    """Its privacy mode is off: without that, a group shows it only commands and answers to it."""


@dataclass(frozen=True, slots=True)
class TelegramBot:
    """A bot; every call raises SourceError or ConfigError."""

    api: Api

    @classmethod
    def at(cls, base: str, token: str) -> "TelegramBot":
        """Return the bot of a token, without asking anybody."""
        # Telegram has the token in the address.
        return cls(Api("Telegram", base, token, bearer=False))

    def me(self) -> Bot:
        """Ask who the bot is."""
        told = members(self._ask("getMe"))
        return Bot(
            number(told.get("id")) or 0,
            word(told.get("username")),
            told.get("can_read_all_group_messages") is True,
        )

    def updates(self, offset: int | None, wait_s: int = 0) -> list[dict[str, Any]]:
        """Return what came since, at most 100, as soon as there is some; confirms all below `offset`."""
        asked: dict[str, Any] = {"limit": BATCH, "timeout": wait_s, "allowed_updates": list(WANTED)}
        if offset is not None:
            asked["offset"] = offset
        return list(objects(self._ask("getUpdates", asked, wait_s)))

    def business_owner(self, connection_id: str) -> int | None:
        """Return whose chats a business connection shows."""
        told = members(self._ask("getBusinessConnection", {"business_connection_id": connection_id}))
        return number(members(told.get("user")).get("id"))

    def file(self, file_id: str) -> bytes:
        """Fetch a file of at most 20 MB."""
        path = word(members(self._ask("getFile", {"file_id": file_id})).get("file_path"))
        # A Bot API server of one's own names files of its own disk.
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise SourceError("Telegram does not say where it is")
        address = f"{self.api.base}/file/bot{self.api.secret}/{quote(path)}"
        return self.api.download(address, LARGEST_FILE)

    def _ask(self, method: str, asked: dict[str, Any] | None = None, wait_s: int = 0) -> Any:
        answer = self.api.post(f"/bot{self.api.secret}/{method}", asked or {}, wait_s=wait_s)
        told = members(answer.body)
        if told.get("ok") is True:
            return told.get("result")
        raise _refusal(answer, told)


def _refusal(answer: Answer, told: dict[str, Any]) -> SourceError | ConfigError:
    code = number(told.get("error_code")) or answer.status
    said = shown(word(told.get("description")))
    if code == 409 and "webhook" in said.lower():
        return ConfigError(
            "Another program takes this bot's messages by a webhook. Make a bot for Scripta alone, or remove "
            "the webhook there (deleteWebhook)."
        )
    if code == 409:
        return ConfigError(
            "Another program reads this bot's messages at the same time, and each misses what the other "
            "takes. Stop it, or make a bot for Scripta alone."
        )
    # For a token that is none, Telegram knows no such address.
    if code in (401, 404):
        return SignInRefused(
            f"Telegram does not know the token ({said}): enter the one that BotFather shows."
        )
    if code >= 500:
        return Unreachable(f"Telegram has trouble of its own ({said}); it is asked again.")
    return SourceError(f"Telegram refused what it was asked ({code}: {said}).")
