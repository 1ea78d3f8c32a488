"""docs/api.md: every public name of `core`, from its signature and its docstring."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import core
from docs.reference.docstrings import Docstring, Entry
from docs.reference.public import Argument, Thing, things

PAGE = Path(__file__).parents[1] / "api.md"

HEAD = """# Every public name

What `core` gives to programs, name by name. Examples are in [python.md](python.md). This page is made of the code:
change the docstring, then run `.venv/bin/python -m docs.reference`.

- Sizes are written [rows, columns]; `grid_h` and `grid_w` are the rows and columns of a map's cells. Layers count from
  0.
- "Raises": every error is an [`ExplainError`](#explainerror), whose text is a sentence that says what is wrong and what
  to do.
- `GivenPicture` stands for a [`Picture`](#picture), the bytes of a file, its path, or a PIL image; `OnProgress` for a
  function that is called with each [`Progress`](#progress).
"""


@dataclass(frozen=True)
class Group:
    """What stands under one heading.

    Attributes:
        title: the heading.
        sentence: what is found there.
        packages: whose names.
    """

    title: str
    sentence: str
    packages: tuple[str, ...]


GROUPS = (
    Group("Explaining", "Load a model, ask it, and get maps.", ("core.engine", "core.explanation")),
    Group("Questions and results", "What is asked, and what comes back: plain frozen values.", ("core.schema",)),
    Group("Pictures and videos", "How files become what a model is shown.", ("core.inputs",)),
    Group("Models", "What models are made of.", ("core.models",)),
    Group("Reading maps and answers", "What can be measured of them.", ("core.analysis",)),
    Group("Files", "How results are written and read back.", ("core.export", "core.rendering")),
    Group("The original's interface", "For code written for smooth-gradcam-qwen.", ("core.gradcam",)),
    Group("Errors", "Everything that is raised on purpose.", ("core.errors",)),
)
BESIDES = "What comes back besides", "Values that those above return or hold. Nobody has to make them."


def group_of(thing: Thing) -> Group:
    """The group of the package that a name comes from.

    Raises:
        LookupError: no group has that package.
    """
    for group in GROUPS:
        if any(thing.module == package or thing.module.startswith(f"{package}.") for package in group.packages):
            return group
    raise LookupError(f"{thing.name} comes from {thing.module}, which no group in {__file__} has.")


def page() -> str:
    """The whole page."""
    found = things()
    public = [(group_of(thing), thing) for thing in found if thing.name in core.__all__]
    chapters = [(group.title, group.sentence, [thing for its, thing in public if its is group]) for group in GROUPS]
    chapters.append((*BESIDES, [thing for thing in found if thing.name not in core.__all__]))
    chapters = [chapter for chapter in chapters if chapter[2]]
    lines = [HEAD, *(f"- **{title}**: {', '.join(map(_link, own))}" for title, _, own in chapters), ""]
    for title, sentence, own in chapters:
        lines.append(f"## {title}\n\n{sentence}\n")
        lines += [part for thing in own for part in _of(thing)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _of(thing: Thing) -> Iterator[str]:
    """One name with what belongs to it."""
    yield f"{'####' if thing.owner else '###'} {thing.full_name}\n"
    if thing.declaration:
        yield f"```python\n{thing.declaration}\n```\n"
    doc = thing.doc
    if doc.text:
        yield _marked(doc.text) + "\n"
    yield from _arguments(thing)
    yield from _section(doc, "Returns")
    yield from _section(doc, "Raises")
    if thing.attributes:
        title = "Attributes" if not thing.is_value else "Attributes, which are its arguments, too"
        yield f"{title}:\n"
        yield "\n".join(_item(_kinds(group, thing), entry) for group, entry in _together(thing.attributes)) + "\n"
    if thing.properties:
        yield "Read from it:\n"
        yield "\n".join(f"- `{each.name}`{_kind(each)}: {_marked(each.doc.text)}" for each in thing.properties) + "\n"
    if thing.bases:
        yield f"It has all that {', '.join(_span(f'`{base}`') for base in thing.bases)} has, too.\n"
    for method in thing.methods:
        yield from _of(method)


def _arguments(thing: Thing) -> Iterator[str]:
    """Its own arguments with their words, then the names of those that are explained elsewhere."""
    own = [argument for argument in thing.arguments if argument.told_at in ("", thing.full_name)]
    if own:
        names = "\n".join(_item([f"`{each.name}`" for each in group], entry) for group, entry in _together(own))
        yield f"Arguments:\n\n{names}\n"
    elsewhere: dict[str, list[str]] = {}
    for argument in thing.arguments:
        if argument not in own:
            elsewhere.setdefault(argument.told_at, []).append(f"`{argument.name}`")
    for place, names in elsewhere.items():
        yield f"As in [`{place}`](#{anchor(place)}): {', '.join(names)}.\n"


def _together(arguments: tuple[Argument, ...] | list[Argument]) -> list[tuple[list[Argument], Entry | None]]:
    """Arguments of which one entry speaks, beside each other."""
    groups: list[tuple[list[Argument], Entry | None]] = []
    for argument in arguments:
        known = next((group for group, entry in groups if entry is argument.entry and entry is not None), None)
        if known is None:
            groups.append(([argument], argument.entry))
        else:
            known.append(argument)
    return groups


def _item(names: list[str], entry: Entry | None) -> str:
    return f"- {', '.join(names)}: {_marked(entry.text) if entry else ''}".rstrip()


def _kinds(group: list[Argument], thing: Thing) -> list[str]:
    """Of values that people make, the signature says the kinds already."""
    return [f"`{each.name}`{'' if thing.is_value else _kind(each)}" for each in group]


def _kind(each: Argument | Thing) -> str:
    return f" (`{each.kind}`)" if each.kind else ""


def _section(doc: Docstring, title: str) -> Iterator[str]:
    section = doc.section(title)
    if section.text:
        yield f"{title}: {_marked(section.text)}\n"
    if section.entries:
        yield f"{title}:\n"
        yield "\n".join(f"- {', '.join(map(_error, e.names))}: {_marked(e.text)}" for e in section.entries) + "\n"


def _error(name: str) -> str:
    return name if name == "The rest" else _span(f"`{name}`")


def _link(thing: Thing) -> str:
    return f"[`{thing.name}`](#{anchor(thing.name)})"


def anchor(heading: str) -> str:
    """What a link within the page calls a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _marked(text: str) -> str:
    """Text of a docstring as Markdown: names of this page become links, and no sign of it is taken for a mark."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(_span(part) if part.startswith("`") else re.sub(r"([<*])", r"\\\1", part) for part in parts)


def _span(code: str) -> str:
    """A name between backticks; one of this page with a link."""
    name = code.strip("`").removeprefix("core.")
    return f"[{code}](#{anchor(name)})" if name in _headings() else code


@cache
def _headings() -> frozenset[str]:
    return frozenset(each.full_name for thing in things() for each in (thing, *thing.methods))
