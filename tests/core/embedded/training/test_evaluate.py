"""Held-out accuracy: how it is counted, of what, and how much can be asked for."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from core.embedded import CHECKPOINT
from core.embedded.training import evaluate
from core.embedded.training.evaluate import measure, measure_pairs
from core.scenes.clip_wording import CLIP_KINDS
from core.scenes.clips import Clip
from core.scenes.scene import EVALUATION_SEEDS
from core.scenes.sentences import HONEST, HONEST_ZH, is_chinese
from core.scenes.wording import KINDS


@pytest.fixture
def photographs(tmp_path):
    path = tmp_path / "noise.png"
    Image.effect_noise((200, 200), 80).convert("RGB").save(path)
    return [path]


class Scene:
    def __init__(self, seed):
        self.image, self.question, self.answer = seed, "?", f"answer {seed}"
        self.frames, self.rate = np.full((2, 1, 1, 3), seed), 2.0


def test_answers_and_tokens_are_counted_by_kind(monkeypatch, tmp_path):
    """A model that says every answer but the descriptions, and of each reads one token of two right."""
    monkeypatch.setattr(evaluate, "load", lambda folder: folder)
    truth = {}

    def sampled(seed, kind):
        assert seed in EVALUATION_SEEDS
        truth[seed, kind in KINDS] = kind
        return Scene(seed)

    def said(folder, seen, question):
        of_clip = isinstance(seen, Clip)
        seed = int(seen.frames[0, 0, 0, 0]) if of_clip else seen
        kind = truth[seed, not of_clip]
        return "wrong" if kind.startswith(("describe", "happens")) else f"answer {seed}"

    monkeypatch.setattr(evaluate, "sample", sampled)
    monkeypatch.setattr(evaluate, "sample_clip", sampled)
    monkeypatch.setattr(evaluate, "answer", said)
    monkeypatch.setattr(evaluate, "pointing", lambda checkpoint, seeds: {"clips": len(seeds)})
    half = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1])
    monkeypatch.setattr(evaluate, "read_answer", lambda *_: half)
    found = measure(tmp_path, 3)
    assert list(found) == ["held_out", "held_out_clips", "pointing"] and found["pointing"] == {"clips": 250}
    assert list(found["held_out"]) == list(KINDS) and list(found["held_out_clips"]) == list(CLIP_KINDS)
    assert len(truth) == 3 * (len(KINDS) + len(CLIP_KINDS))
    for kind, figures in {**found["held_out"], **found["held_out_clips"]}.items():
        described = kind.startswith(("describe", "happens"))
        assert figures == {"exact": 0.0 if described else 1.0, "tokens": 0.5}


def test_pairs_are_judged_by_the_grammar_and_by_what_was_hoped_for(monkeypatch, photographs):
    """A model that says the honest sentence to everything, and in Chinese does not come to an end."""

    def said(checkpoint, seen, prompt):
        return (f"{HONEST_ZH}{HONEST_ZH}", False) if is_chinese(prompt) else (HONEST, True)

    monkeypatch.setattr(evaluate, "say", said)
    found = measure_pairs(None, photographs, 60)
    assert found["pairs"] == 60 and found["at_limit"] == 60 - round(60 * found["grammatical"])
    assert 0 < found["grammatical"] < 1 and found["right"] < found["grammatical"]
    assert set(found["by_style"]) == {"photograph", "scene", "texture or layout"}
    assert found["by_style"]["scene"]["right"] == 0 < found["by_style"]["scene"]["grammatical"]
    assert len(found["examples"]) == 12 and all(is_chinese(example["prompt"]) for example in found["examples"])


def test_more_scenes_than_there_are_seeds_are_refused(tmp_path):
    most = len(EVALUATION_SEEDS) // len(CLIP_KINDS)
    with pytest.raises(ValueError, match=f"at most {most} scenes of a kind, not {most + 1}"):
        measure(tmp_path, most + 1)


def test_the_command_prints_json_or_a_table(monkeypatch, capsys):
    def measured(folder, scenes, photographs):
        return {"held_out": {"where": {"exact": scenes / 2, "tokens": 1.0}}}

    monkeypatch.setattr(evaluate, "measure", measured)
    monkeypatch.setattr("sys.argv", ["evaluate", "--scenes", "1"])
    evaluate.main()
    assert json.loads(capsys.readouterr().out) == measured(None, 1, ())
    monkeypatch.setattr("sys.argv", ["evaluate", "--scenes", "1", "--table"])
    evaluate.main()
    shipped = json.loads((CHECKPOINT / "training.json").read_text("utf-8"))["held_out"]["where"]["exact"]
    assert f"| where | {shipped:.1%} | 50.0% | 100.0% |" in capsys.readouterr().out
