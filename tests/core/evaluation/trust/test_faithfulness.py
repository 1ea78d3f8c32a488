"""Taking a picture apart: against slow, obvious loops on the embedded model."""

import numpy as np
import pytest
import torch

from core.analysis.objects import cells_of
from core.evaluation.trust.baselines import BASELINES
from core.evaluation.trust.faithfulness import (
    ORDERS,
    STEPS,
    both_ways,
    curves,
    passes,
    probabilities_without,
    probability,
)
from core.inference.forward import answer_logits, build_sequence, encode, resolve_target
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.hooks import frozen
from core.scenes.scene import sample
from core.schema.target import Target
from tests.core.patches import from_picture, to_picture

SCENE = sample(1_900_003, kind="where", objects=3)


@pytest.fixture(scope="module")
def ready(explainer):
    """(loaded, sequence, target, pixels, cells of the object that the right answer speaks of)."""
    loaded, picture = explainer.loaded, load_picture(SCENE.image)
    answer = explainer.answer(picture, SCENE.question, max_new_tokens=8)
    assert answer.text == SCENE.answer
    prepared = prepare(loaded, picture, SCENE.question)
    with frozen(loaded.model):
        sequence, target = build_sequence(loaded, prepared, answer), resolve_target(loaded, Target.answer(), answer)
        yield (
            loaded,
            sequence,
            target,
            prepared.pixel_values,
            cells_of(SCENE.masks[SCENE.answer], sequence.layouts[0].grid),
        )


def test_probability_by_hand():
    # Token 0 has probability 1/2 and token 1 has 1/8: the geometric mean is 1/4.
    logits = torch.tensor([[[0.5, 0.5], [0.875, 0.125]]]).log()
    assert probability(logits, torch.tensor([0, 1])).tolist() == pytest.approx([0.25])


def test_pictures_and_patches_are_each_others_inverse(ready):
    loaded, sequence, _, pixels, _ = ready
    picture = to_picture(pixels, sequence.layouts[0].grid)
    assert picture.shape == (SCENE.image.height, SCENE.image.width, 3)
    assert torch.equal(from_picture(picture, pixels, sequence.layouts[0].grid), pixels)
    # The processor's normalisation, turned round, gives the scene's own pixels.
    of = loaded.processor.image_processor
    shown = (picture * np.array(of.image_std) + np.array(of.image_mean)) * 255
    assert np.abs(shown - np.asarray(SCENE.image.convert("RGB"))).max() < 1e-3


def slow_baseline(loaded, sequence, pixels, surface, baseline):
    """What a cell is and what it is replaced with, [cells, ...] each."""
    grid, cells = sequence.layouts[0].grid, sequence.cells
    if surface == "tokens":
        with torch.no_grad():
            whole = encode(loaded, sequence, pixels[None])[0]
        return whole, torch.from_numpy(BASELINES[baseline](whole.numpy().reshape(*grid, -1), grid).reshape(cells, -1))
    replacement = from_picture(BASELINES[baseline](to_picture(pixels, grid), grid), pixels, grid)
    return pixels.reshape(cells, -1), replacement.reshape(cells, -1)


@pytest.mark.parametrize(("surface", "baseline"), [("tokens", "mean"), ("tokens", "blur"), ("pixels", "mean")])
def test_probabilities_equal_one_picture_at_a_time(ready, surface, baseline):
    loaded, sequence, target, pixels, cells = ready
    removed = np.zeros((3, cells.size), bool)
    removed[1] = cells.ravel()
    removed[2] = True
    found = probabilities_without(loaded, sequence, target, pixels, removed, surface, baseline)
    whole, replacement = slow_baseline(loaded, sequence, pixels, surface, baseline)
    for row, gone in zip(found, removed, strict=True):
        mixed = whole.clone()
        for cell in np.flatnonzero(gone):
            mixed[cell] = replacement[cell]
        with torch.no_grad():
            features = mixed[None] if surface == "tokens" else encode(loaded, sequence, mixed.reshape(1, *pixels.shape))
            logits = answer_logits(loaded, sequence, features, target.indices)
        assert row == pytest.approx(float(probability(logits, sequence.answer[target.indices])), rel=1e-3, abs=1e-6)
    assert found[0] > 0.5 > found[2]  # without any picture, the answer is no longer likely


def test_chunks_do_not_change_the_probabilities(ready, monkeypatch):
    loaded, sequence, target, pixels, cells = ready
    removed = both_ways(cells.astype(float))[0]
    together = probabilities_without(loaded, sequence, target, pixels, removed)
    ticks = []
    monkeypatch.setattr("core.memory.out_of_memory.CHUNK_TOKENS", {"cpu": 1})
    alone = probabilities_without(loaded, sequence, target, pixels, removed, tick=ticks.append)
    np.testing.assert_allclose(alone, together, rtol=1e-3, atol=1e-6)
    assert ticks == list(range(1, len(np.unique(removed, axis=0)) + 1))


def test_the_true_mask_beats_orders_that_know_nothing(ready):
    loaded, sequence, target, pixels, cells = ready
    asked = []
    got = curves(loaded, sequence, target, pixels, cells.astype(float), tick=asked.append)
    assert got.deletion_area < min(got.random_areas) and got.insertion_area > max(got.random_areas)
    assert got.fractions[0] == 0 and got.fractions[-1] == 1 and len(got.deletion) == STEPS + 1
    assert got.deletion[0] == got.insertion[0] == got.random[0] == pytest.approx(got.centre[0])
    assert got.deletion[-1] == got.insertion[-1]
    assert len(got.random_areas) == len(got.centre_areas) == ORDERS
    assert asked[-1] <= passes()


def test_what_tick_raises_stops_the_work(ready):
    loaded, sequence, target, pixels, cells = ready

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        curves(loaded, sequence, target, pixels, cells.astype(float), tick=stop)
