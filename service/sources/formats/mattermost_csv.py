"""Mattermost's tables for auditors: the compliance export (`posts.csv`) and the compliance report.

In: a CSV file, with `files/` beside that of an export. Out: one record for each post, with its files; one for
each join and leave. Never: counts a file as a post of its own where its post is there.

Columns: csv_export.go (export) and compliance_post.go (report) of Mattermost.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from service.sources.json_values import iso_time
from service.sources.mattermost_post import FORMAT, MattermostChat, MattermostDirectory, name_of, read_post
from service.sources.media import attach, find
from service.sources.raw_message import RawAttachment, RawConversation, RawMessage, Record, Unreadable
from service.sources.source import SAMPLE_BYTES, Export, Sample
from service.sources.table_rows import Row, head_text, read_rows, writing_of

_EXPORT = frozenset({"Post Creation Time", "Channel Id", "Username", "Post Id", "Post Message"})
_REPORT = frozenset({"ChannelName", "UserUsername", "PostId", "PostCreateAt", "PostMessage"})
_FILE = re.compile(r"(?P<name>.*) \((?P<path>files/[^/]+/(?P<id>[^/-]+)-.*)\)", re.DOTALL)
_FORMULA = re.compile(r"'(?=\s*[=+-])")
"""What keeps a spreadsheet from taking a text for a formula."""


class MattermostCsv:
    """Both tables; of an edited post, the export also has a row with its earlier text."""

    name = "mattermost_csv"
    label = "Mattermost (compliance CSV)"
    channel = FORMAT

    def score(self, sample: Sample) -> float:
        """Look for the columns of either table."""
        header = head_text(sample.head).partition("\n")[0]
        columns = {cell.strip().strip('"') for cell in header.split(",")}
        return 0.95 if columns >= _EXPORT or columns >= _REPORT else 0.0

    def claims(self, export: Path, beside: Path) -> bool:
        """Claim what the export writes beside its table."""
        if beside.is_dir():
            return beside.name == "files"
        return beside.name in ("metadata.json", "warning.txt")

    def read(self, export: Export) -> Iterator[Record]:
        """Yield every row in file order; rows of files go with the post that they stand behind."""
        reading = _Reading(export)
        columns: tuple[str, ...] = ()
        with export.path.open("rb") as file:
            writing = writing_of(file.read(SAMPLE_BYTES))
        for row in read_rows(export.path, writing, ","):
            if row.error is not None:
                yield from reading.finish()
                yield Unreadable(f"{export.place}, line {row.line}", row.error, row.original)
            elif not columns:
                columns = row.cells
            elif len(row.cells) < len(columns):
                yield from reading.finish()
                why = f"a row of {len(row.cells)} cells under {len(columns)} headers"
                yield Unreadable(f"{export.place}, line {row.line}", why, row.original)
            else:
                yield from reading.row(row, dict(zip(columns, row.cells, strict=False)))
        yield from reading.finish()


SOURCE = MattermostCsv()


@dataclass(slots=True)
class _Post:
    """A post whose files may still follow."""

    raw: dict[str, Any]
    original: bytes
    conversation: RawConversation
    warnings: tuple[str, ...]
    files: list[dict[str, Any]] = field(default_factory=list)


class _Reading:
    """One table while it is being read."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.positions = count()
        self.names: dict[str, str] = {}
        self.pending: _Post | None = None

    def row(self, row: Row, cells: Mapping[str, str]) -> Iterator[Record]:
        """Take a row in; yield the post before it once nothing more can belong to that."""
        original = row.original or b""
        file = _file(cells)
        if file is not None and self.pending and self.pending.raw["id"] == cells.get("Post Id"):
            self.pending.files.append(file)
            self.pending.original += original
            return
        yield from self.finish()
        raw = _of_report(cells) if "PostId" in cells else _of_export(cells)
        if file is not None:
            raw |= {"id": f"{raw['id']}/{file['id']}", "message": ""}
        if nickname := cells.get("UserNickname"):
            self.names[raw["user"]] = nickname
        key = cells.get("Channel Id") or f"{cells.get('TeamName', '')}/{cells.get('ChannelName', '')}"
        title = cells.get("Channel Display Name") or cells.get("ChannelDisplayName") or key
        self.pending = _Post(raw, original, RawConversation(key, title), row.warnings, [file] if file else [])

    def finish(self) -> Iterator[RawMessage]:
        """Yield the post that is still held back."""
        post, self.pending = self.pending, None
        if post is not None:
            chat = MattermostChat(post.conversation, MattermostDirectory(self.names), self._attach)
            raw = post.raw | {"attachments": post.files}
            read = read_post(raw, post.original, next(self.positions), chat, warnings=post.warnings)
            yield replace(read, format=MattermostCsv.name)

    def _attach(self, file: dict[str, Any]) -> RawAttachment | None:
        path = file.get("path", "")
        if file.get("deleted"):
            return RawAttachment(name_of(file), "application/octet-stream", missing="the file was deleted")
        return attach(self.export.root, path, shown=name_of(file)) if find(self.export.root, path) else None


def _file(cells: Mapping[str, str]) -> dict[str, Any] | None:
    if cells.get("Post Type") not in ("attachment", "deleted attachment"):
        return None
    named = _FILE.fullmatch(cells.get("Post Message", ""))
    found: dict[str, Any] = named.groupdict() if named else {"id": "", "name": cells.get("Post Message", "")}
    return found | {"deleted": cells["Post Type"] == "deleted attachment"}


def _of_export(cells: Mapping[str, str]) -> dict[str, Any]:
    type_, changed = cells.get("Post Type", ""), cells.get("Post Update Type", "")
    updated = cells.get("Post Update Time")
    return {
        "id": cells.get("Post Id", ""),
        "user": cells.get("Username", ""),
        "create_at": cells.get("Post Creation Time"),
        "edit_at": updated if changed == "EditedNewMsg" else None,
        "delete_at": updated if changed == "Deleted" else None,
        # The text before an edit has an id of its own, and names that of the post.
        "original_id": cells.get("Edited By Post Id", ""),
        "root_id": cells.get("Replied to Post Id", ""),
        "message": cells.get("Post Message", ""),
        "type": "" if type_ in ("message", "attachment", "deleted attachment") else f"system_{type_}",
    }


def _of_report(cells: Mapping[str, str]) -> dict[str, Any]:
    files = cells.get("PostFileIds", "").strip("[]").replace('"', "").split(",")
    return {
        "id": cells.get("PostId", ""),
        "user": _FORMULA.sub("", cells.get("UserUsername", "")),
        "create_at": _milliseconds(cells.get("PostCreateAt")),
        "delete_at": _milliseconds(cells.get("PostDeleteAt")),
        "original_id": cells.get("PostOriginalId", ""),
        "root_id": cells.get("PostRootId", ""),
        "message": _FORMULA.sub("", cells.get("PostMessage", "")),
        "type": cells.get("PostType", ""),
        "file_ids": [file for file in map(str.strip, files) if file],
    }


def _milliseconds(text: str | None) -> int | None:
    at = iso_time(text)
    return round(at.timestamp() * 1000) if at is not None and at.tzinfo is not None else None
