"""Write one large chat as Telegram, WhatsApp or Slack exports it: the same bytes for the same seed.

    python tests/benchmarks/generate_chats.py telegram FILE_OR_FOLDER --count 1000000

Sentences come from the annotated conversations in nlp_models/corpus: words are spread as in real talk.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from generate_mails import sentences

FIRST = datetime(2016, 1, 4, 9, tzinfo=UTC)
PEOPLE = ("Ольга Маркова", "Timur", "Kasia Wilk", "Dan Reyes", "Ewa Kłos", "+48 600 000 001")
ONE_IN = 12
"""One message of so many has several lines; of others one answers another, one was edited."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the chat."""

    number: int
    at: datetime
    person: int
    text: str
    answers: int | None
    edited: bool


def talk(count: int, seed: int) -> Iterator[Said]:
    """Yield the messages of a chat that goes on for years."""
    source = random.Random(seed)
    texts = [text for language in sentences().values() for text in language]
    at = FIRST
    for number in range(1, count + 1):
        at += timedelta(seconds=source.randint(5, 400))
        parts = source.choices(texts, k=2 if source.randrange(ONE_IN) == 0 else 1)
        answers = max(1, number - source.randint(1, 50)) if source.randrange(ONE_IN) == 0 else None
        yield Said(number, at, source.randrange(len(PEOPLE)), "\n".join(parts), answers, number % 40 == 0)


def telegram(path: Path, said: Iterator[Said]) -> None:
    """Write `result.json` of one chat as Telegram Desktop indents it."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n "name": "Launch",\n "type": "private_supergroup",\n "id": 1,\n "messages": [')
        for one in said:
            element = json.dumps(_telegram(one), ensure_ascii=False, indent=1).replace("\n", "\n  ")
            file.write(("," if one.number > 1 else "") + "\n  " + element)
        file.write("\n ]\n}\n")


def _telegram(one: Said) -> dict[str, Any]:
    unix = str(int(one.at.timestamp()))
    message = {
        "id": one.number,
        "type": "message",
        "date": f"{one.at:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": unix,
        "from": PEOPLE[one.person],
        "from_id": f"user{1000 + one.person}",
        "text": one.text,
        "text_entities": [{"type": "plain", "text": one.text}],
    }
    if one.answers:
        message["reply_to_message_id"] = one.answers
    if one.edited:
        message |= {"edited": message["date"], "edited_unixtime": unix}
    return message


def whatsapp(path: Path, said: Iterator[Said]) -> None:
    """Write a txt as an Android phone in Russian does."""
    with path.open("w", encoding="utf-8") as file:
        for one in said:
            mark = " <Сообщение изменено>" if one.edited else ""
            file.write(f"{one.at:%d.%m.%Y, %H:%M} - {PEOPLE[one.person]}: {one.text}{mark}\n")


def slack(path: Path, said: Iterator[Said]) -> None:
    """Write a folder: a channel with a file for each day."""
    channel = path / "launch"
    channel.mkdir(parents=True)
    users = [
        {"id": f"U{number}", "name": f"person{number}", "real_name": name, "profile": {"real_name": name}}
        for number, name in enumerate(PEOPLE)
    ]
    (path / "users.json").write_text(json.dumps(users), encoding="utf-8")
    about = [{"id": "C1", "name": "launch", "created": 1451898000, "creator": "U0"}]
    (path / "channels.json").write_text(json.dumps(about), encoding="utf-8")
    stamps: dict[int, str] = {}
    for day, messages in groupby(said, key=lambda one: one.at.date()):
        elements = [_slack(one, stamps) for one in messages]
        (channel / f"{day}.json").write_text(json.dumps(elements, indent=4), encoding="utf-8")


def _slack(one: Said, stamps: dict[int, str]) -> dict[str, Any]:
    stamp = stamps[one.number] = f"{int(one.at.timestamp())}.{one.number % 1_000_000:06}"
    stamps.pop(one.number - 100, None)
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": one.text}]}
    message: dict[str, Any] = {
        "client_msg_id": f"00000000-0000-4000-8000-{one.number:012}",
        "type": "message",
        "text": one.text,
        "user": f"U{one.person}",
        "ts": stamp,
        "team": "T1",
        "blocks": [{"type": "rich_text", "block_id": f"b{one.number}", "elements": [rich]}],
    }
    if one.answers in stamps and one.answers != one.number:
        message["thread_ts"] = stamps[one.answers]
    if one.edited:
        message["edited"] = {"user": f"U{one.person}", "ts": stamp}
    return message


WRITERS: dict[str, Callable[[Path, Iterator[Said]], None]] = {
    "telegram": telegram,
    "whatsapp": whatsapp,
    "slack": slack,
}


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("app", choices=WRITERS)
    parser.add_argument("path", type=Path)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    WRITERS[options.app](options.path, talk(options.count, options.seed))


if __name__ == "__main__":
    main()
