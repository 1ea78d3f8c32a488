"""Docstrings as this project writes them -> their parts: text, and entries of Args, Attributes, Returns and Raises.

One entry may name several things ("num_samples, noise_std: ..."), and a section may be one sentence ("Raises: as
`explain`."), which readers of Google's style do not expect.
"""

import re
from dataclasses import dataclass, field
from inspect import cleandoc

SECTIONS = ("Args", "Attributes", "Returns", "Raises")

_SECTION = re.compile(rf"^({'|'.join(SECTIONS)}):(?: (.+))?$")
_ENTRY = re.compile(r"^(The rest|\w+(?:, \w+)*):(?: (.+))?$")


@dataclass(frozen=True)
class Entry:
    """What is said of one name, or of several at once.

    Attributes:
        names: of arguments, attributes or errors.
        text: on one line.
    """

    names: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Section:
    """One part of a docstring.

    Attributes:
        entries: what is said of single names, in order.
        text: what is said besides, on one line; "" where there is nothing.
    """

    entries: tuple[Entry, ...] = ()
    text: str = ""

    def of(self, name: str) -> Entry | None:
        """The entry that names this."""
        return next((entry for entry in self.entries if name in entry.names), None)


@dataclass(frozen=True)
class Docstring:
    """What is written of one thing.

    Attributes:
        text: what stands before the sections; paragraphs are apart by an empty line.
        sections: the others, by their title.
    """

    text: str
    sections: dict[str, Section] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The first sentence."""
        first = self.text.split("\n\n")[0]
        return re.split(r"(?<=[.:;])\s", first, maxsplit=1)[0].rstrip(":;.") + "." if first else ""

    def section(self, title: str) -> Section:
        """One of `SECTIONS`; an empty one where it was left out."""
        return self.sections.get(title, Section())


def read(docstring: str | None) -> Docstring:
    """The parts of a docstring; of None, nothing."""
    before: list[str] = []
    blocks: dict[str, list[str]] = {}
    into = before
    for line in cleandoc(docstring or "").splitlines():
        if found := _SECTION.match(line):
            into = blocks[found[1]] = [found[2]] if found[2] else []
        elif line.strip() and not line.startswith(" ") and into is not before:
            into = before  # text that follows a section
            before += ["", line]
        else:
            into.append(line)
    sections = {title: _section(title, lines) for title, lines in blocks.items()}
    return Docstring(_paragraphs(before), sections)


def _section(title: str, lines: list[str]) -> Section:
    block = cleandoc("\n" + "\n".join(lines)).splitlines()
    if title == "Returns":
        return Section(text=_on_one_line(block))
    entries: list[tuple[tuple[str, ...], list[str]]] = []
    rest: list[str] = []
    for line in block:
        if found := _ENTRY.match(line):
            entries.append((tuple(found[1].split(", ")), [found[2] or ""]))
        elif entries:
            entries[-1][1].append(line)
        else:
            rest.append(line)
    return Section(tuple(Entry(names, _on_one_line(each)) for names, each in entries), _on_one_line(rest))


def _on_one_line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


def _paragraphs(lines: list[str]) -> str:
    """Text whose paragraphs are one line each; what is indented, or a list, keeps its lines."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))
    return "\n\n".join(
        each if re.search(r"^(?: {4}|- )", each, re.M) else _on_one_line(each.splitlines()) for each in paragraphs
    )
