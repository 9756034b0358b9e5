"""The channels of a Slack workspace of which a token's owner is a member.

settings = {
    "server": "https://slack.com/api",
    "include": ["*"], "exclude": ["random"],    # names of channels, with * and ?
    "look_back_days": 14,                       # how far edits, deletions and late answers are looked for
}
secret = '{"password": "xoxb-... or xoxp-..."}'

New messages are read at every run. Edits, deletions and answers in old threads are told by nothing: they are
found by reading the last days again, every ten minutes, and everything when all is compared.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Any

from service import clock
from service.db.session import reading
from service.intake.live_chats import LiveChat, places, standing_since
from service.pipeline.archive_chats import ChatArchive, Deaths
from service.pipeline.installation import Installation
from service.pipeline.live_channels import Choice, Memory, days_back, go_through
from service.pipeline.run import Run
from service.pipeline.secret import open_token
from service.sources.json_values import number, word
from service.sources.live.ask import base_address
from service.sources.live.chat import Chat, position
from service.sources.live.slack_api import LARGEST_FILE, SERVER, Slack, Team
from service.sources.raw_message import RawAttachment, RawConversation, RawMessage
from service.sources.slack_directory import SlackDirectory, channels_of, names_of, title_of
from service.sources.slack_message import FORMAT, SlackChat, read_message, time_of

LOOK_BACK_DAYS = 14
LOOK_BACK_EVERY_S = 600.0
LIVELY = timedelta(days=1)
"""A thread with an answer since then is read again at every look back: its answers may be edited."""
TOO_LARGE = f"larger than {LARGEST_FILE // 1024**2} MiB: it stays in Slack"
MOST_ASKED = 100
"""Messages of one channel that are asked for one by one in a look back."""


@dataclass(slots=True)
class Thread:
    """A thread as it was when it was last read."""

    mark: tuple[str, str]
    """How many answers it has, and when the latest came."""
    answers: frozenset[str]


@dataclass(slots=True)
class Channel:
    """What is remembered of a channel between two runs of one process."""

    memory: Memory = field(default_factory=Memory)
    threads: dict[str, Thread] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    """Messages that a look back does not meet, and that are there all the same."""
    looked_back_at: float | None = None


@dataclass(slots=True)
class SlackConnection:
    """One workspace while it is followed."""

    house: Installation
    source_id: int
    slack: Slack | None = None
    team: Team | None = None
    directory: SlackDirectory = field(default_factory=SlackDirectory)
    listed: list[dict[str, Any]] = field(default_factory=list)
    listed_at: float | None = None
    channels: dict[str, Channel] = field(default_factory=dict)
    deaths: Deaths = field(default_factory=Deaths)

    def pull(self, run: Run) -> None:
        """Bring every channel up to date."""
        slack = self._opened(run)
        self._list(slack, run)
        choice = Choice.of(run.source.settings)
        archive = ChatArchive(run, FORMAT, self.deaths)
        with reading(self.house.engine) as session:
            known = places(session, self.source_id)
        chats = [self._chat(one) for one in self.listed]
        wanted = [chat for chat in chats if choice.takes(chat.title)]

        def read(chat: Chat) -> None:
            channel = self.channels.setdefault(chat.key, Channel())
            ChannelRun(run, slack, chat, channel, archive, self.directory).read(known.get(chat.key))

        archive.note(go_through(run, wanted, read))

    def wait(self, stop: Event, wait_s: float) -> None:
        """Wait: Slack tells nobody without a connection of its own."""
        stop.wait(wait_s)

    def close(self) -> None:
        """Close the connection."""
        if self.slack is not None:
            self.slack.api.close()
            self.slack = self.team = self.listed_at = None

    def _opened(self, run: Run) -> Slack:
        base = base_address(str(run.source.settings.get("server") or SERVER))
        token = open_token(self.house, self.source_id)
        if self.slack is None or (self.slack.api.base, self.slack.api.secret) != (base, token):
            self.close()
            self.slack = Slack.at(base, token)
        self.slack.api.stop = run.stop
        return self.slack

    def _list(self, slack: Slack, run: Run) -> None:
        """Learn who and what there is, every now and then."""
        now = time.monotonic()
        is_fresh = self.listed_at is not None and now - self.listed_at < LOOK_BACK_EVERY_S
        if is_fresh and not run.reconcile:
            return
        self.team = slack.team()
        users = names_of(slack.users())
        self.listed = slack.channels()
        self.directory = SlackDirectory(users, channels_of(self.listed))
        self.listed_at = now

    def _chat(self, raw: Mapping[str, Any]) -> Chat:
        assert self.team is not None
        id_ = word(raw.get("id"))
        title = title_of(dict(raw), self.directory.users) or id_
        return Chat(id_, title, f"{self.team.url or 'slack:/'}archives/{id_}")


@dataclass(slots=True)
class ChannelRun:
    """The work on one channel in one run."""

    run: Run
    slack: Slack
    chat: Chat
    channel: Channel
    archive: ChatArchive
    directory: SlackDirectory

    def read(self, known: LiveChat | None) -> None:
        """Bring what is new, then look back where that is due."""
        began = not (known and known.cursor)
        upto = self._bring(json.loads(known.cursor) if known and known.cursor else {})
        now, last = time.monotonic(), self.channel.looked_back_at
        is_due = last is None or now - last >= LOOK_BACK_EVERY_S
        if self.run.reconcile or (is_due and not began):
            self._look_back(upto)
        if is_due or self.run.reconcile:
            self.channel.looked_back_at = now

    def _bring(self, place: dict[str, str]) -> str:
        """Archive from the newest down to where we were; each batch says how far down it went.

        `upto`: all until then is here. `top` and `next`: so is what lies between these two.
        """
        upto, top, following = (place.get(key, "") for key in ("upto", "top", "next"))
        while True:
            page = self.slack.history(self.chat.key, upto, following)
            stamps = sorted((ts for one in page.messages if (ts := word(one.get("ts")))), key=_order)
            top = top or next(reversed(stamps), "")
            following = _below(stamps, following) if page.has_more else ""
            before, place = place, {"upto": top or upto}
            if following:
                place = {"upto": upto, "top": top, "next": following}
            if page.messages or place != before:
                self._archive(self._with_answers(page.messages), place)
            if not following:
                return place["upto"]

    def _with_answers(self, messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return messages with the threads that they open, in order of time."""
        found = {word(one.get("ts")): one for one in messages}
        for one in messages:
            if _opens_thread(one):
                found |= {word(answer.get("ts")): answer for answer in self._thread(one)}
        return sorted(found.values(), key=lambda one: _order(word(one.get("ts"))))

    def _thread(self, opening: Mapping[str, Any]) -> list[dict[str, Any]]:
        ts = word(opening.get("ts"))
        answers = self.slack.replies(self.chat.key, ts)
        stamps = frozenset(word(one.get("ts")) for one in answers)
        self.channel.threads[ts] = Thread(_mark(opening), stamps)
        return answers

    # Looking back

    def _look_back(self, upto: str) -> None:
        """Read the last days again: edits, deletions and answers that came later."""
        days = days_back(self.run.source.settings, LOOK_BACK_DAYS)
        since = datetime.fromtimestamp(0, UTC) if self.run.reconcile else self.run.now - timedelta(days=days)
        oldest, latest, met = f"{since.timestamp():.6f}", upto, set[str]()
        while True:
            page = self.slack.history(self.chat.key, oldest, latest, inclusive=latest == upto)
            found = {word(one.get("ts")): one for one in page.messages}
            stamps = list(found)
            met.update(stamps)
            for one in page.messages:
                if _opens_thread(one):
                    met |= self._answers_again(one, found)
            self._archive(sorted(found.values(), key=lambda one: _order(word(one.get("ts")))), None)
            latest = _below(sorted(stamps, key=_order), latest if latest != upto else "")
            if not (page.has_more and latest):
                break
        self._take_back(since, upto, met)

    def _answers_again(self, opening: Mapping[str, Any], found: dict[str, dict[str, Any]]) -> frozenset[str]:
        """Read a thread again where something in it may have changed, and return its messages."""
        known = self.channel.threads.get(word(opening.get("ts")))
        latest = time_of(word(opening.get("latest_reply")))
        is_lively = latest is None or self.run.now - latest < LIVELY
        if known is None or known.mark != _mark(opening) or is_lively or self.run.reconcile:
            found |= {word(one.get("ts")): one for one in self._thread(opening)}
        return self.channel.threads[word(opening.get("ts"))].answers

    def _take_back(self, since: datetime, upto: str, met: set[str]) -> None:
        """Ask for each message that is here and was not met: answers in older threads are there."""
        with reading(self.run.house.engine) as session:
            here = standing_since(session, self.run.source.id, self.chat.key, since)
        missed = sorted(
            (one for one in here - met - self.channel.asked if _order(one) <= _order(upto)), key=_order
        )
        gone = []
        for ts in sorted(missed, key=_order)[-MOST_ASKED:]:
            if self.slack.is_there(self.chat.key, ts):
                self.channel.asked.add(ts)
            else:
                gone.append({"type": "message", "subtype": "message_deleted", "deleted_ts": ts, "ts": ts})
        self._archive(gone, None)
        self.run.report.gone += len(gone)

    def _archive(self, messages: Sequence[dict[str, Any]], place: dict[str, str] | None) -> None:
        records = self.channel.memory.changed([self._record(one) for one in messages])
        cursors = None if place is None else {self.chat.key: json.dumps(place)}
        if records or cursors:
            self.archive.archive([(self.chat, one) for one in records], cursors)
        self.channel.memory.note(records)

    def _record(self, raw: dict[str, Any]) -> RawMessage:
        # As Slack gave it, key by key; only the spaces between are ours.
        original = json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        at = time_of(word(raw.get("ts"))) or clock.now()
        slack_chat = SlackChat(RawConversation(self.chat.key, self.chat.title), self.directory, self._attach)
        return read_message(raw, original, position(at), slack_chat)

    def _attach(self, file: dict[str, Any], name: str, type_: str) -> RawAttachment | None:
        address = word(file.get("url_private_download")) or word(file.get("url_private"))
        if not self.slack.holds(address) or file.get("mode") in ("external", "tombstone", "hidden_by_limit"):
            return None
        size = number(file.get("size"))
        if (size or 0) > LARGEST_FILE:
            return RawAttachment(
                name, type_, size, missing=f"larger than {LARGEST_FILE // 1024**2} MiB: it stays in Slack"
            )
        return RawAttachment(name, type_, size, partial(self.slack.file, address))


