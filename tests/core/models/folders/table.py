"""The kinds of folders that people have, and what becomes of each: `docs/models.md`.

Every module of `tests.core.models.folders.kinds` holds some: `TITLE`, a heading, and `KINDS`, a list of `Kind`. To add
a kind, add a `Kind` to a list, or a module beside the others; then `python -m tests.core.models.folders` writes the
table anew, and `test_table.py` holds each row to what happens.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from core.errors import ExplainError
from core.models.checkpoints import describe_model
from core.models.loading import LoadedModel, load_model
from tests.core.models.folders import kinds

PAGE = Path(__file__).parents[4] / "docs" / "models.md"
LOADS = "loads"
_BEGIN, _END = "<!-- kinds: written by `python -m tests.core.models.folders` -->", "<!-- end of kinds -->"


@dataclass(frozen=True)
class Kind:
    """A kind of folder.

    Attributes:
        name: what people have, as a noun: "a folder with half a shard". It names the row, and is there once.
        make: an empty folder, and what puts settings back afterwards -> what is given as the model, a folder or a hub
            id. It builds what that takes under the folder.
        refused: the beginning of the sentence that refuses it, or a part of it; "" where it loads.
        shown_as: what the model is called where it loads; "" for the folder's own name.
        check: looks at the loaded model, with assertions, and returns what of it the row says, such as "maps equal
            those of the plain folder within 1e-5"; None where there is no more to say than that it loads.
        at_load: whether it is refused only when it is loaded. Prefer what is found before, by `describe_model`: the
            page says it before anybody presses Run.
    """

    name: str
    make: Callable[[Path, pytest.MonkeyPatch], Path | str]
    refused: str = ""
    shown_as: str = ""
    check: Callable[[LoadedModel], str] | None = None
    at_load: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a kind.

    Attributes:
        said: the sentence that refused it, or what `check` said, or "".
        when: "described" or "loaded", where it was refused; "" where it was not.
        name: what the model is called, where it could be described.
    """

    said: str
    when: str
    name: str

    @property
    def words(self) -> str:
        """The row's last cell."""
        if self.when:
            return f"refused when {self.when}: {self.said}"
        return f"{LOADS} as {self.name}{self.said and '; '}{self.said}"


def modules() -> list[ModuleType]:
    """Those that hold kinds, by their headings."""
    names = [module.name for module in pkgutil.iter_modules(kinds.__path__)]
    found = [importlib.import_module(f"{kinds.__name__}.{name}") for name in names]
    return sorted(found, key=lambda module: module.TITLE)


def all_kinds() -> list[Kind]:
    """In the order of the table."""
    return [kind for module in modules() for kind in module.KINDS]


def outcome_of(kind: Kind, folder: Path) -> Outcome:
    """Builds one in an empty folder, gives it as a model on the CPU, and tells what happens.

    Other errors than those meant for people pass: there must be none.
    """
    with pytest.MonkeyPatch.context() as patch:
        given = kind.make(folder, patch)
        name, when = "", "described"
        try:
            card = describe_model(given, device="cpu")
            name, when = card.name, "loaded"
            loaded = load_model(card)
        except ExplainError as error:
            return Outcome(_without_paths(str(error), folder), when, name)
        return Outcome(kind.check(loaded) if kind.check else "", "", name)


def _without_paths(sentence: str, folder: Path) -> str:
    """A sentence as everybody would read it: folders of this run are called FOLDER, sizes N, and its hub HUB."""
    sentence = re.sub("'?" + re.escape(str(folder)) + r"[^\s,;:()'…]*['…]?", "FOLDER", sentence)
    sentence = re.sub(r"http://127\.0\.0\.1:\d+", "HUB", sentence)
    return re.sub(r"\d{1,3}(,\d{3})+", "N", sentence)


def table(outcomes: dict[str, Outcome]) -> str:
    """All kinds as Markdown, a table for each heading."""
    lines = []
    for module in modules():
        lines += [f"### {module.TITLE}", "", "| what people have | what happens |", "|---|---|"]
        lines += [f"| {kind.name} | {outcomes[kind.name].words.replace('|', '/')} |" for kind in module.KINDS]
        lines.append("")
    return "\n".join(lines)


def in_page() -> str:
    """The table as it stands in the page."""
    return PAGE.read_text("utf-8").split(_BEGIN)[1].split(_END)[0].strip() + "\n"


def write(outcomes: dict[str, Outcome]) -> None:
    """Puts the table into the page."""
    before, rest = PAGE.read_text("utf-8").split(_BEGIN)
    _, after = rest.split(_END)
    PAGE.write_text(f"{before}{_BEGIN}\n\n{table(outcomes)}\n{_END}{after}", "utf-8")
