"""The form in which a person chooses for an upload. In: a body. Out: Choice. Never: trusts a field."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from service.archive.message import Side
from service.errors import ConfigError
from service.pipeline.preview import MOST_PEOPLE
from service.pipeline.staged import Choice

LIMIT = 256 * 1024
MOST_FIELDS = 4 * MOST_PEOPLE + 20
LONGEST = 320
Fields = dict[str, str]


async def read_fields(request: Request) -> Fields:
    """Read the fields of a form: FastAPI can declare none whose names are numbered. Raises ConfigError."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise ConfigError("The form is too large: reload the page and choose again.")
    try:
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise ConfigError("The form has too many fields: reload the page and choose again.") from error
    # PostgreSQL cannot hold NUL, and no project or person is named so.
    return {name: value.replace("\0", "")[:LONGEST].strip() for name, value in fields.items()}


def choice_from(fields: Fields) -> Choice:
    """Return what was chosen. Raises ConfigError for what cannot be meant."""
    made = Choice(
        fields.get("zone") or None,
        fields.get("date_order") or None,
        fields.get("format") or None,
        fields.get("project", ""),
        tuple(_sides(fields)),
    )
    made.check()
    return made


def _sides(fields: Fields) -> list[tuple[str, str, Side]]:
    """Return the sides that differ from what holds without them."""
    found = []
    for number in range(MOST_PEOPLE):
        kind, value = fields.get(f"kind-{number}"), fields.get(f"value-{number}")
        chosen, sure = fields.get(f"side-{number}"), fields.get(f"sure-{number}")
        if kind and value and chosen and chosen != sure:
            found.append((kind, value, _side(chosen)))
    return found


def _side(name: str) -> Side:
    try:
        return Side(name)
    except ValueError as error:
        raise ConfigError(f"A side is {', '.join(Side)}, not {name!r}.") from error
