"""What a run is taken away with computes the same numbers again: by the command line and in Python."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core import ExplainRequest, load_picture
from core.engine.model_pool import ModelPool
from core.scenes.scene import sample
from core.schema.target import Target
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.jobs.runner import compute
from dashboard.services import open
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.view import View

ROOT = Path(__file__).parents[3]


@pytest.fixture(
    params=[
        {"prompt": "Where is 'it'? $HOME `id` \\n -x 左上", "layers": (1, 4, 6), "num_samples": 3, "seed": 5},
        {"prompt": "What is here?", "method": "combined", "layers": (), "target": Target.tokens(0, 2, score="logprob")},
        {"prompt": "What is here?", "part": "tower", "layers": (0, 3), "tap": "output"},
        {"prompt": "What?", "layers": (2,), "noise_std": 0.0, "num_samples": 1, "target": Target.text("It's red.")},
    ],
    ids=["layers", "combined", "blocks", "sentence"],
)
def folder(request, ask, card, storage, tmp_path) -> Path:
    """An unpacked ZIP of a run of the embedded model, stored and read again."""
    data = io.BytesIO()
    sample(1_700_201, "where").image.save(data, "PNG")
    chosen = ChosenPicture("; rm -rf ~.png", data.getvalue(), load_picture(data.getvalue()))
    asked = ExplainRequest(
        image=chosen.picture.digest, model=card.fingerprint, **{"max_new_tokens": 4, "num_samples": 4, **request.param}
    )
    outcome = compute(Question(asked, chosen, card), lambda progress: None, storage=storage, backend=ModelPool(1))
    run = open.open_run(outcome.id)
    with zipfile.ZipFile(io.BytesIO(exports.archive(run, View(layer=None)))) as file:
        file.extractall(tmp_path / "taken")
    return tmp_path / "taken"


def execute(*command: str, folder: Path) -> str:
    """What a program printed, with this checkout installed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_and_the_python_lines_give_the_stored_numbers(folder):
    execute("bash", "reproduce.sh", folder=folder)
    (again,) = (folder / "cam_results").glob("*/result.npz")
    with np.load(folder / "result.npz") as stored, np.load(again) as computed:
        assert set(stored.files) == set(computed.files)
        for name in set(stored.files) - {"description"}:
            assert np.allclose(stored[name], computed[name], rtol=1e-4, atol=1e-5 * stored["heat"].max()), name
    said = execute(sys.executable, "reproduce.py", folder=folder)
    assert float(said.split(":")[1].split()[0]) < 1e-4
