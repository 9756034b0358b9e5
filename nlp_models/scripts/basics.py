"""Plain examples as conversations: one line of `nlp_models/basics/<language>.jsonl` becomes two messages.

The corpus is written by people who avoid stock phrases; these lines are the stock phrases.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FLAGS = ("conditional", "verbal", "change")


def conversations(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield each line as an annotated conversation."""
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            yield conversation(json.loads(line), file.stem, f"{file.stem}-basic-{number:03}")


def conversation(example: dict[str, str], language: str, name: str) -> dict[str, Any]:
    """Return one example in the corpus's format; `before_is` and `expect` are a kind with its flags, or nothing."""
    messages = [
        {"id": f"m{place}", "author": said[0], "text": said[3:], "sent_at": f"2026-03-02T10:0{place}:00+01:00"}
        for place, said in enumerate((example["before"], example["text"]))
    ]
    statements = [
        {"message": f"m{place}", "quote": messages[place]["text"], "kind": kind, **{flag: flag in flags for flag in FLAGS}}
        for place, (kind, *flags) in enumerate(example[key].split("+") for key in ("before_is", "expect"))
        if kind
    ]
    return {
        "id": name,
        "language": language,
        "channel": "telegram",
        "participants": [{"id": "a", "side": "agency"}, {"id": "c", "side": "client"}],
        "messages": messages,
        "gold": {"statements": statements},
    }
