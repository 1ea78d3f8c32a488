"""The name of a category -> the words by which answers may call it: its plural, its synonyms, its spellings."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.errors import InputError, shown
from core.evaluation.datasets.annotation_file import is_text
from core.schema.words import find_whole_words, has_cjk

MOST_BYTES = 4 * 2**20

# Nouns of the usual data sets whose plural follows no rule.
_IRREGULAR = {
    **{"person": "people", "man": "men", "woman": "women", "child": "children", "foot": "feet", "tooth": "teeth"},
    **{"policeman": "policemen", "fireman": "firemen", "snowman": "snowmen", "bookshelf": "bookshelves"},
    **{"goose": "geese", "mouse": "mice", "ox": "oxen", "knife": "knives", "shelf": "shelves", "leaf": "leaves"},
    **{"loaf": "loaves", "calf": "calves", "wolf": "wolves", "half": "halves", "scarf": "scarves", "life": "lives"},
    **{"potato": "potatoes", "tomato": "tomatoes", "buffalo": "buffaloes", "mango": "mangoes", "cactus": "cacti"},
}
_UNCHANGED = {"sheep", "deer", "fish", "aircraft", "skis", "scissors", "broccoli", "clothes", "pants", "stairs"}
_HISSING = ("s", "x", "z", "ch", "sh")


def plural(name: str) -> str:
    """English plural of a name, of whose words the last one changes: "wine glass" -> "wine glasses".

    What is written in Chinese, Japanese or Korean stays as it is.
    """
    head, blank, noun = name.rpartition(" ")
    small = noun.casefold()
    if has_cjk(name) or not small or not small[-1].isalpha() or small in _UNCHANGED:
        return name
    if small in _IRREGULAR:
        changed = _IRREGULAR[small]
    elif small.endswith(_HISSING):
        changed = f"{noun}es"
    elif re.search("[^aeiou]y$", small):
        changed = f"{noun[:-1]}ies"
    else:
        changed = f"{noun}s"
    return f"{head}{blank}{changed}"


def phrases_of(name: str, synonyms: Mapping[str, tuple[str, ...]] | None = None) -> tuple[str, ...]:
    """The words that name a category: itself, its plural, its synonyms and theirs, each once.

    Spellings of data sets are read as words: "traffic_light", "bow_(ribbon)", "wall-other-merged", "window-blind".
    """
    alike = (synonyms or {}).get(name.casefold(), ())
    said = [word for each in (name, *_spellings(name), *alike) for word in (each, plural(each))]
    return tuple(dict.fromkeys(" ".join(word.split()) for word in said if word.strip()))


def _spellings(name: str) -> list[str]:
    plain = re.sub(r"\([^)]*\)", " ", name.replace("_", " ")).strip()
    whole = re.sub(r"-(other-merged|other|merged|stuff)$", "", plain)
    turned = re.fullmatch(r"(\w+)-(\w+)", whole)
    return [each for each in (plain, whole, f"{turned[2]} {turned[1]}" if turned else "") if each and each != name]


def names_beside(phrases: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Those other names of which one of the phrases is a part, in order, each once: "hot dog" beside "dog"."""
    mine = {phrase.casefold(): phrase for phrase in phrases}
    return tuple(
        dict.fromkeys(
            other
            for other in others
            if other.casefold() not in mine and any(find_whole_words(other, phrase) for phrase in mine.values())
        )
    )


def read_synonyms(path: Path) -> dict[str, tuple[str, ...]]:
    """A file {"person": ["man", "woman"]}: names, in small letters, -> the words that stand for them.

    Raises:
        InputError: it cannot be read, or holds something else.
    """
    try:
        with path.open("rb") as file:
            data = file.read(min(path.stat().st_size, MOST_BYTES) + 1)
        if len(data) > MOST_BYTES:
            raise InputError(f"The synonyms in {path.name} are larger than {MOST_BYTES // 2**20} MB.")
        held: Any = json.loads(data)
    except OSError as error:
        raise InputError(f"The synonyms {path.name!r} cannot be read: {error.strerror or 'no such file'}.") from None
    except (ValueError, RecursionError):  # a wrong encoding is a ValueError, too
        raise InputError(f"The synonyms in {path.name} are no JSON.") from None
    wanted = 'Synonyms are written as {"person": ["man", "woman"]}'
    if not isinstance(held, dict):
        raise InputError(f"{wanted}; {path.name} holds {shown(held)}.")
    for name, words in held.items():
        if not isinstance(words, list) or not all(map(is_text, words)):
            raise InputError(f"{wanted}; {path.name} has {shown(words)} for {shown(name)}.")
    return {name.casefold(): tuple(words) for name, words in held.items()}
