"""The lines of Python in docs/exports.md are run, with stand-ins for programs that are not installed here."""

import re
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from core import Explainer
from tests.conftest import gradient_picture
from tests.core.export.others.makers import SIZE, result_of

PAGE = Path(__file__).resolve().parents[4] / "docs" / "exports.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)


class Logged(list):
    """What was logged."""

    def log(self, *told, **more):
        self.append((told, more))


@pytest.fixture
def logged(monkeypatch):
    told = Logged()

    @contextmanager
    def started(*_, **__):
        yield told

    def module(name, **contents):
        made = ModuleType(name)
        vars(made).update(contents)
        monkeypatch.setitem(sys.modules, name, made)

    class Writer(nullcontext):
        def __enter__(self):
            return SimpleNamespace(add_image=told.log)

    module("wandb", init=started, Image=lambda pixels, caption: (pixels, caption))
    module("mlflow", start_run=started, log_image=told.log)
    module("torch.utils.tensorboard", SummaryWriter=Writer)
    return told


def test_what_the_page_shows_runs(logged, monkeypatch, tmp_path):
    gradient_picture(SIZE[1], SIZE[0]).save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    explainer = SimpleNamespace(explain=lambda *_, **__: result_of())
    monkeypatch.setattr(Explainer, "from_pretrained", lambda: explainer)
    known = {}
    for block in BLOCKS:
        if "pycocotools" not in block and "fiftyone as fo" not in block:  # read files that only these programs have
            exec(block, known)  # noqa: S102 - our own page
    assert known["coco"]["images"][0]["file_name"] == "photo.jpg"
    assert known["drawn"].shape == (*SIZE[::-1], 3) and known["drawn"].dtype == np.uint8
    assert len(logged) == 3 and len(BLOCKS) == 7
