"""Scrambled models, shuffled answers and blank pictures: what changes, and that all is as before."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core import Cancelled, Explainer
from core.engine.moments import Moments
from core.evaluation.trust import sanity
from core.evaluation.trust.sanity import blank_picture, cascade_steps, check_sanity, scrambled, shuffled_answer
from core.inference.forward import answer_logits, build_sequence, encode, resolve_target
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.hooks import frozen
from core.scenes.scene import sample
from core.schema import Answer, ExplainRequest, Token
from core.schema.target import Target
from tests.core.patches import to_picture
from tests.some import some

SCENE = sample(1_900_003, kind="where", objects=3)


def prepared_scene(explainer, scene):
    """(loaded, prepared, answer, request by the combined map)."""
    picture = load_picture(scene.image)
    answer = explainer.answer(picture, scene.question, max_new_tokens=8)
    loaded = explainer.loaded
    request = ExplainRequest(
        image=picture.digest, prompt=scene.question, model=loaded.fingerprint, layers=(), method="combined"
    )
    return loaded, prepare(loaded, picture, scene.question), answer, request


@pytest.fixture(scope="module")
def ready(explainer):
    with frozen(explainer.loaded.model):
        yield prepared_scene(explainer, SCENE)


def weights(loaded):
    return {name: value.clone() for name, value in loaded.model.state_dict().items()}


def logits(loaded, prepared, answer):
    sequence = build_sequence(loaded, prepared, answer)
    with torch.no_grad():
        features = encode(loaded, sequence, prepared.pixel_values[None])
        return answer_logits(loaded, sequence, features, resolve_target(loaded, Target.answer(), answer).indices)


def test_weights_are_shuffled_inside_and_bit_for_bit_the_same_outside(ready):
    loaded, prepared, answer, _ = ready
    before, said = weights(loaded), logits(loaded, prepared, answer)
    with scrambled(list(loaded.layers)[-2:], seed=3):
        inside = weights(loaded)
        assert not torch.allclose(logits(loaded, prepared, answer), said, atol=0.1)
    changed = {name for name in before if not torch.equal(before[name], inside[name])}
    assert changed and all(".layers.6." in name or ".layers.7." in name for name in changed)
    for name in changed:  # the same numbers in another order
        assert torch.equal(before[name].flatten().sort().values, inside[name].flatten().sort().values)
    after = weights(loaded)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_weights_come_back_whatever_happens(ready):
    loaded, prepared, answer, request = ready
    before, count = weights(loaded), 0

    def cancel():
        nonlocal count
        count += 1
        if count == 4:  # in the midst of the cascade
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        check_sanity(loaded, prepared, answer, request, tick=cancel)
    after = weights(loaded)
    assert count == 4 and all(torch.equal(before[name], after[name]) for name in before)


def test_a_matrix_is_shuffled_by_rows_and_columns():
    layer = nn.Linear(3, 4)
    before = layer.weight.clone()
    with scrambled([layer], seed=1):
        rows = {tuple(sorted(row)) for row in layer.weight.tolist()}
        assert not torch.equal(layer.weight, before)
    assert rows == {tuple(sorted(row)) for row in before.tolist()}
    assert torch.equal(layer.weight, before)


def test_stages_go_from_the_last_layer_to_all():
    assert cascade_steps(36) == (1, 9, 18, 36)
    assert cascade_steps(8) == (1, 2, 4, 8)
    assert cascade_steps(2) == (1, 2) and cascade_steps(1) == (1,)


def test_true_maps_depend_on_the_model_and_on_the_picture(explainer):
    """On average: of one scene the map of one colour may lie where the object happens to be."""
    with frozen(explainer.loaded.model):
        scenes = (sample(seed, kind="where", objects=3) for seed in range(1_910_000, 1_910_006))
        found = [check_sanity(*prepared_scene(explainer, scene)) for scene in scenes]
    assert np.mean([one.cascade[-2:] for one in some(found)]) < 0.4
    assert np.mean([one.blank for one in found]) < 0.4


def test_a_map_that_ignores_the_answer_stays_when_the_answer_is_shuffled(ready):
    loaded, prepared, answer, request = ready
    ticks = []
    found = check_sanity(loaded, prepared, answer, request, tick=lambda: ticks.append(1))
    assert found.layers == (1, 2, 4, 8) and len(found.cascade) == 4
    assert len(ticks) == sanity.PASSES
    peak = check_sanity(loaded, prepared, answer, request.with_method("activation_peak", (4,)))
    assert found.shuffled < 0.9 and peak.shuffled == pytest.approx(1.0)


def test_a_map_of_edges_passes_for_what_it_is(ready, monkeypatch):
    loaded, prepared, answer, request = ready

    def edges(loaded, prepared, answer, requests, samples, tick):
        picture = to_picture(prepared.pixel_values, prepared.grids[0]).mean(-1)
        strength = np.abs(np.diff(picture, axis=1, prepend=picture[:, :1]))
        rows, columns = prepared.grids[0]
        return [Moments.of(strength.reshape(rows, 28, columns, 28).mean((1, 3)).reshape(1, 1, -1))]

    monkeypatch.setattr(sanity, "explain_chunk", edges)
    found = check_sanity(loaded, prepared, answer, request)
    assert found.cascade == pytest.approx([1, 1, 1, 1]) and found.shuffled == pytest.approx(1)
    assert found.blank == 0  # a blank picture has no edges, and a constant map no order


def test_every_token_of_a_shuffled_answer_has_another_place():
    tokens = tuple(Token(number, str(number), 1.0) for number in range(7))
    answer = Answer("0123456", tokens)
    for seed in range(20):
        found = shuffled_answer(answer, 100, seed).tokens
        assert sorted(token.id for token in found) == list(range(7))
        assert all(token.id != place for place, token in enumerate(found))
    (other,) = shuffled_answer(Answer("5", (tokens[5],)), 100, 0).tokens
    assert other.id != 5 and 0 <= other.id < 100


def test_a_phrase_is_found_by_its_place_in_a_shuffled_answer(ready):
    loaded, prepared, answer, request = ready
    word = answer.text.split()[0]
    found = check_sanity(loaded, prepared, answer, replace(request, target=Target.words(word)))
    assert -1 <= found.shuffled <= 1
    contrast = replace(request, target=Target.contrast(0, "blue"))
    assert -1 <= check_sanity(loaded, prepared, answer, contrast).shuffled <= 1


def test_a_blank_picture_has_one_colour(ready):
    loaded, prepared, _, _ = ready
    picture = to_picture(blank_picture(loaded, prepared).pixel_values, prepared.grids[0])
    assert picture.shape == to_picture(prepared.pixel_values, prepared.grids[0]).shape
    assert np.ptp(picture.reshape(-1, 3), axis=0).max() == 0
    colour = to_picture(prepared.pixel_values, prepared.grids[0]).mean((0, 1), dtype=np.float64)
    assert picture[0, 0] == pytest.approx(colour, abs=1e-5)


def test_quantised_weights_are_scrambled_too_and_stay_as_they_are_stored():
    loaded = Explainer.from_pretrained("embedded;4bit", "cpu").loaded
    layer = loaded.layers[-1]
    before = {name: parameter.clone() for name, parameter in layer.named_parameters()}
    weight = layer.mlp.up_proj.weight
    with scrambled([layer], seed=1):
        during = layer.mlp.up_proj.weight
        assert not torch.equal(during, weight) and torch.equal(during.flatten().sort()[0], weight.flatten().sort()[0])
        assert not torch.equal(layer.input_layernorm.weight, before["input_layernorm.weight"])
    assert torch.equal(layer.mlp.up_proj.weight, weight)
    assert all(torch.equal(parameter, before[name]) for name, parameter in some(layer.named_parameters()))
