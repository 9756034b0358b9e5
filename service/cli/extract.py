"""`scripta extract [FILE...] --jsonl`: what conversations in JSON amount to."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from service.agreements.derive import derive
from service.errors import SourceError
from service.extraction.conversation_json import conversation_from_json, prediction_to_json
from service.extraction.extract import extract


def extract_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="JSON or JSONL files; none: standard input.")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One conversation a line on output (the default).")
    ] = True,
) -> None:
    """Read conversations in JSON and print one line of findings for each; runs the same code as ingest."""
    del jsonl
    for source in _conversations(files or []):
        conversation = conversation_from_json(source)
        statements = extract(conversation)
        derived = derive(conversation, statements)
        agreements = [
            {
                "title": one.title,
                "status": one.status.value,
                "evidence": list(dict.fromkeys(part.message for part in one.evidence)),
            }
            for one in derived.agreements
        ]
        verbal = [
            {
                "message": one.message,
                "about": one.about,
                "status": one.state.value,
                "confirmed_by": one.confirmed_by,
            }
            for one in derived.verbal
        ]
        found = prediction_to_json(conversation.id, statements, agreements, verbal)
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")


def _conversations(files: list[Path]) -> Iterator[dict[str, Any]]:
    texts = [(str(file), file.read_text("utf-8")) for file in files] or [("standard input", sys.stdin.read())]
    for place, text in texts:
        yield from _documents(place, text)


def _documents(place: str, text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a text: one document, or one a line."""
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise SourceError(f"{place}: line {error.lineno} is not JSON: {error.msg}") from error
        yield from value if isinstance(value, list) else [value]
