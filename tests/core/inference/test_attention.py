"""Attention by hand, against loops and autograd, and against the model's own eager attention."""

import math
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from transformers import AttentionInterface

from core.inference.attention import LayerAttention, answer_rows, record_attention, rollout, row_gradient
from core.inference.forward import answer_logits, build_sequence, encode
from core.inputs.pictures import load_picture
from tests.conftest import gradient_picture
from tests.core.inference.test_forward import Slow
from tests.some import some


def explicit(query, key, value, scaling):
    """(P [batch, heads, rows, columns], O [batch, rows, heads, width]), softmax row by row, on the graph."""
    group = query.shape[1] // key.shape[1]
    length = query.shape[2]
    heads = []
    for head in range(query.shape[1]):
        products = query[:, head] @ key[:, head // group].mT * scaling
        rows = [
            torch.nn.functional.pad(products[:, row, : row + 1].softmax(-1), (0, length - row - 1))
            for row in range(length)
        ]
        heads.append(torch.stack(rows, 1))
    probabilities = torch.stack(heads, 1)
    if probabilities.requires_grad:
        probabilities.retain_grad()
    outputs = [probabilities[:, head] @ value[:, head // group] for head in range(query.shape[1])]
    return probabilities, torch.stack(outputs, 2)


def tiny(seed, batch=2, heads=4, groups=2, length=5, width=3, scaling=0.7):
    """A layer with numbers of no meaning, and its probabilities."""
    generator = torch.Generator().manual_seed(seed)
    query, key, value = (
        torch.randn(batch, n, length, width, generator=generator).requires_grad_() for n in (heads, groups, groups)
    )
    probabilities, output = explicit(query, key, value, scaling)
    if output.requires_grad:
        output.retain_grad()
    return LayerAttention(query, key, value, output, scaling), probabilities


@pytest.fixture
def by_hand():
    """Three tokens, two heads on one pair of key and value; keys 0, ln 2, ln 5 times a scaling of 1/2."""
    key = torch.tensor([0, math.log(2), math.log(5)]).view(1, 1, 3, 1)
    query = torch.tensor([[2.0, 2.0, 2.0], [0.0, 0.0, -2.0]]).view(1, 2, 3, 1)
    return LayerAttention(query, key, torch.tensor([1.0, 10, 100]).view(1, 1, 3, 1), torch.zeros(1, 3, 2, 1), 0.5)


def test_answer_rows_by_hand(by_hand):
    rows = answer_rows(by_hand, torch.tensor([1, 2]), torch.tensor([0, 1]))
    # Head 0 weighs 1 : 2 : 5, head 1 alike in row 1 and 1 : 1/2 : 1/5 in row 2.
    wanted = [[[1 / 3, 2 / 3], [1 / 8, 2 / 8]], [[1 / 2, 1 / 2], [10 / 17, 5 / 17]]]
    torch.testing.assert_close(rows, torch.tensor([wanted]))


def test_no_row_looks_ahead(by_hand):
    everything = answer_rows(by_hand, torch.arange(3), torch.arange(3))
    assert (everything.triu(1) == 0).all() and (everything[:, :, 0, 0] == 1).all()
    torch.testing.assert_close(everything.sum(-1), torch.ones(1, 2, 3))


def test_row_gradient_by_hand(by_hand):
    # dO of head 0 is 3 in row 2, of head 1 it is -1 there; values 1 and 10
    gradient = torch.tensor([[[7.0], [7.0]], [[7.0], [7.0]], [[3.0], [-1.0]]])[None]
    found = row_gradient(by_hand, gradient, torch.tensor([2]), torch.tensor([0, 1]))
    assert found.tolist() == [[[[3.0, 30.0]], [[-1.0, -10.0]]]]


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_rows_and_their_gradients_equal_those_of_explicit_attention(groups):
    layer, probabilities = tiny(0, groups=groups)
    layer.output.square().sin().sum().backward()
    rows, visual = torch.tensor([4, 2]), torch.tensor([0, 1, 3])
    torch.testing.assert_close(answer_rows(layer, rows, visual), probabilities[:, :, rows][..., visual])
    found = row_gradient(layer, layer.output.grad, rows, visual)
    wanted = probabilities.grad[:, :, rows][..., visual]
    # Row 2 does not see token 3, but what it would have changed is known all the same.
    torch.testing.assert_close(found, wanted)
    assert found.abs().min() > 0


def test_half_precision_is_computed_in_single():
    layer, _ = tiny(1)
    query, key, value = (tensor.detach().bfloat16() for tensor in (layer.query, layer.key, layer.value))
    half = LayerAttention(query, key, value, layer.output.detach().bfloat16(), 0.7)
    wanted, _ = explicit(query.float(), key.float(), value.float(), 0.7)
    everywhere = torch.arange(5)
    torch.testing.assert_close(answer_rows(half, everywhere, everywhere), wanted)
    assert row_gradient(half, half.output, everywhere, everywhere).dtype == torch.float32


def test_rollout_by_hand():
    """Two tokens, one layer that looks half at each: (I + A) / 2 has the last row (1/4, 3/4)."""
    layer = LayerAttention(torch.zeros(1, 1, 2, 1), torch.zeros(1, 1, 2, 1), torch.ones(1, 1, 2, 1), None, 1.0)
    heat = rollout({3: layer, 4: layer}, torch.tensor([1]), torch.tensor([0, 1]))
    assert heat[4].tolist() == [[0.25, 0.75]]
    # (1/4, 3/4) once more: 1/4 + 3/4 * 1/4
    assert heat[3].tolist() == [[0.4375, 0.5625]] and sorted(heat) == [3, 4]


@pytest.mark.parametrize("rows_at_once", [1, 2, 256])
def test_rollout_equals_the_product_of_whole_matrices(monkeypatch, rows_at_once):
    monkeypatch.setattr("core.inference.attention.ROLLOUT_ROWS", rows_at_once)
    both = {layer: tiny(layer) for layer in (2, 3, 4)}
    rows, visual = torch.tensor([4, 3]), torch.tensor([0, 2])
    with torch.no_grad():
        heat = rollout({index: layer for index, (layer, _) in both.items()}, rows, visual)
        everything = rollout({index: layer for index, (layer, _) in both.items()}, rows, torch.arange(5))
    for sample in range(2):
        product = np.eye(5)
        for index in (4, 3, 2):
            mean = both[index][1].detach()[sample].mean(0).double().numpy()
            product = product @ (mean + np.eye(5)) / 2
            wanted = (product[4] + product[3]) / 2
            np.testing.assert_allclose(everything[index][sample], wanted, atol=1e-6)
            np.testing.assert_allclose(heat[index][sample], wanted[[0, 2]], atol=1e-6)
            assert wanted.sum() == pytest.approx(1) and wanted.min() > 0


@pytest.fixture(scope="module")
def slow(explainer):
    return Slow.of(explainer.loaded, load_picture(gradient_picture(168, 252)))


def config_of(slow):
    return slow.loaded.family.decoder_config(slow.loaded.model)


@contextmanager
def eager_attention(slow):
    """Eager attention in the decoder: layer -> probabilities [heads, rows, columns], which keep their gradient."""
    config, held = config_of(slow), {}
    own = config._attn_implementation

    def keep(module, _, output):
        held[module.layer_idx] = output[1]
        if output[1].requires_grad:
            output[1].retain_grad()

    handles = [layer.self_attn.register_forward_hook(keep) for layer in slow.loaded.layers]
    config._attn_implementation = "eager"
    try:
        yield held
    finally:
        config._attn_implementation = own
        for handle in handles:
            handle.remove()


@pytest.fixture(scope="module")
def recorded(slow):
    """layer -> what it took and gave for the picture and for half of its brightness."""
    sequence = build_sequence(slow.loaded, slow.prepared, slow.answer)
    pixels = torch.stack([slow.prepared.pixel_values, slow.prepared.pixel_values / 2])
    with torch.no_grad(), record_attention(config_of(slow)) as layers:
        answer_logits(slow.loaded, sequence, encode(slow.loaded, sequence, pixels), torch.arange(9))
    return layers


def test_rows_make_the_output_that_was_recorded(recorded):
    assert sorted(recorded) == list(range(8))
    for layer in recorded.values():
        length = layer.query.shape[2]
        rows = torch.arange(length - 10, length - 1)
        looked = answer_rows(layer, rows, torch.arange(length))
        torch.testing.assert_close(looked.sum(-1), torch.ones(looked.shape[:3]))
        value = torch.stack([layer.value[:, head // 2] for head in range(4)], 1)  # two heads a pair
        torch.testing.assert_close((looked @ value).transpose(1, 2), layer.output[:, rows], rtol=1e-4, atol=1e-5)


def test_rows_are_those_of_eager_attention(slow, recorded):
    with torch.no_grad(), eager_attention(slow) as held:
        slow.logits()
    length = slow.prepared.prompt_length + 9
    for index, layer in some(recorded.items()):
        rows, visual = torch.arange(length - 10, length - 1), slow.prepared.visual
        wanted = held[index][0][:, rows][..., visual]
        torch.testing.assert_close(answer_rows(layer, rows, visual)[0], wanted, rtol=1e-3, atol=1e-6)
        assert wanted.max() > 0.01


def test_recording_changes_no_number(slow):
    with torch.no_grad():
        plain = slow.logits()
        with record_attention(config_of(slow)):
            assert torch.equal(slow.logits(), plain)


def test_nothing_is_recorded_before_and_after(slow):
    config = config_of(slow)
    with torch.no_grad():
        with record_attention(config) as layers:
            assert layers == {} and config._attn_implementation != "sdpa"
        slow.logits()
        assert layers == {} and config._attn_implementation == "sdpa"
        with record_attention(config) as layers:
            slow.logits()
        first = dict(layers)
        slow.logits()
    assert first.keys() == set(range(8)) and all(layers[index] is first[index] for index in first)


@pytest.mark.parametrize("own", ["sdpa", "eager"])
def test_the_configuration_is_put_back_on_failure_too(slow, own, monkeypatch):
    config = config_of(slow)
    monkeypatch.setattr(config, "_attn_implementation_internal", own)
    with pytest.raises(RuntimeError, match="broken layer"), record_attention(config):
        raise RuntimeError("broken layer")
    assert config._attn_implementation == own
    with record_attention(config) as layers:
        assert layers == {}
    assert config._attn_implementation == own


def test_the_vision_tower_and_other_models_do_not_record(slow):
    """Only the decoder's configuration is touched, and the implementation's name is not transformers' own."""
    with record_attention(config_of(slow)) as layers:
        name = config_of(slow)._attn_implementation
        assert slow.loaded.model.config.vision_config._attn_implementation == "sdpa"
        with torch.no_grad():
            slow.loaded.model.model.get_image_features(slow.prepared.pixel_values, **slow.prepared.vision)
        assert layers == {}
    assert name in AttentionInterface() and name not in ("sdpa", "eager")


def test_a_mask_says_where_rows_may_look():
    """As of windowed attention, or of pictures that are seen both ways."""
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 2, 6, 4).unbind()
    mask = torch.ones(6, 6, dtype=torch.bool).tril() & ~torch.ones(6, 6, dtype=torch.bool).tril(-3)
    mask[1:3, 1:3] = True
    layer = LayerAttention(query, key, value, torch.zeros(2, 6, 2, 4), 0.5, mask=mask[None, None])
    rows, visual = torch.tensor([2, 5]), torch.tensor([0, 1, 2, 3])
    products = (query @ key.mT * 0.5).masked_fill(~mask, -torch.inf)
    wanted = products.softmax(-1)[:, :, rows][..., visual]
    torch.testing.assert_close(answer_rows(layer, rows, visual), wanted)
    assert wanted[:, :, 1, :3].max() == 0 and wanted[:, :, 1, 3].min() > 0
