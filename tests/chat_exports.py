"""Made-up chats, their exports as phones and platforms write them, and an archive that takes them in."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from service.archive import imports
from service.archive.alike import traces_of
from service.archive.blobs import open_blobs
from service.archive.chats import Chats
from service.archive.keep import Keeper
from service.archive.tables import MessageRow
from service.sources.raw_message import AddressKind, Kind, RawAddress, RawConversation, RawMessage

SEEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
MOSCOW = ZoneInfo("Europe/Moscow")
WORDS = (
    *("макет", "этикетки", "смета", "договор", "оплата", "встреча", "среду", "вторник", "баннер", "правки"),
    *("klient", "umowa", "projekt", "etykieta", "termin", "druk", "faktura", "zaliczka", "poprawki", "na"),
    *("the", "banner", "approve", "draft", "invoice", "Friday", "logo", "page", "please", "tomorrow"),
)
PARTICLES = ["ок", "да", "спасибо", "👍", "tak", "super", "хорошо", "+"]
KASIA, ANNA, OLA, JAN = "Kasia", "Anna", "Ola", "Jan"

Said = tuple[int, str, str]
"""Minutes after START, who, and what."""


def talk(seed: int, people: list[str], size: int = 60, every: int = 7) -> list[Said]:
    """Make up a chat: long texts and particles, as people write."""
    chance = random.Random(seed)
    at = 0
    said = []
    for number in range(size):
        at += chance.randrange(every)
        who = people[number] if number < len(people) else chance.choice(people)
        text = (
            chance.choice(PARTICLES)
            if chance.random() < 0.4
            else " ".join([*chance.choices(WORDS, k=7), str(chance.randrange(1000))])
        )
        said.append((at, who, text))
    return said


def export(
    said: list[Said],
    title: str,
    zone: ZoneInfo = WARSAW,
    names: dict[str, str] | None = None,
    **changes,
) -> list[RawMessage]:
    """Write a chat as a phone of that zone would that knows people by these names."""
    names = names or {}
    raws = []
    for position, (minute, who, text) in enumerate(said):
        local = (START + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)
        name = names.get(who, who)
        raw = RawMessage(
            format="whatsapp",
            channel="whatsapp",
            kind=Kind.TEXT,
            original=f"{local} - {name}: {text}\n".encode(),
            position=position,
            external_id="",
            author=RawAddress(AddressKind.WHATSAPP, name, name),
            sent_at=local,
            text=text,
            conversation=RawConversation(title, title),
        )
        raws.append(replace(raw, **changes))
    return raws


def numbered(raws: list[RawMessage], key: str, first: int = 1, step: int = 1) -> list[RawMessage]:
    """Give the records ids, and the chat a key, as Telegram does."""
    return [
        replace(
            raw,
            format="telegram",
            channel="telegram",
            external_id=str(first + step * number),
            conversation=RawConversation(key, raw.conversation.title),
        )
        for number, raw in enumerate(raws)
    ]


class Archive:
    """Imports exports as the pipeline does: it looks at the whole file, then keeps it in batches."""

    def __init__(self, session: Session, folder) -> None:
        self.session = session
        self.blobs = open_blobs((folder / "originals").as_uri())
        self.import_id = imports.begin(session, "chats", "test")

    def begin(
        self, raws: list[RawMessage], place: str, zone: ZoneInfo = WARSAW, *, ahead=True, project_id=None
    ) -> Keeper:
        """Look at the whole file, and return what keeps its records."""
        file_id = imports.source_file(self.session, self.import_id, place, raws[0].format, zone.key)
        chats = Chats(is_whole=ahead, project_id=project_id)
        if ahead:
            chats.look(self.session, list(traces_of(raws, zone, SEEN)))
            chats.settle(self.session)
        return Keeper(self.blobs, file_id, zone, SEEN, chats=chats)

    def take(
        self,
        raws: list[RawMessage],
        place: str,
        zone: ZoneInfo = WARSAW,
        batch: int = 25,
        *,
        ahead=True,
        project_id=None,
    ):
        keeper = self.begin(raws, place, zone, ahead=ahead, project_id=project_id)
        return [keeper.keep(self.session, raws[at : at + batch]) for at in range(0, len(raws), batch)]

    def new(self, *args, **kwargs) -> int:
        return sum(len(kept.new) for kept in self.take(*args, **kwargs))

    def conversations(self) -> dict[int, list[str]]:
        """Return the texts of each conversation in order of time."""
        found: dict[int, list[str]] = {}
        for row in self.session.exec(select(MessageRow).order_by(MessageRow.id)):
            found.setdefault(row.conversation_id, []).append(row.text)
        return found

    def texts(self) -> list[list[str]]:
        return sorted(sorted(texts) for texts in self.conversations().values())


def words(said: list[Said]) -> list[str]:
    return sorted(text for _, _, text in said)
