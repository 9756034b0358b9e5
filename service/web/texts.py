"""The page's texts. In: `texts/<language>/LC_MESSAGES/messages.po`. Out: translations. Never: .mo files.

English is a catalogue like the others: it holds the plural forms, and a test sees that nothing is missing.
"""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "ru": "Русский", "pl": "Polski"}
"""Each language by its own name, as the switch shows it."""
FOLDER = Path(__file__).parent / "texts"


def catalogue(language: str) -> Catalog:
    """Read the catalogue of a language as translators edit it."""
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> GNUTranslations:
    """Return what templates and pages translate with."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def chosen(wanted: str, otherwise: str) -> str:
    """Return the best of our languages for an Accept-Language header (RFC 9110, 12.5.4).

    >>> chosen("de, pl;q=0.8, en;q=0.5", "en")
    'pl'
    """
    ranked: list[tuple[float, str]] = []
    for part in wanted.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        language = tag.strip().lower().split("-")[0]
        if language in LANGUAGES:
            ranked.append((_quality(weight), language))
    best = max(ranked, key=lambda one: one[0], default=(0.0, otherwise))
    return best[1] if best[0] > 0 else otherwise


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0


def later(text: str) -> str:
    """Mark a text for translation where it is shown later (`make texts` collects it)."""
    return text
