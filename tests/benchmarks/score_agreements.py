"""Score agreements and verbal events on annotated conversations.

Usage: python tests/benchmarks/score_agreements.py GOLD_DIR [--gold-statements] [--blocks tuned|held|all]

An agreement is found when it shares a message with the annotated evidence, and right when its status
is the same too; a verbal event is found at the same message, and right with the same state.
`--gold-statements` joins the annotated statements, which measures joining alone; without it the
statements are extracted first. Blocks are writers: the rules were tuned on some (`tuned`), and others were
only ever scored (`held`).
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from service.agreements.agreement import Derived
from service.agreements.derive import derive
from service.extraction.conversation_json import conversation_from_json
from service.extraction.statement import Statement, StatementKind

Pair = tuple[dict[str, Any], dict[str, Any]]


def gold_statements(record: dict[str, Any]) -> list[Statement]:
    texts = {one["id"]: one.get("text") or "" for one in record["messages"]}
    return [
        _statement(said, texts[said["message"]], record["language"]) for said in record["gold"]["statements"]
    ]


def _statement(said: dict[str, Any], text: str, language: str) -> Statement:
    start = max(text.find(said["quote"]), 0)
    due = said.get("due")
    return Statement(
        message=said["message"],
        start=start,
        end=start + len(said["quote"]),
        quote=said["quote"],
        kind=StatementKind(said["kind"]),
        confidence=1.0,
        found_by="gold",
        language=language,
        due=(datetime.fromisoformat(due) if "T" in due else date.fromisoformat(due)) if due else None,
        due_text=said.get("due_text"),
        conditional=bool(said.get("conditional")),
        verbal=bool(said.get("verbal")),
        change=bool(said.get("change")),
    )


def rows_of(derived: Derived) -> dict[str, list[dict[str, Any]]]:
    return {
        "agreements": [
            {
                "status": one.status.value,
                "evidence": [kept.message for kept in one.evidence],
                "title": one.title,
            }
            for one in derived.agreements
        ],
        "verbal": [{"message": one.message, "status": one.state.value} for one in derived.verbal],
    }


def pair(
    gold: Sequence[dict[str, Any]],
    found: Sequence[dict[str, Any]],
    affinity: Callable[[dict[str, Any], dict[str, Any]], float],
) -> list[Pair]:
    ranked = sorted(
        ((affinity(g, f), i, j) for i, g in enumerate(gold) for j, f in enumerate(found)), reverse=True
    )
    left: set[int] = set()
    right: set[int] = set()
    pairs = []
    for value, i, j in ranked:
        if value > 0 and i not in left and j not in right:
            left.add(i)
            right.add(j)
            pairs.append((gold[i], found[j]))
    return pairs


def pairs_of(gold: dict[str, Any], found: dict[str, Any]) -> dict[str, list[Pair]]:
    def by_evidence(one: dict[str, Any], other: dict[str, Any]) -> float:
        mine, theirs = set(one["evidence"]), set(other["evidence"])
        return len(mine & theirs) / len(mine | theirs or {0})

    return {
        "agreement": pair(gold["agreements"], found["agreements"], by_evidence),
        "verbal": pair(
            gold["verbal"], found["verbal"], lambda one, other: float(one["message"] == other["message"])
        ),
    }


def tuned(path: Path) -> bool:
    """Say whether the rules were tuned on the file's writer: 001-036 and m-001 to m-120."""
    excerpt, number = "-m-" in path.stem, int(path.stem.rsplit("-", 1)[-1])
    return number <= (120 if excerpt else 36)


def records(gold_dir: Path, blocks: str) -> Iterator[dict[str, Any]]:
    for path in sorted(gold_dir.rglob("*.json")):
        if blocks == "all" or tuned(path) == (blocks == "tuned"):
            yield json.loads(path.read_text("utf-8"))


def score(
    gold_dir: Path, blocks: str, statements_of: Callable[[dict[str, Any]], Sequence[Statement]]
) -> dict[tuple[str, str], list[int]]:
    """Return right, found, predicted and gold counts by language and task."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for record in records(gold_dir, blocks):
        found = rows_of(derive(conversation_from_json(record), statements_of(record)))
        gold = record["gold"]
        for task, pairs in pairs_of(gold, found).items():
            rows = "agreements" if task == "agreement" else task
            right = sum(one["status"] == other["status"] for one, other in pairs)
            for scope in (record["language"], "all"):
                tally = counts[scope, task]
                for place, number in enumerate((right, len(pairs), len(found[rows]), len(gold[rows]))):
                    tally[place] += number
    return counts


def f1(hit: int, predicted: int, gold: int) -> float:
    return 2 * hit / (predicted + gold) if predicted + gold else 0.0


def extracted(record: dict[str, Any]) -> Sequence[Statement]:
    from service.extraction.extract import extract

    return extract(conversation_from_json(record))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold_dir", type=Path)
    parser.add_argument("--gold-statements", action="store_true")
    parser.add_argument("--blocks", choices=["tuned", "held", "all"], default="all")
    arguments = parser.parse_args()
    statements_of = gold_statements if arguments.gold_statements else extracted
    counts = score(arguments.gold_dir, arguments.blocks, statements_of)
    for (scope, task), (right, found, predicted, gold) in sorted(counts.items()):
        sys.stdout.write(
            f"{scope:4}{task:10} right F1 {f1(right, predicted, gold):.3f}"
            f"  found F1 {f1(found, predicted, gold):.3f}  gold {gold:4}  predicted {predicted:4}\n"
        )


if __name__ == "__main__":
    main()
