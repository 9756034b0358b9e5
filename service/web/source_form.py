"""The forms of sources. In: what a browser sent, or settings. Out: settings, or fields to fill in.

One form for all kinds: each takes its own fields. Never: gives a password back.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from service.errors import ConfigError
from service.sources.imap.presets import preset_of

Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00\r\n]*$")]
"""Without NUL, which PostgreSQL cannot hold."""
Lines = Annotated[str, Field(max_length=5000, pattern=r"^[^\x00]*$")]
Kind = Literal["imap", "folder", "smtp", "telegram_bot", "slack", "mattermost", "matrix"]
LIVE = frozenset({"telegram_bot", "slack", "mattermost", "matrix"})
"""Kinds whose chats are followed with a token."""
MAILBOX = ("host", "security", "user", "ca_file")
FOLDER = ("path", "zone")
INTAKE = ("host", "cert", "key")


class SourceForm(BaseModel):
    """Everything that a form of a source may hold."""

    kind: Kind = "imap"
    name: Line = ""
    user: Line = ""
    way: Literal["password", "google", "microsoft"] = "password"
    """How a mailbox signs in."""
    password: Line = ""
    host: Line = ""
    port: Annotated[str, Field(max_length=5, pattern=r"^[0-9]*$")] = ""
    security: Line = "tls"
    include: Lines = ""
    """One to a line, like the other lists."""
    exclude: Lines = ""
    drafts: bool = False
    junk: bool = False
    ca_file: Line = ""
    path: Line = ""
    zone: Line = ""
    move_read: bool = False
    recipients: Lines = ""
    allow_from: Lines = ""
    cert: Line = ""
    key: Line = ""
    server: Line = ""

    def title(self) -> str:
        """Return the name of the source: what it is where a person gave none."""
        said = (self.name, self.user, self.path, urlsplit(self.server).hostname or "")
        kind = self.kind.upper() if self.kind == "smtp" else self.kind.replace("_", " ").capitalize()
        return next((one.strip() for one in said if one.strip()), kind)

    def settings(self) -> dict[str, Any]:
        """Return the settings of the kind; what was left empty is left out."""
        match self.kind:
            case "imap":
                return self._mailbox()
            case "folder":
                return self._texts(FOLDER) | ({"move_read": True} if self.move_read else {})
            case "telegram_bot" | "matrix":
                return self._texts(("server",))
            case "slack" | "mattermost":
                return self._texts(("server",)) | self._lists("include", "exclude")
            case "smtp":
                return self._texts(INTAKE) | self._port() | self._lists("recipients", "allow_from")

    def guess(self) -> None:
        """Fill in the server of a mailbox from its address, and how it signs in."""
        preset = preset_of(self.user)
        if preset is None:
            return
        self.host, self.port = preset.server.host, str(preset.server.port)
        self.security = preset.server.security
        self.way = "microsoft" if preset.provider == "microsoft" else "password"

    def _mailbox(self) -> dict[str, Any]:
        found: dict[str, Any] = self._texts(MAILBOX) | self._port()
        found |= self._lists("include", "exclude")
        found |= {name: True for name in ("drafts", "junk") if getattr(self, name)}
        return found | ({} if self.way == "password" else {"provider": self.way})

    def _texts(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {name: text for name in names if (text := getattr(self, name).strip())}

    def _lists(self, *names: str) -> dict[str, Any]:
        return {name: found for name in names if (found := _split(getattr(self, name)))}

    def _port(self) -> dict[str, int]:
        return {"port": int(self.port)} if self.port else {}


def form_of(kind: str, name: str, settings: Mapping[str, Any]) -> SourceForm:
    """Return the form that shows these settings. Raises ConfigError for a kind that has none."""
    if kind not in get_args(Kind):
        raise ConfigError(f"A source of the kind {kind!r} is changed with `scripta sources` or the API.")
    shown = {key: value for key, value in settings.items() if key in SourceForm.model_fields}
    for key, value in shown.items():
        if isinstance(value, list):
            shown[key] = "\n".join(str(one) for one in value)
        elif not isinstance(value, bool):
            shown[key] = str(value)
    way = settings.get("provider") or "password"
    # What the API or a command wrote may be longer than a field: it is shown all the same.
    return SourceForm.model_construct(**(shown | {"kind": kind, "name": name, "way": way}))


def _split(lines: str) -> list[str]:
    return [line.strip() for line in lines.splitlines() if line.strip()]