def _order(ts: str) -> tuple[int, str]:
    """Return what a `ts` is sorted by: as a float two could be one.

    >>> _order("999.000001") < _order("1000.0")
    True
    """
    whole, _, part = ts.partition(".")
    return number(whole) or 0, part


def _below(stamps: Sequence[str], latest: str) -> str:
    """Return where the next page ends; nothing for a page that goes no further down."""
    lowest = next(iter(stamps), "")
    return lowest if not latest or _order(lowest) < _order(latest) else ""


def _opens_thread(raw: Mapping[str, Any]) -> bool:
    return bool(number(raw.get("reply_count"))) and word(raw.get("thread_ts")) == word(raw.get("ts"))


def _mark(raw: Mapping[str, Any]) -> tuple[str, str]:
    return word(raw.get("reply_count")), word(raw.get("latest_reply"))


class SlackSource:
    """A workspace that is read with a token."""

    kind = "slack"
    label = "Slack"

    def check(self, settings: Mapping[str, Any], secret: str) -> None:
        """Refuse a server that is none, and choices that cannot be."""
        base_address(str(settings.get("server") or SERVER))
        Choice.of(settings)
        days_back(settings, LOOK_BACK_DAYS)

    def connect(self, house: Installation, source_id: int) -> SlackConnection:
        """Return a workspace that was not asked anything yet."""
        return SlackConnection(house, source_id)


CONNECTOR = SlackSource()
