"""Held-out accuracy: how it is counted, of what, and how much can be asked for."""

import json

import pytest
import torch

from core.embedded.training import evaluate
from core.embedded.training.evaluate import measure
from core.scenes.scene import EVALUATION_SEEDS
from core.scenes.wording import KINDS


def test_answers_and_tokens_are_counted_by_kind(monkeypatch, tmp_path):
    """A model that says every answer but the descriptions, and of each reads one token of two right."""
    monkeypatch.setattr(evaluate, "load", lambda folder: folder)
    truth = {}

    def sampled(seed, kind):
        assert seed in EVALUATION_SEEDS
        truth[seed] = kind
        return Scene(seed)

    class Scene:
        def __init__(self, seed):
            self.image, self.question, self.answer = seed, "?", f"answer {seed}"

    def said(folder, image, question):
        return "wrong" if truth[image].startswith("describe") else f"answer {image}"

    monkeypatch.setattr(evaluate, "sample", sampled)
    monkeypatch.setattr(evaluate, "answer", said)
    half = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1])
    monkeypatch.setattr(evaluate, "read_answer", lambda *_: half)
    found = measure(tmp_path, 3)
    assert list(found) == list(KINDS) and len(truth) == 3 * len(KINDS)
    for kind, figures in found.items():
        assert figures == {"exact": 0.0 if kind.startswith("describe") else 1.0, "tokens": 0.5}


def test_more_scenes_than_there_are_seeds_are_refused(tmp_path):
    most = len(EVALUATION_SEEDS) // len(KINDS)
    with pytest.raises(ValueError, match=f"at most {most} scenes of a kind, not {most + 1}"):
        measure(tmp_path, most + 1)


def test_the_command_prints_json(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["evaluate", "--scenes", "2"])
    monkeypatch.setattr(evaluate, "measure", lambda folder, scenes: {"where": {"exact": scenes / 2}})
    evaluate.main()
    assert json.loads(capsys.readouterr().out) == {"where": {"exact": 1.0}}
