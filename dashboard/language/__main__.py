"""`python -m dashboard.language`: brings the catalogues up to date with the code, and says what is not translated."""

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from dashboard.language.catalogue import FOLDER, read
from dashboard.language.extraction import Message, messages
from dashboard.language.spoken import ENGLISH, LANGUAGES

# By hand: Babel's own holds times and versions, so that the file would change when no message does.
HEADER = """# What {name} says.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""


def main() -> int:
    """Returns how many messages lack a translation, at most 1."""
    lacking = 0
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        said = messages()
        for path in (FOLDER / language).glob("*.po"):
            if path.stem not in said:
                path.unlink()
        for name, found in said.items():
            lacking += update(language, name, found)
    print(f"{lacking} messages are not translated." if lacking else "Every message is translated.")
    return min(lacking, 1)


def update(language: str, name: str, found: dict[Message, list[str]]) -> int:
    """Writes one catalogue anew, with the translations that it has; returns how many it lacks."""
    path = FOLDER / language / f"{name}.po"
    former = read(path, language) if path.exists() else Catalog(language)
    catalogue = Catalog(language)
    lacking = 0
    for message, places in found.items():
        translated = former.get(message)
        string = translated.string if translated else ""
        if not string or (isinstance(string, tuple) and not all(string)):
            print(f"{path.name}: {message}")
            lacking += 1
        catalogue.add(message, string, locations=[(place, None) for place in places])
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(name=name, language=language, plurals=former.plural_forms).encode())
        write_po(file, catalogue, width=120, include_lineno=False, omit_header=True)
    return lacking


if __name__ == "__main__":
    raise SystemExit(main())
