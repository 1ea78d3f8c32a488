"""Where and when a model looks: heat of one model, and how it is counted."""

import numpy as np
import pytest

from core.embedded.training import pointing as module
from core.embedded.training.pointing import heat_of, pointing
from core.scenes.clip_questions import ask_clip
from core.scenes.clips import compose_clip
from core.scenes.scene import EVALUATION_SEEDS


def test_heat_is_a_share_for_each_cell_at_each_step(untrained):
    clip = compose_clip(1, objects=2, steps=3, grid=(6, 6))
    exchange = ask_clip(clip, "appear", np.random.default_rng(0))
    heat = heat_of(untrained, clip, exchange.question, exchange.answer)
    assert heat.shape == (3, 36) and heat.min() >= 0 and heat.sum() == pytest.approx(1, abs=1e-4)
    assert np.array_equal(heat, heat_of(untrained, clip, exchange.question, exchange.answer))


def test_a_model_that_looks_right_hits_always_and_one_that_looks_everywhere_by_chance(monkeypatch):
    asked = []

    def ask(*given):
        asked.append(ask_clip(*given))
        return asked[-1]

    def grid(clip):
        return clip.steps, clip.frames.shape[1] // 28, clip.frames.shape[2] // 28

    def knowing(checkpoint, clip, question, answer):
        heat = np.zeros(grid(clip))
        for index, step in asked[-1].phrases[answer]:
            row, column = np.argwhere(clip.things[index].masks[step])[0] // 28
            heat[step, row, column] = 1
        return heat.reshape(clip.steps, -1)

    monkeypatch.setattr(module, "ask_clip", ask)
    monkeypatch.setattr(module, "heat_of", knowing)
    found = pointing(None, EVALUATION_SEEDS[:20])
    assert found["hit"] == found["time"] == 1.0 and 10 < found["clips"] < 20
    assert sum(of_kind["clips"] for of_kind in found["by_kind"].values()) == found["clips"]
    monkeypatch.setattr(module, "heat_of", lambda checkpoint, clip, *_: np.ones(grid(clip)).reshape(clip.steps, -1))
    blind = pointing(None, EVALUATION_SEEDS[:20])
    assert blind["hit"] < 0.5 and 0.2 < blind["time"] < 0.5 and blind["clips"] == found["clips"]
