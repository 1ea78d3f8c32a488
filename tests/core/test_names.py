"""What `core` offers by name, and what comes into memory with it."""

import runpy
import subprocess
import sys
from pathlib import Path

from PIL import Image

import core
from core.export.npz import to_npz
from tests.conftest import gradient_picture
from tests.core.explanation.results import ask, with_combined

SHOW = """
import sys
import core
result = core.load_result(sys.argv[1])
html = result._repr_html_()
assert html.count("data:image") == 2 and repr(result) and result.overlay().size == (448, 299), html[:500]
heavy = [name for name in ("torch", "transformers", "plotly", "pandas", "av", "streamlit") if name in sys.modules]
assert not heavy, heavy
"""


def test_the_names_of_core_are_its_public_ones():
    assert dir(core) == sorted(core.__all__) and {"Explainer", "Explanation", "load_result"} <= set(dir(core))
    assert [name for name in core.__all__ if getattr(core, name, None) is None] == []


def test_a_stored_result_is_shown_without_torch(tmp_path):
    (tmp_path / "result.npz").write_bytes(to_npz(with_combined(ask("a" * 64), 2, 3)))
    environment = {"PYTHONPATH": str(Path(core.__file__).parents[1]), "PATH": ""}
    command = [sys.executable, "-c", SHOW, str(tmp_path / "result.npz")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]


def test_a_map_is_drawn_in_three_lines(explainer, monkeypatch, tmp_path):
    """The beginning of the README in Python."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(core.Explainer, "from_pretrained", lambda: explainer)
    gradient_picture(56, 84).save("photo.jpg")
    (tmp_path / "three.py").write_text(
        "from core import Explainer\n"
        'result = Explainer.from_pretrained().explain("photo.jpg", "Where is the red circle?")\n'
        'result.overlay().save("overlay.png")\n'
    )
    runpy.run_path(str(tmp_path / "three.py"))
    with Image.open(tmp_path / "overlay.png") as drawn:
        assert drawn.size == (84, 56)
