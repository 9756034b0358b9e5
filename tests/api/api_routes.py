"""Every route of the API, from its own description, with an address that exists for each."""

from collections.abc import Callable
from types import SimpleNamespace

from factories import Seeded

from service.api.app import build_api
from service.archive.organise import who_wrote
from service.db.session import reading
from service.ledger.store import read_notes

DESCRIPTION = build_api(SimpleNamespace(settings=None)).openapi()
ROUTES = [(method, path) for path, operations in DESCRIPTION["paths"].items() for method in operations]
GETS = [path for method, path in ROUTES if method == "get"]


def _clinic(seeded: Seeded) -> str:
    return f"/conversations/{seeded.conversations['Booking form']}"


def _igor(seeded: Seeded) -> int:
    with reading(seeded.house.engine) as session:
        return next(one.person_id for one in who_wrote(session) if one.value == "igor@clinic.example")


def _first_checkpoint(seeded: Seeded) -> int:
    with reading(seeded.house.engine) as session:
        return read_notes(session)[0][0]


ADDRESSES: dict[str, Callable[[Seeded], str]] = {
    "/agreements": lambda _: "/agreements",
    "/agreements/{key}": lambda seeded: f"/agreements/{seeded.agreement_key('clinic-1')}",
    "/gaps": lambda _: "/gaps",
    "/alerts": lambda _: "/alerts",
    "/conversations": lambda _: "/conversations",
    "/conversations/{conversation_id}": _clinic,
    "/conversations/{conversation_id}/messages": lambda seeded: f"{_clinic(seeded)}/messages",
    "/conversations/{conversation_id}/statements": lambda seeded: f"{_clinic(seeded)}/statements",
    "/conversations/{conversation_id}/trust": lambda seeded: f"{_clinic(seeded)}/trust",
    "/imports": lambda _: "/imports",
    "/imports/{import_id}": lambda _: "/imports/1",
    "/imports/{import_id}/preview": lambda seeded: f"/imports/{seeded.staged}/preview",
    "/imports/{import_id}/choice": lambda seeded: f"/imports/{seeded.staged}/choice",
    "/ledger/entries": lambda _: "/ledger/entries",
    "/ledger/entries/{seq}/proof": lambda _: "/ledger/entries/0/proof",
    "/ledger/consistency": lambda seeded: f"/ledger/consistency?old={_first_checkpoint(seeded)}",
    "/ledger/checkpoint": lambda _: "/ledger/checkpoint",
    "/ledger/key": lambda _: "/ledger/key",
    "/messages/{message_id}": lambda seeded: f"/messages/{seeded.messages['clinic-1']}",
    "/messages/{message_id}/original": lambda seeded: f"/messages/{seeded.messages['clinic-1']}/original",
    "/people": lambda _: "/people",
    "/people/suggestions": lambda _: "/people/suggestions",
    "/people/merges": lambda _: "/people/merges",
    "/people/merges/{merge_id}": lambda _: "/people/merges/1",
    "/people/distinct": lambda _: "/people/distinct",
    "/people/{person_id}": lambda seeded: f"/people/{_igor(seeded)}",
    "/people/{person_id}/addresses/{address_id}/part": lambda seeded: (
        f"/people/{_igor(seeded)}/addresses/1/part"
    ),
    "/search": lambda _: "/search?q=",
    "/sources": lambda _: "/sources",
    "/sources/{source_id}": lambda seeded: f"/sources/{seeded.source}",
    "/sources/{source_id}/pull": lambda seeded: f"/sources/{seeded.source}/pull",
    "/sources/{source_id}/reconcile": lambda seeded: f"/sources/{seeded.source}/reconcile",
    "/sources/{source_id}/pause": lambda seeded: f"/sources/{seeded.source}/pause",
    "/sources/{source_id}/resume": lambda seeded: f"/sources/{seeded.source}/resume",
    "/sources/{source_id}/folders/{folder_id}/troubles": lambda seeded: (
        f"/sources/{seeded.source}/folders/{seeded.folder}/troubles"
    ),
    "/statements": lambda _: "/statements",
}
"""What belongs to the clinic's project, or to everything. A new route without an address here fails."""

LISTS = ["/agreements", "/gaps", "/alerts", "/conversations", "/search", "/statements"]
"""Lists that show a reader what is theirs; the others are for administrators."""
OF_ALL_PROJECTS = [path for path in GETS if path.startswith(("/imports", "/ledger", "/sources"))]
OF_SHARED_PEOPLE = ["/people", "/people/suggestions"]
"""Lists in which the people of one project may also stand for the readers of another."""
OF_ONE_THING = [path for path in GETS if path not in {*LISTS, *OF_ALL_PROJECTS, *OF_SHARED_PEOPLE}]
