"""The examples of Python in the README and in docs/python.md run as they stand there, one after the other."""

from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from core import Explainer
from core.engine.run_options import RunOptions
from core.evaluation.datasets.convert import write
from tests.conftest import gradient_picture
from tests.core.inputs.videos.films import film, grey

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README_zh.md", "docs/python.md")
NOT_RUN = {
    "The original's interface": "tests/core/test_original_calls.py runs such calls",
    "Several answers": "the small model thinks nothing aloud",
    "Boxes of the answer": "the small model writes no boxes",
    "A model with attention sinks": "it has tests of its own, and takes its time",
}
"""Heading -> why what stands under it is only read."""


def examples(page: str) -> list[tuple[str, str]]:
    """(heading, code) of each block of Python on a page."""
    heading, found = "", []
    tokens = MarkdownIt().parse((ROOT / page).read_text("utf-8"))
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            heading = token.content
        if token.type == "fence" and token.info == "python":
            found.append((heading, token.content))
    return found


@pytest.fixture
def around(explainer, tmp_path, monkeypatch) -> dict[str, Any]:
    """A folder with the files that examples speak of, and names that they take as given.

    Every model is the small one, and unless an example says otherwise it says and computes little.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Explainer, "from_pretrained", lambda *model, **options: explainer)
    for option, value in (("num_samples", 2), ("max_new_tokens", 8)):
        monkeypatch.setitem(RunOptions.__init__.__kwdefaults__, option, value)
    image = gradient_picture(112, 112)
    for name in ("photo.jpg", "before.jpg", "after.jpg"):
        image.save(name)
    Path("film.mp4").write_bytes(film(frames=54, rate=2))
    write(Path("coco"), "coco", 2)
    frames = dict(zip(("first", "second", "third", "frame"), map(grey, range(4)), strict=True))
    loaded = {"model": explainer.loaded.model, "processor": explainer.loaded.processor, "explainer": explainer}
    return frames | loaded | {"image": image, "prompt": "What?"}


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(page, around):
    blocks = [(heading, code) for heading, code in examples(page) if heading not in NOT_RUN]
    assert blocks
    for heading, code in blocks:
        exec(compile(code, f"{page}: {heading}", "exec"), around)  # noqa: S102


@pytest.mark.parametrize("heading", NOT_RUN)
def test_what_is_not_run_can_be_read(heading):
    codes = [code for title, code in examples("docs/python.md") if title == heading]
    assert codes and all(compile(code, heading, "exec") for code in codes)
