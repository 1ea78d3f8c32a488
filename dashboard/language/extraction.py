"""What the code says: every message that a catalogue has to hold, read off the source and never run.

Pages mark their messages, and Babel finds them: `_("...")`, `counted("...", "...", n)`, `N_("...")`. Below the pages
nothing is marked, because nothing there knows of languages; `dashboard/language/below.py` says what is a message there.
"""

import ast
import io
from collections.abc import Iterable
from pathlib import Path

from babel.messages.extract import extract

from dashboard.language.below import dataclasses_of, handed_over, said
from dashboard.language.stored import BELOW

ROOT = Path(__file__).parents[2]

KEYWORDS = {"_": None, "N_": None, "counted": (1, 2)}

LOWER = (
    *("core", "cache"),
    *(f"dashboard/{name}" for name in ("batch", "jobs", "storage", "layer_ranges.py", "settings.py")),
)
"""What lies below the pages, and stays English."""

TITLES: dict[str, tuple[str, ...]] = {
    "core/inputs/containers/png.py": ("_meaning",),
    "core/inputs/containers/tiff.py": ("_declared",),
    "core/inputs/high_bit_depth.py": ("_range",),
    "core/inputs/other_files.py": ("_BY_FIRST_BYTES", "_kind"),
    "core/inputs/pictures.py": ("why",),
    "core/inputs/videos/kinds.py": ("_OTHER_FILMS", "_STREAM"),
    "core/schema/target.py": ("SCORES", "describe"),
    "dashboard/layer_ranges.py": ("span",),
    "dashboard/storage/damage.py": ("_CALLED", "_LEFT_OUT"),
    "dashboard/storage/maintenance.py": ("items",),
}
"""Modules below the pages, and the functions and names in each of which every text may stand on a page."""

SILENT = (
    *("core/cli", "core/gradcam.py", "core/scenes", "core/embedded"),
    *("core/evaluation/benchmark", "core/evaluation/datasets"),
    *(f"core/evaluation/protocol/{name}.py" for name in ("drawing", "log", "measuring", "plan", "report", "run")),
    *(f"core/evaluation/protocol/{name}.py" for name in ("source", "table", "workers")),
    *(f"core/rendering/paper/{name}.py" for name in ("caption", "citations")),  # what is printed in papers is English
    *("dashboard/api", "dashboard/cli", "dashboard/language", "dashboard/server", "dashboard/__main__.py"),
    *("dashboard/storage/recovery.py", "dashboard/storage/relocation.py"),
    *("dashboard/logs.py", "dashboard/traces.py", "dashboard/jobs/telemetry.py", "dashboard/jobs/worker_logging.py"),
)
"""What speaks in a terminal or in a log, and not on pages."""

Message = str | tuple[str, str]
"""What is said; for a number of things, of one and of many."""


def messages() -> dict[str, dict[Message, list[str]]]:
    """Name of a catalogue -> its messages -> where each is said, as "dashboard/ui/form/fields.py"."""
    found: dict[str, dict[Message, list[str]]] = {}
    sources = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in _modules()}
    trees = {name: ast.parse(source) for name, source in sources.items()}
    lower = {name: tree for name, tree in trees.items() if _lies_in(name, LOWER)}
    handed, dataclasses = handed_over(lower, trees), dataclasses_of(lower.values())
    for name, source in sources.items():
        if name in lower:
            _note(found, catalogue_of(name), name, said(lower[name], dataclasses, TITLES.get(name, ())))
        else:
            _note(found, catalogue_of(name), name, marked(source))
        _note(found, f"{BELOW}_{name.split('/')[0]}", name, handed.get(name, ()))
    return found


def _modules() -> list[Path]:
    every = sorted(each for top in ("core", "cache", "dashboard") for each in (ROOT / top).rglob("*.py"))
    return [path for path in every if not _lies_in(path.relative_to(ROOT).as_posix(), SILENT)]


def _note(found: dict[str, dict[Message, list[str]]], catalogue: str, place: str, said: Iterable[Message]) -> None:
    for message in said:
        places = found.setdefault(catalogue, {}).setdefault(message, [])
        if place not in places:
            places.append(place)


def catalogue_of(name: str) -> str:
    """The catalogue for a module: that of its package."""
    if _lies_in(name, LOWER):
        return f"{BELOW}_{name.split('/')[0]}"
    parts = name.removeprefix("dashboard/").removeprefix("ui/").split("/")
    return parts[0] if len(parts) > 1 else "pages"


def marked(source: str) -> list[Message]:
    """What pages say."""
    found = extract("python", io.BytesIO(source.encode()), KEYWORDS)
    return [message for _, message, _, _ in found]


def _lies_in(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}/") for place in places)
