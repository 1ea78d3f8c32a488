"""The catalogues of a language, read once when somebody first speaks it."""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from dashboard.language.spoken import ENGLISH

FOLDER = Path(__file__).parent


def files(language: str) -> list[Path]:
    """The catalogues of a language: one for each package that says something."""
    return sorted((FOLDER / language).glob("*.po"))


def read(path: Path, language: str) -> Catalog:
    """One of them."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """All of them as one, for gettext. What English says is in none."""
    found: gettext.NullTranslations = gettext.NullTranslations()
    if language == ENGLISH:
        return found
    for path in files(language):
        compiled = io.BytesIO()
        write_mo(compiled, read(path, language))
        compiled.seek(0)
        one = gettext.GNUTranslations(compiled)
        one.add_fallback(found)
        found = one
    return found
