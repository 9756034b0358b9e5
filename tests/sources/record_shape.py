"""Describe a record as JSON, as the expectations beside the samples do. Empty fields are left out."""

from dataclasses import fields
from datetime import datetime, timedelta
from hashlib import sha256

from service.sources.raw_message import (
    RawAddress,
    RawAttachment,
    RawConversation,
    RawReaction,
    RawRevision,
    Record,
    Unreadable,
)

_SAID_ONCE = {"format", "channel", "position"}
"""Checked for every record of every sample, so not repeated in each."""


def describe(record: Record) -> dict:
    if isinstance(record, Unreadable):
        return {"unreadable": record.why, "where": record.where, "original": _fingerprint(record.original)}
    shown = {
        field.name: _plain(getattr(record, field.name))
        for field in fields(record)
        if field.name not in _SAID_ONCE
    }
    return {name: value for name, value in shown.items() if value not in (None, "", [], False)}


def _attachment(attachment: RawAttachment) -> dict:
    shown = {
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "missing": attachment.missing,
        "in_original": attachment.in_original or None,
        "content": _fingerprint(attachment.load()) if attachment.load else None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _fingerprint(content: bytes | None) -> str | None:
    return None if content is None else f"{len(content)} bytes, sha256 {sha256(content).hexdigest()[:16]}"


def _parts(part: RawReaction | RawRevision) -> dict:
    shown = {field.name: _plain(getattr(part, field.name)) for field in fields(part)}
    return {name: value for name, value in shown.items() if value is not None}


_PLAIN = {
    RawAddress: lambda one: f"{one.kind}:{one.value}" + (f" ({one.name})" if one.name else ""),
    RawAttachment: _attachment,
    RawConversation: lambda one: {"key": one.key, "title": one.title},
    RawReaction: _parts,
    RawRevision: _parts,
    bytes: _fingerprint,
    datetime: datetime.isoformat,
    timedelta: timedelta.total_seconds,
    tuple: lambda several: [_plain(one) for one in several],
}


def _plain(value):
    return _PLAIN[type(value)](value) if type(value) in _PLAIN else value
