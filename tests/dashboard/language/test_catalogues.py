"""What the catalogues hold: all that is said, each with its fields, and nothing that is left in English by accident."""

import re

import pytest
from babel.messages.catalog import Catalog

from dashboard.language.catalogue import FOLDER, files, read
from dashboard.language.extraction import messages
from dashboard.language.spoken import ENGLISH, LANGUAGES

OTHERS = [name for name in LANGUAGES if name != ENGLISH]
CATALOGUES = [(language, path.stem) for language in OTHERS for path in files(language)]
FIELD = re.compile(r"\{\w*(?:![rsa])?(?::[^}]*)?\}")

# Words that are the same everywhere: names of methods, models, formats and code, and where they were published.
SAME = re.compile(
    r"[\W\d_]*|.*\b(Shannon|Gini|Hill|Spearman) \d{4}\b.*|.*arXiv.*|\W*(?:\{\w+[^}]*\}\W*)+"
    r"|(?:[A-Z][\w+.-]*[A-Z0-9+][\w+.-]*\W*(?:\{\w+\}|\d)?\W*)+|Logit lens|Gemma [34]|Python|obj-IoU|func-IoU"
    r"|[\w-]+\.(?:csv|npz|zip)"
)


def problems(catalogue: Catalog) -> list[str]:
    """What is wrong with a catalogue, a line each: without a translation, not sure, another field, left in English."""
    found = []
    for message in catalogue:
        if not message.id:
            continue
        told = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {field for text in told for field in FIELD.findall(text)}
        if message.fuzzy:
            found.append(f"not sure: {told[0]}")
        if not all(strings):
            found.append(f"not translated: {told[0]}")
            continue
        for string in strings:
            if {_kind(field) for field in FIELD.findall(string)} != {_kind(field) for field in wanted}:
                found.append(f"other fields: {told[0]} -> {string}")
            if string in told and not SAME.fullmatch(string):
                found.append(f"left in English: {string}")
    return found


def _kind(field: str) -> str:
    """A field, of a time without how it is written: every language has a way of its own."""
    return re.sub(r":%[^}]*[A-Za-z]", ":%", field) if ":%" in field else field


def contradictions(catalogues: dict[str, Catalog]) -> list[str]:
    """Messages that several catalogues translate each in its own way, of which pages show but one."""
    found: dict[object, dict[object, str]] = {}
    for name, catalogue in catalogues.items():
        for message in catalogue:
            if message.id and message.string:
                found.setdefault(message.id, {}).setdefault(message.string, name)
    return [
        f"{told}: " + ", ".join(f"{string} ({name})" for string, name in strings.items())
        for told, strings in found.items()
        if len(strings) > 1
    ]


@pytest.fixture(scope="module")
def said():
    return messages()


@pytest.mark.parametrize(("language", "name"), CATALOGUES, ids=lambda value: value)
def test_a_catalogue_is_whole(language, name):
    catalogue = read(FOLDER / language / f"{name}.po", language)
    assert len(catalogue) > 0
    assert problems(catalogue) == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogues_hold_what_is_said(language, said):
    held = {path.stem: {message.id for message in read(path, language) if message.id} for path in files(language)}
    assert held == {name: set(found) for name, found in said.items()}, "run python -m dashboard.language"


@pytest.mark.parametrize("language", OTHERS)
def test_one_message_is_translated_one_way(language):
    catalogues = {path.stem: read(path, language) for path in files(language)}
    assert contradictions(catalogues) == []


def _catalogue(*messages: tuple[object, object]) -> Catalog:
    catalogue = Catalog("zh_Hans")
    for told, string in messages:
        catalogue.add(told, string)
    return catalogue


@pytest.mark.parametrize(
    ("told", "string", "problem"),
    [
        ("Run it", "", "not translated: Run it"),
        (("{n} run", "{n} runs"), ("",), "not translated: {n} run"),
        ("{n:,} maps", "{m:,} 张", "other fields: {n:,} maps -> {m:,} 张"),
        ("{n:,} maps", "{n} 张", "other fields: {n:,} maps -> {n} 张"),
        ("Run it", "Run it", "left in English: Run it"),
        ("at most {n} runs", "at most {n} runs", "left in English: at most {n} runs"),
    ],
)
def test_planted_faults_are_found(told, string, problem):
    assert problems(_catalogue((told, string))) == [problem]


def test_what_is_right_is_no_fault():
    right = [
        ("Run", "运行"),
        (("One run", "{n} runs"), ("{n} 条",)),
        ("Grad-CAM++", "Grad-CAM++"),
        ("{a}: {b}", "{a}: {b}"),
    ]
    assert problems(_catalogue(*right)) == []
    unsure = _catalogue(("Run", "运行"))
    unsure.get("Run").flags.add("fuzzy")
    assert problems(unsure) == ["not sure: Run"]


def test_a_planted_contradiction_is_found():
    one, other = _catalogue(("Run", "运行"), ("Map", "图")), _catalogue(("Run", "跑"), ("Map", "图"))
    assert contradictions({"a": one, "b": other}) == ["Run: 运行 (a), 跑 (b)"]
