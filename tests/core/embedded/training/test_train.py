"""The training run: its record, a first step, and going on with it."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from core.embedded.training import curriculum
from core.embedded.training import train as training
from core.embedded.training.architecture import build_model
from core.embedded.training.recipe import Recipe
from core.embedded.training.state import Standing
from core.embedded.training.tokenizer import build_tokenizer
from core.embedded.training.train import STATE, train
from core.scenes.unfamiliar.photographs import HELD_OUT_PHOTOGRAPHS, TRAINING_PHOTOGRAPHS

COLD = Recipe(steps=1, warmup=1, warm=False)


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "packages"
    for name in (TRAINING_PHOTOGRAPHS[0], HELD_OUT_PHOTOGRAPHS[0]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise((64, 64), 80).convert("RGB").save(folder / name)
    return folder


def test_a_run_of_one_step_writes_a_checkpoint_and_goes_on_from_its_state(tmp_path, monkeypatch):
    monkeypatch.setattr(curriculum, "PICTURES_PER_STEP", 3)
    model, standing = train(Standing(COLD), tmp_path)
    start = build_model(build_tokenizer(), COLD.seed)
    assert (tmp_path / "model.safetensors").exists() and standing.step == 1 and standing.seconds > 0
    moved = [not torch.equal(a, b) for a, b in zip(model.parameters(), start.parameters(), strict=True)]
    assert np.mean(moved) > 0.9
    longer = Standing(Recipe(steps=2, warmup=1, warm=False), standing.step, standing.seconds)
    further, standing = train(longer, tmp_path)
    assert standing.step == 2
    # Its last step has next to no learning rate, and so stays where the first one led.
    for one, other in zip(model.parameters(), further.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=0.05, rtol=0.2)
    assert (tmp_path / STATE / "state.safetensors").exists()


def run(monkeypatch, *arguments: str) -> list[tuple]:
    asked = []

    def trained(standing, folder, photographs):
        asked.append((standing, folder, len(photographs)))
        return None, Standing(standing.recipe, 7, 120.0)

    monkeypatch.setattr("sys.argv", ["train", *arguments])
    monkeypatch.setattr(training, "train", trained)
    found = {"held_out": {"where": {"exact": 1.0, "tokens": 1.0}}}
    monkeypatch.setattr(training, "measure", lambda folder, scenes, photographs: found)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    training.main()
    return asked


def test_the_command_writes_how_the_checkpoint_was_trained(monkeypatch, tmp_path, photographs, capsys):
    (tmp_path / "new").mkdir()
    given = ("--output", str(tmp_path / "new"), "--photographs", str(photographs))
    asked = run(monkeypatch, *given, "--minutes", "3", "--seed", "5", "--cold")
    assert asked == [(Standing(Recipe(minutes=3, seed=5, warm=False)), tmp_path / "new", 1)]
    record = json.loads((tmp_path / "new/training.json").read_text("utf-8"))
    assert record["recipe"]["minutes"] == 3 and record["steps"] == 7 and record["training_minutes"] == 2
    assert record["held_out"] == {"where": {"exact": 1.0, "tokens": 1.0}} and record["photographs"] == 1
    said = capsys.readouterr().out
    assert said.startswith("1 photographs to learn from, ") and json.loads(said.split("\n", 1)[1]) == record


def test_the_command_goes_on_with_a_run(monkeypatch, tmp_path, photographs, capsys):
    given = ("--output", str(tmp_path), "--photographs", str(photographs), "--resume")
    with pytest.raises(SystemExit):
        run(monkeypatch, *given)
    assert "no run was saved in" in capsys.readouterr().err
    state = tmp_path / STATE
    state.mkdir()
    recipe = {**vars(Recipe(minutes=9, seed=4))}
    (state / "state.json").write_text(json.dumps({"recipe": recipe, "step": 40, "seconds": 60.0}))
    assert run(monkeypatch, *given)[0][0] == Standing(Recipe(minutes=9, seed=4), 40, 60.0)
    assert run(monkeypatch, *given, "--minutes", "20")[0][0].recipe == Recipe(minutes=20, seed=4)


def test_without_photographs_nothing_is_trained(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(training, "find", lambda names, folders: [])
    with pytest.raises(SystemExit):
        run(monkeypatch, "--output", str(tmp_path))
    assert "no photographs were found; install some of scikit-image" in capsys.readouterr().err
