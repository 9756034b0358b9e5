"""Score extraction on annotated conversations: `score_extraction.py GOLD_DIR [--match REGEX]`.

A statement is right when message and kind agree and the quotes overlap by half of the shorter one, each gold
statement matching once; flags and due dates (by day) are judged on right statements only.
"""

import argparse
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.extraction.conversation_json import conversation_from_json, prediction_to_json
from service.extraction.extract import extract

FLAGS = ("conditional", "verbal", "change")


class Tally(Counter[str]):
    """Counts of `hit`, `predicted` and `gold`."""

    def f1(self) -> float:
        return 2 * self["hit"] / (self["predicted"] + self["gold"]) if self["hit"] else 0.0

    def __str__(self) -> str:
        precision, recall = (
            self["hit"] / self[name] if self[name] else 0.0 for name in ("predicted", "gold")
        )
        return f"P {precision:.3f}  R {recall:.3f}  F1 {self.f1():.3f}  gold {self['gold']}"


def conversations(folder: Path, match: str = "") -> Iterator[dict[str, Any]]:
    for file in sorted(folder.rglob("*.json")):
        if re.search(match, file.stem):
            yield json.loads(file.read_text("utf-8"))


def overlaps(text: str, one: str, other: str) -> bool:
    start, begin = max(text.find(one), 0), max(text.find(other), 0)
    shared = min(start + len(one), begin + len(other)) - max(start, begin)
    return shared * 2 >= min(len(one), len(other)) > 0


def pairs(
    gold: list[dict[str, Any]], predicted: list[dict[str, Any]], texts: dict[str, str], *, kinds: bool
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Match greedily, as the annotation guide's scorer does (its ties fall to the later statement)."""
    left, found = list(reversed(predicted)), []
    for one in reversed(gold):
        for other in left:
            same = one["message"] == other["message"] and (not kinds or one["kind"] == other["kind"])
            if same and overlaps(texts[one["message"]], one["quote"], other["quote"]):
                left.remove(other)
                found.append((one, other))
                break
    return found


def score(documents: Iterator[dict[str, Any]]) -> dict[tuple[str, str], Tally]:
    """Return tallies by language and name."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for document in documents:
        predicted = prediction_to_json(document["id"], extract(conversation_from_json(document)))[
            "statements"
        ]
        gold = document["gold"]["statements"]
        texts = {message["id"]: message.get("text") or "" for message in document["messages"]}
        for name, counts in judge(gold, predicted, texts):
            tallies[document["language"], name].update(counts)
    return tallies


def judge(
    gold: list[dict[str, Any]], predicted: list[dict[str, Any]], texts: dict[str, str]
) -> Iterator[tuple[str, dict[str, int]]]:
    def counts(name: str, hit: int, of_predicted: int, of_gold: int) -> tuple[str, dict[str, int]]:
        return name, {"hit": hit, "predicted": of_predicted, "gold": of_gold}

    right = pairs(gold, predicted, texts, kinds=True)
    yield counts("statement", len(right), len(predicted), len(gold))
    yield counts(
        "statement, any kind", len(pairs(gold, predicted, texts, kinds=False)), len(predicted), len(gold)
    )
    for kind in sorted({one["kind"] for one in gold + predicted}):
        numbers = (
            sum(each["kind"] == kind for each in group)
            for group in ([one for one, _ in right], predicted, gold)
        )
        yield counts(kind, *numbers)
    for flag in FLAGS:
        hit = sum(bool(one.get(flag) and other[flag]) for one, other in right)
        yield counts(
            f"flag {flag}",
            hit,
            sum(other[flag] for _, other in right),
            sum(bool(one.get(flag)) for one, _ in right),
        )
    hit = sum(bool(one["due"]) and one["due"][:10] == (other["due"] or "")[:10] for one, other in right)
    yield counts(
        "due date",
        hit,
        sum(bool(other["due"]) for _, other in right),
        sum(bool(one["due"]) for one, _ in right),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--match", default="", help="only conversations whose id matches this regular expression"
    )
    arguments = parser.parse_args()
    documents = list(conversations(arguments.folder, arguments.match))
    start = time.process_time()
    tallies = score(iter(documents))
    spent = time.process_time() - start
    for (language, name), tally in sorted(tallies.items()):
        print(f"{language}  {name:22} {tally}")
    messages = sum(len(each["messages"]) for each in documents)
    print(f"{messages / spent:.0f} messages per CPU-second, loading included")


if __name__ == "__main__":
    main()
