"""Modules of JavaScript become one script."""

import re
from pathlib import Path

from dashboard.ui.drawing import scripts
from dashboard.ui.drawing.scripts import joined
from tests.some import some


def test_imports_and_exports_by_name_go_and_the_rest_stays(tmp_path):
    one, other = tmp_path / "one.js", tmp_path / "other.js"
    one.write_text("export const MOST = 3\nexport function twice(x) {\n  return 2 * x // export const\n}\n")
    other.write_text('import { twice } from "./one.js"\nexport default function () { return twice(MOST) }\n')
    assert joined(one, other) == (
        "const MOST = 3\nfunction twice(x) {\n  return 2 * x // export const\n}\n\n"
        "export default function () { return twice(MOST) }\n"
    )


def test_what_a_view_listens_to_ends_with_it():
    """A listener that ends with a signal is never told of the signal's end: one module knows how it is done."""
    everywhere = Path(scripts.__file__).parents[2]
    files = [path for path in everywhere.rglob("*.js") if path.name != "ending.js"]
    texts = {path.name: path.read_text("utf-8") for path in some(files)}
    assert not [name for name, text in texts.items() if re.search(r"""on\(signal,|["']abort["']""", text)]
    named = {name: text for name, text in texts.items() if "listening(signal)" in text}
    assert set(named) == {"viewer.js", "panes.js", "swipe.js", "zooms.js"}
    assert not [name for name, text in named.items() if "addEventListener" in text]
    assert "function whenOver" in joined(*scripts.LOOKING)
