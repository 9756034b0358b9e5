"""Turn templates into HTML. In: a Reader, a template's name, values. Never: unescaped text of messages."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.agreements.agreement import SURE
from service.web.assets import address
from service.web.reader import Reader
from service.web.texts import LANGUAGES, translations

TEMPLATES = Path(__file__).parent / "templates"


def render(reader: Reader, template: str, **values: Any) -> str:
    """Fill a template in the reader's language."""
    return environment(reader.language).get_template(template).render(reader=reader, **values)


@cache
def environment(language: str) -> Environment:
    """Return the environment of a language: translations belong to an environment, not to a call."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.policies["ext.i18n.trimmed"] = True
    texts = translations(language)
    found.globals |= {"gettext": texts.gettext, "ngettext": texts.ngettext}
    found.globals |= {"asset": address, "LANGUAGES": LANGUAGES, "SURE": SURE}
    return found
