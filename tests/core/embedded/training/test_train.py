"""The training run: its learning rate, its record, and a first step."""

import json

import numpy as np
import pytest
import torch

from core.embedded.training import train as training
from core.embedded.training.architecture import build_model
from core.embedded.training.tokenizer import build_tokenizer
from core.embedded.training.train import Recipe, rate, train


def test_the_learning_rate_rises_stays_and_falls():
    recipe = Recipe(steps=1000, warmup=100)
    assert rate(0, recipe) == pytest.approx(0.01)
    assert rate(100, recipe) == rate(499, recipe) == 1.0
    assert rate(750, recipe) == pytest.approx(0.5)
    assert rate(1000, recipe) == pytest.approx(0.0)


def test_a_run_of_one_step_writes_a_checkpoint_that_differs_from_its_start(tmp_path):
    model = train(Recipe(steps=1, warmup=1), tmp_path)
    start = build_model(build_tokenizer(), Recipe.seed)
    assert (tmp_path / "model.safetensors").exists()
    moved = [not torch.equal(a, b) for a, b in zip(model.parameters(), start.parameters(), strict=True)]
    assert np.mean(moved) > 0.9


def test_the_command_writes_how_the_checkpoint_was_trained(monkeypatch, tmp_path, capsys):
    asked = []
    monkeypatch.setattr("sys.argv", ["train", "--steps", "3", "--seed", "5", "--output", str(tmp_path)])
    monkeypatch.setattr(training, "train", lambda recipe, folder: asked.append((recipe, folder)))
    monkeypatch.setattr(training, "measure", lambda folder, scenes: {"where": {"exact": 1.0, "tokens": 1.0}})
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    training.main()
    assert asked == [(Recipe(steps=3, seed=5), tmp_path)]
    record = json.loads((tmp_path / "training.json").read_text("utf-8"))
    assert record["recipe"]["steps"] == 3 and record["recipe"]["seed"] == 5
    assert record["held_out"] == {"where": {"exact": 1.0, "tokens": 1.0}}
    assert json.loads(capsys.readouterr().out) == record
