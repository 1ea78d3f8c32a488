"""Runs a notebook's cells from top to bottom, without Jupyter.

    .venv/bin/python -m docs.notebooks.run

writes what came of each cell into docs/notebooks/first_map.ipynb, so that the notebook can be read before it is run.
"""

import ast
import base64
import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

from PIL import Image

NOTEBOOK = Path(__file__).parent / "first_map.ipynb"
WIDEST = 900
"""Pixels across of pictures that are kept."""


def run(notebook: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The outputs of each cell of code, in order; what a cell raises is raised.

    Args:
        notebook: as its file holds it, in format 4. Cells are plain Python: no magic, no shell.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            yield _run_cell("".join(cell["source"]), cell["id"], names)


def _run_cell(source: str, name: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    *statements, last = ast.parse(source, name).body
    printed, value = io.StringIO(), None
    is_shown = isinstance(last, ast.Expr) and not source.rstrip().endswith(";")
    with redirect_stdout(printed):
        exec(compile(ast.Module(statements + [last] * (not is_shown), []), name, "exec"), names)  # noqa: S102
        if is_shown:
            value = eval(compile(ast.Expression(last.value), name, "eval"), names)  # noqa: S307
    outputs = []
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": _lines(printed.getvalue())})
    if value is not None:
        shown = {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": _data(value)}
        outputs.append(shown)
    return outputs


def _data(value: Any) -> dict[str, Any]:
    """What Jupyter would be given to show; a plotly figure as what it is made of, without the program that draws it."""
    data: dict[str, Any] = {"text/plain": _lines(repr(value))}
    if hasattr(value, "to_plotly_json"):
        return {"text/plain": ["plotly figure"], "application/vnd.plotly.v1+json": json.loads(value.to_json())}
    if isinstance(value, Image.Image):
        data["image/jpeg"] = base64.b64encode(_small(value)).decode()
        data["text/plain"] = [f"picture of {value.width} x {value.height} pixels"]
    elif hasattr(value, "_repr_html_"):
        data["text/html"] = _lines(value._repr_html_())
    return data


def _small(picture: Image.Image) -> bytes:
    """JPEG of a width that a page has, so that the notebook stays small."""
    file = io.BytesIO()
    shown = picture.convert("RGB")
    shown.thumbnail((WIDEST, 10 * WIDEST))
    shown.save(file, "JPEG", quality=85)
    return file.getvalue()


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main() -> None:
    """Runs the notebook in an empty folder, and writes the outputs into it."""
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    os.environ.pop("FULL_SIZE_MODEL", None)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for number, (cell, outputs) in enumerate(zip(code, run(notebook), strict=True), 1):
            cell["execution_count"] = number
            cell["outputs"] = [each | {"execution_count": number} if "data" in each else each for each in outputs]
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
