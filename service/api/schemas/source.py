"""Added sources on the wire. Never: a secret in an answer."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from service.intake.folders import Accounted
from service.intake.live_chats import LiveChat
from service.intake.source import AddedSource, FolderState


class SourceIn(BaseModel):
    """A source to add."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, examples=["Agency mail"])
    kind: str = Field(
        max_length=40,
        examples=["imap"],
        description="imap, folder, smtp, telegram_bot, slack, mattermost or matrix",
    )
    settings: dict[str, Any] = Field(
        description=(
            "What the kind needs. imap: host, port, security (tls, starttls or none), user, include and "
            "exclude (lists of folder names with * and ?), drafts, junk, ca_file, provider (google or "
            "microsoft for a mailbox that signs in by OAuth 2 on the page). Chats: server (needed for "
            "mattermost and matrix), include and exclude (lists of channel names; slack and mattermost), "
            "look_back_days (slack); the token is the password."
        ),
        examples=[{"host": "imap.agency.example", "user": "anna@agency.example"}],
    )
    password: SecretStr | None = Field(default=None, max_length=1000, description="Kept encrypted.")


class SourceChange(BaseModel):
    """What to change of a source; what is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    settings: dict[str, Any] = Field(
        default={}, description="Settings to replace.", examples=[{"exclude": ["Newsletters*"]}]
    )
    password: SecretStr | None = Field(
        default=None, max_length=1000, description="null or left out: the kept one stays."
    )


class FolderOut(BaseModel):
    """One folder: `missing` = `on_server` - (`archived` + `known` + `refused` + `failed`)."""

    id: str
    name: str
    special: str = Field(description="sent, all, archive, junk, trash; empty for none")
    on_server: int
    archived: int
    known: int = Field(description="Copies of messages that were here already.")
    refused: int = Field(description="No mails that could be read; in quarantine.")
    failed: int = Field(description="Not here: the server does not give them.")
    missing: int = Field(description="Not asked for yet.")
    gone: int = Field(description="Deleted or moved on the server; kept here.")
    checked_at: datetime | None
    reconciled_at: datetime | None = Field(description="When the whole list was last compared.")
    ended_at: datetime | None = Field(description="When the server dropped or renumbered it.")
    trouble: str

    @classmethod
    def of(cls, folder: FolderState) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(folder.id),
            name=folder.name,
            special=folder.special,
            on_server=folder.on_server,
            archived=folder.archived,
            known=folder.known,
            refused=folder.refused,
            failed=folder.failed,
            missing=folder.missing,
            gone=folder.gone,
            checked_at=folder.checked_at,
            reconciled_at=folder.reconciled_at,
            ended_at=folder.ended_at,
            trouble=folder.trouble,
        )


class ChatOut(BaseModel):
    """A chat that is followed."""

    key: str = Field(description="The platform's id of it.")
    title: str
    checked_at: datetime | None
    trouble: str = Field(description="Why it cannot be read whole; empty while all is well.")

    @classmethod
    def of(cls, chat: LiveChat) -> Self:
        """Return what goes over the wire."""
        return cls(key=chat.key, title=chat.title, checked_at=chat.checked_at, trouble=chat.trouble)


class SourceOut(BaseModel):
    """A source and how it does."""

    id: str
    name: str
    kind: str
    settings: dict[str, Any]
    state: str = Field(description="new, complete, incomplete, failing, sign_in or paused")
    detail: str = Field(description="What is wrong and what to do; empty while all is well.")
    created_at: datetime
    pulled_at: datetime | None = Field(description="When everything was last known to be here.")
    failing_since: datetime | None
    next_at: datetime | None = Field(description="Not tried again before.")
    secret_expires_at: datetime | None
    is_running: bool
    was_interrupted: bool
    folders: list[FolderOut] | None = Field(default=None, description="null in a list")
    chats: list[ChatOut] | None = Field(default=None, description="null in a list")

    @classmethod
    def of(
        cls,
        source: AddedSource,
        folders: list[FolderState] | None = None,
        chats: list[LiveChat] | None = None,
    ) -> Self:
        """Return what goes over the wire."""
        return cls(
            id=str(source.id),
            name=source.name,
            kind=source.kind,
            settings=dict(source.settings),
            state=source.state,
            detail=source.detail,
            created_at=source.created_at,
            pulled_at=source.pulled_at,
            failing_since=source.failing_since,
            next_at=source.next_at,
            secret_expires_at=source.secret_expires_at,
            is_running=source.is_running,
            was_interrupted=source.was_interrupted,
            folders=None if folders is None else [FolderOut.of(one) for one in folders],
            chats=None if chats is None else [ChatOut.of(one) for one in chats],
        )


class TroubleOut(BaseModel):
    """A message of a folder that is not here."""

    uid: int
    outcome: str = Field(description="failed or refused")
    why: str

    @classmethod
    def of(cls, one: Accounted) -> Self:
        """Return what goes over the wire."""
        return cls(uid=one.uid, outcome=one.outcome, why=one.why or "")
