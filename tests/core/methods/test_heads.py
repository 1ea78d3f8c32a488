"""Single heads of the embedded model; every family is held against eager attention in tests/core/models/families."""

import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import Cancelled, InputError, Target
from core.analysis.similarity import similarity
from core.inputs.pictures import load_picture
from core.methods import heads
from core.methods.attribution import activation_peak
from core.methods.heads import READING, attending_layers, read_heads
from core.schema.methods import COMBINED, PEAK
from core.schema.model_parts import DecoderDepth
from tests.conftest import gradient_picture
from tests.core.inference.test_attention import eager_attention
from tests.core.inference.test_forward import QUESTION, SENTENCE, Slow
from tests.some import some

PLAIN = {"num_samples": 1, "noise_std": 0.0}
SAID = Target.words("red square", sentence=SENTENCE)


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture(scope="module")
def combined(explainer, picture):
    """The recommended map, with attention and activation peaks beside it."""
    found = explainer.explain(picture, QUESTION, method=["attention", PEAK], target=SAID, **PLAIN)
    return found.of(COMBINED), found.of("attention"), found.of(PEAK)


@pytest.fixture(scope="module")
def maps(explainer, picture):
    return explainer.heads(picture, QUESTION, target=SAID)


def test_the_mean_over_heads_is_the_map_of_the_method_attention(maps, combined):
    np.testing.assert_allclose(maps.heat.mean(1), combined[1].heat, atol=1e-6)
    assert maps.heat.shape == (8, 4, *combined[1].grid) and maps.heat.dtype == np.float32
    assert maps.heat.std(1).max() > 0.01  # heads differ


def test_each_head_is_that_of_eager_attention(explainer, picture, maps):
    slow = Slow.of(explainer.loaded, picture)
    with torch.no_grad(), eager_attention(slow) as held:
        slow.logits()
    rows = torch.tensor([6, 7]) + slow.prepared.prompt_length - 1
    for layer, looked in some(held.items()):
        wanted = looked[0][:, rows][..., slow.prepared.visual].sum(1).reshape(4, *maps.grid)
        np.testing.assert_allclose(maps.heat[layer], wanted, rtol=1e-3, atol=1e-6)


def test_shares_are_of_all_that_a_head_looks_at(maps):
    np.testing.assert_allclose(maps.picture_share, maps.heat.sum((2, 3)) / 2, rtol=1e-5)  # of two tokens
    assert 0.5 < maps.picture_share.max() <= 1
    assert not maps.sink_share.any()  # the embedded model has none


def test_the_share_on_sinks_is_that_on_tokens_with_a_high_peak(explainer, picture, maps, combined, monkeypatch):
    peaks = combined[2].heat
    threshold = float(np.quantile(peaks, 0.8))
    monkeypatch.setattr("core.methods.heads.SINK_PEAK", threshold)
    found = explainer.heads(picture, QUESTION, target=SAID)
    for layer in some(found.layers):
        wanted = (maps.heat[layer] * (peaks[layer] >= threshold)).sum((1, 2)) / 2
        np.testing.assert_allclose(found.sink_share[layer], wanted, rtol=1e-3, atol=1e-6)
    assert found.sink_share.max() > 0.05 and (found.sink_share <= found.picture_share + 1e-6).all()


def test_agreement_is_spearmans_with_the_recommended_map(maps, combined):
    wanted = similarity(maps.heat.reshape(-1, *maps.grid), combined[0].heat).rank.reshape(8, 4)
    np.testing.assert_allclose(maps.agreement, wanted, atol=1e-6)
    layer, head = maps.ordered("agreement")[0]
    assert maps.agreement[maps.index(layer, head)] == maps.agreement.max() > 0.2


def test_rows_are_read_a_block_at_a_time(explainer, picture, maps, monkeypatch):
    monkeypatch.setattr("core.inference.attention.ROLLOUT_ROWS", 1)
    assert np.allclose(explainer.heads(picture, QUESTION, target=SAID).heat, maps.heat, atol=1e-7)


def test_no_attention_outlives_its_layer(explainer, picture, combined, monkeypatch):
    """Of each layer the rows of the two explained tokens are recorded, no values, and all of it is let go of."""
    sums, seen = heads.head_sums, []

    def watch(attention, rows, visual):
        assert all(former() is None for former in seen)
        assert attention.query.shape[2] == 2 and attention.value is None and attention.output is None
        seen.append(weakref.ref(attention))
        return sums(attention, rows, visual)

    monkeypatch.setattr(heads, "head_sums", watch)
    read_heads(explainer, picture, combined[0])
    assert len(seen) == 8 and seen[-1]() is None


def test_chosen_layers_alone(explainer, picture, maps, combined):
    found = explainer.heads(picture, QUESTION, target=SAID, layers=[2, -1])
    assert found.layers == (2, 7) and np.array_equal(found.heat, maps.heat[[2, 7]])
    assert np.array_equal(read_heads(explainer, picture, combined[0], (2, 7)).agreement, found.agreement)


def test_of_several_pictures_each_has_its_own(explainer, picture):
    other = load_picture(gradient_picture(112, 84).rotate(180))
    request = explainer.explain([picture, other], QUESTION, method=COMBINED, target=SAID, **PLAIN)
    first, second = (read_heads(explainer, [picture, other], each) for each in request.pictures)
    assert first.grid == (6, 9) and second.grid == (7, 6)
    assert (first.picture_share + second.picture_share <= 1 + 1e-5).all() and second.picture_share.max() > 0.01


def test_steps_are_told_and_can_stop_it(explainer, picture, combined):
    told = []
    read_heads(explainer, picture, combined[0], (1, 4), on_step=lambda *step: told.append(step))
    assert told == [(READING, 0, 2), (READING, 1, 2), (READING, 2, 2)]

    def stop(doing, done, total):
        if done:
            raise Cancelled("The run was stopped.")

    with pytest.raises(Cancelled):
        read_heads(explainer, picture, combined[0], on_step=stop)
    layers = explainer.loaded.layers
    assert not any(each._forward_pre_hooks or each._forward_hooks for each in layers)


def test_layers_that_do_not_attend_are_left_out():
    hybrid = DecoderDepth(8, (3, 7))
    assert attending_layers(hybrid, None) == (3, 7) and attending_layers(hybrid, (2, 3, 4)) == (3,)
    with pytest.raises(InputError, match="have no heads. Layers that attend: 3, 7"):
        attending_layers(hybrid, (0, 1))


def test_what_cannot_be_read_is_refused_in_a_sentence(explainer, picture, combined):
    with pytest.raises(InputError, match="no layer 99"):
        explainer.heads(picture, QUESTION, layers=[99])
    wide = replace(combined[0], heat=np.ones((1, 2, 2), np.float32), squared_deviation=np.ones((1, 2, 2), np.float32))
    with pytest.raises(InputError, match=r"grid \(2, 2\), not \(6, 9\)"):
        read_heads(explainer, picture, wide)


def test_the_peak_of_a_token_is_the_one_that_names_sinks():
    assert activation_peak(torch.tensor([[0.0, 0, 4.0, 0]]))[0] == 2.0
