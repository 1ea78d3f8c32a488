"""Windows in groups against windows one by one."""

import pytest
import torch

from core.inference.forward import build_sequence, encode
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.families.windowed_attention import group, grouped_windows
from tests.benchmarks.sizes import build
from tests.conftest import gradient_picture
from tests.core.inference.test_forward import Slow


def test_windows_of_three_sizes_by_hand():
    # Windows of 2, 1, 2 and 3 positions: the one first, then both twos, then the three.
    order, groups = group([0, 2, 3, 5, 8])
    assert order.tolist() == [2, 0, 1, 3, 4, 5, 6, 7] and groups == [(1, 1), (2, 2), (1, 3)]


def test_windows_of_one_size_stay_where_they_are():
    assert group([0, 4, 8]) == (None, [(2, 4)])


@pytest.fixture(scope="module", params=["embedded", "bfloat16"])
def loaded(request, explainer):
    return explainer.loaded if request.param == "embedded" else build("tiny", torch.bfloat16).loaded


@pytest.mark.parametrize("size", [(168, 252), (112, 112), (28, 308)], ids=["edges", "one window", "narrow"])
def test_features_and_gradients_are_those_of_windows_one_by_one(loaded, size):
    prepared = prepare(loaded, load_picture(gradient_picture(*size)), "Where?", 100_000)
    pixels = torch.stack([prepared.pixel_values, prepared.pixel_values.flip(0)])

    def run(manner):
        given = pixels.clone().requires_grad_()
        features = manner(given)
        (gradient,) = torch.autograd.grad(features.float().square().sum(), given)
        return features.detach().float(), gradient

    sequence = build_sequence(loaded, prepared, Slow.of(loaded, load_picture(gradient_picture(*size))).answer)
    found, found_gradient = run(lambda given: encode(loaded, sequence, given))
    wanted, wanted_gradient = run(
        lambda given: loaded.family.encode_image(loaded.model, given.to(loaded.model.dtype), prepared.vision)
    )
    rounding = 1e-5 if loaded.model.dtype == torch.float32 else 2e-2
    torch.testing.assert_close(found, wanted, rtol=rounding, atol=rounding * float(wanted.abs().max()))
    torch.testing.assert_close(
        found_gradient, wanted_gradient, rtol=rounding, atol=rounding * float(wanted_gradient.abs().max())
    )


def test_one_call_for_all_windows_of_one_size(explainer, monkeypatch):
    loaded, calls = explainer.loaded, []
    real = torch.nn.functional.scaled_dot_product_attention
    monkeypatch.setattr(
        torch.nn.functional,
        "scaled_dot_product_attention",
        lambda query, *rest, **options: calls.append(tuple(query.shape)) or real(query, *rest, **options),
    )
    # 6 x 9 visual tokens in windows of 4 x 4: two of 64 patches, two of 32, one of 16 and one of 8.
    prepared = prepare(loaded, load_picture(gradient_picture(168, 252)), "Where?")
    with torch.no_grad(), grouped_windows(loaded.model.config):
        loaded.family.encode_image(loaded.model, prepared.pixel_values.expand(3, -1, -1), prepared.vision)
    heads = loaded.model.config.vision_config.num_heads
    windows = [(shape[0], shape[2]) for shape in calls]
    assert windows[:4] == [(3, 8), (3, 16), (6, 32), (6, 64)] and windows[4] == (3, 216)
    assert len(calls) == 2 * (4 + 1) and all(shape[1] == heads for shape in calls)


def test_the_configuration_is_put_back(explainer):
    config = explainer.loaded.model.config
    with pytest.raises(RuntimeError, match="broken"), grouped_windows(config):
        assert config.vision_config._attn_implementation != "sdpa"
        raise RuntimeError("broken")
    assert config.vision_config._attn_implementation == "sdpa"


@pytest.mark.parametrize("change", [("_attn_implementation", "eager"), ("model_type", "siglip_vision_model")])
def test_other_towers_are_left_alone(explainer, monkeypatch, change):
    vision = explainer.loaded.model.config.vision_config
    monkeypatch.setattr(vision, *change)
    before = vision._attn_implementation
    with grouped_windows(explainer.loaded.model.config):
        assert vision._attn_implementation == before
    with grouped_windows(torch.nn.Linear(1, 1)):  # no configuration of a picture at all
        pass
