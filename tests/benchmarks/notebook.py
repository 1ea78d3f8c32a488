"""How long a stored result takes to be shown, from nothing. Run by hand: `python -m tests.benchmarks.notebook`.

A process of its own each time: `import core`, `core.load_result`, and what a notebook shows of it. Beside it the import
alone, and an empty Python. The bar is half a second. The result is of 36 layers over a picture of 1280 x 960 pixels.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from core import Answer, ExplainRequest, ExplainResult, Token, load_picture
from core.explanation.explanation import explained

BAR = 0.5
TIMES = 7
SHOW = "import sys, core; core.load_result(sys.argv[1])._repr_html_(); assert 'torch' not in sys.modules"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder))
        for what, code in (("empty Python", ""), ("import core", "import core"), ("a result as HTML", SHOW)):
            print(f"{what:17s} {median(_seconds(code, folder) for _ in range(TIMES)):.2f} s")
    print(f"The bar for the last is {BAR} s.")


def store(folder: Path) -> None:
    """Saves a result of the size of a 3B model's."""
    random = np.random.default_rng(0)
    picture = load_picture(Image.fromarray(random.integers(0, 256, (960, 1280, 3), np.uint8)))
    request = ExplainRequest(image=picture.digest, prompt="What is there?", model="m", layers=tuple(range(36)))
    answer = Answer("noise", (Token(1, "noise", 0.5, (), 0, 5),))

    def result(asked: ExplainRequest, **more) -> ExplainResult:
        heat = random.random((len(asked.maps), 34, 46), np.float32)
        return ExplainResult(asked, answer, heat, heat / 100, 10, 36, {"answer": 1.0, "samples": 9.0}, **more)

    whole = result(request, companions={"combined": result(request.with_method("combined", ()))})
    explained(whole, [picture]).save(folder)


def _seconds(code: str, folder: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, folder], check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
