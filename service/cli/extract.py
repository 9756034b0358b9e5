"""`scripta extract [FILE...] --jsonl`: what conversations in JSON amount to."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from service.errors import SourceError


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
    for place, source in _conversations(files or []):
        if not isinstance(source, dict):
            raise SourceError(f"{place}: {json.dumps(source)[:60]} is no conversation; write a JSON object.")
        sys.stdout.write(json.dumps(_found_in(source), ensure_ascii=False) + "\n")


def _found_in(source: dict[str, Any]) -> dict[str, Any]:
    from service.agreements.derive import derive
    from service.extraction.conversation_json import conversation_from_json, prediction_to_json
    from service.extraction.extract import extract

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
    return prediction_to_json(conversation.id, statements, agreements, verbal)


def _conversations(files: list[Path]) -> Iterator[tuple[str, Any]]:
    sources = [(str(file), file.read_bytes) for file in files]
    for place, read in sources or [("standard input", sys.stdin.buffer.read)]:
        try:
            text = read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SourceError(f"{place}: is not UTF-8 at byte {error.start}; save it as UTF-8.") from error
        yield from ((place, document) for document in _documents(place, text))


def _documents(place: str, text: str) -> Iterator[Any]:
    """Yield the JSON values of a text: one document, or one a line."""
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
        except RecursionError as error:
            raise SourceError(f"{place}: is nested too deeply to be a conversation.") from error
        yield from value if isinstance(value, list) else [value]
