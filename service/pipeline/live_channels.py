"""What connectors share that go from channel to channel. Never: asks a platform by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from service.errors import (
    ConfigError,
    RunStopped,
    SignInRefused,
    SourceBusy,
    SourceError,
    Unreachable,
)
from service.pipeline.run import Run
from service.sources.live.chat import Chat
from service.sources.raw_message import RawMessage, Record


@dataclass(frozen=True, slots=True)
class Choice:
    """Which channels are followed, by name; `*` and `?` may be used."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Choice":
        """Read settings. Raises ConfigError."""
        return cls(_names(settings, "include") or ("*",), _names(settings, "exclude"))

    def takes(self, title: str) -> bool:
        """Say whether a channel of this name is followed."""
        name = title.casefold()

        def matches(patterns: Iterable[str]) -> bool:
            return any(fnmatchcase(name, one.casefold().removeprefix("#")) for one in patterns)

        return matches(self.include) and not matches(self.exclude)


@dataclass(slots=True)
class Memory:
    """What each message of a channel was when it was last seen: most of a look back is the same."""

    digests: dict[str, int] = field(default_factory=dict)

    def changed(self, records: Sequence[Record]) -> list[Record]:
        """Return what is new, or not as it was."""
        return [
            one
            for one in records
            if not isinstance(one, RawMessage) or self.digests.get(one.external_id) != _digest(one)
        ]

    def note(self, records: Sequence[Record]) -> None:
        """Remember what was archived."""
        self.digests |= {one.external_id: _digest(one) for one in records if isinstance(one, RawMessage)}


def go_through(run: Run, chats: Sequence[Chat], read: Callable[[Chat], None]) -> list[Chat]:
    """Read each channel; one that is refused costs no other. Returns them with what is wrong."""
    done = []
    for chat in chats:
        run.report.place = chat.title
        run.progress(run.report)
        trouble = chat.trouble
        try:
            read(chat)
        except (Unreachable, SignInRefused, SourceBusy, RunStopped):
            raise
        except SourceError as error:
            trouble = str(error)
            run.fall_short(f"{chat.title}: {error}.")
        done.append(replace(chat, trouble=trouble))
    return done


def days_back(settings: Mapping[str, Any], usual: int) -> int:
    """Return how many days a look back goes for edits and late answers. Raises ConfigError."""
    value = settings.get("look_back_days", usual)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 3650:
        raise ConfigError("look_back_days is a number of days, from 1 to 3650.")
    return value


def _names(settings: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = settings.get(key) or ()
    if isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise ConfigError(f"{key} is a list of names of channels.")
    return tuple(name for name in value if name.strip())


def _digest(raw: RawMessage) -> int:
    return hash((raw.kind, raw.text, raw.edited_at, raw.reactions, raw.detail))
