"""Plain examples as conversations: one line of `nlp_models/basics/<language>.jsonl` becomes two messages.

The corpus is written by people who avoid stock phrases; these lines are the stock phrases.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def conversations(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield each line as an annotated conversation."""
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            yield conversation(json.loads(line), file.stem, f"{file.stem}-basic-{number:03}")


def conversation(example: dict[str, str], language: str, name: str) -> dict[str, Any]:
    """Return one example in the corpus's format.

    `before_is` and `expect` are a kind with its flags (`approval+conditional`), or nothing.
    """
    said = [example["before"], example["text"]]
    acts = [example[key].split("+") for key in ("before_is", "expect")]
    return {
        "id": name,
        "language": language,
        "channel": "telegram",
        "participants": [{"id": "a", "side": "agency"}, {"id": "c", "side": "client"}],
        "messages": [
            {"id": f"m{place}", "author": line[0], "text": line[3:], "sent_at": f"2026-03-02T10:0{place}:00Z"}
            for place, line in enumerate(said)
        ],
        "gold": {
            "statements": [
                {"message": f"m{place}", "quote": said[place][3:], "kind": kind, **dict.fromkeys(flags, True)}
                for place, (kind, *flags) in enumerate(acts)
                if kind
            ]
        },
    }
