"""Scripts of components, written as modules that import each other; a component takes a single one."""

import re
from pathlib import Path

_HERE = Path(__file__)
DRAWING = tuple(_HERE.with_name(f"{name}.js") for name in ("heat", "packet", "paint"))
"""What draws a packet's maps; each needs those before it."""
VALUES = _HERE.with_name("values.js")
"""How values are written, which needs nothing else."""
LOOKING = (VALUES, *(_HERE.with_name(f"{name}.js") for name in ("ending", "look", "zoom")))
"""How somebody looks at what is drawn, for as long as they do, and the address that says it; likewise."""

_IMPORT = re.compile(r"^import .*$\n?", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(const|let|function|async function|class) )", re.MULTILINE)


def joined(*files: Path) -> str:
    """The text of modules as one: what they export to each other by name is simply there."""
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", file.read_text("utf-8"))) for file in files)
