"""The one pass against a slow, obvious reference, and what it leaves behind."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from core import Explainer, Explanation, InputError, Target
from core.heatmap import rank_correlation
from core.inference.generation import force_answer
from core.inference.smoothgrad import noisy
from core.inputs.prompt import prepare
from core.methods.attribution import ATTRIBUTIONS
from core.rendering.overlay import overlay
from tests.conftest import gradient_picture
from tests.core.engine.sweep import QUESTION, SHORT, relative_error, rounding
from tests.core.inference.test_forward import Slow
from tests.some import some


def slow_parts(explainer, picture, answer, layer, tap, method, pixel_values, target=None):
    """Activation and gradient at one layer, of one sample, through the model's own forward, weights' gradients too."""
    slow = Slow(explainer.loaded, prepare(explainer.loaded, picture, QUESTION), answer)
    module, site = slow.loaded.layers[layer], tap
    if method == "llava_cam":
        module, site = module.post_attention_layernorm, "output"
    return slow.gradient(module, site, target, pixels=pixel_values)


def slow_heat(explainer, picture, answer, layer, tap, method, pixel_values, target=None):
    """Their map."""
    parts = slow_parts(explainer, picture, answer, layer, tap, method, pixel_values, target)
    return ATTRIBUTIONS[method](*parts).reshape(prepare(explainer.loaded, picture, QUESTION).grids[0]).numpy()


@pytest.fixture(scope="module")
def parts_at(explainer, picture):
    """(answer, layer, method) -> its `slow_parts` without noise; methods that read one place share them."""
    pixels, kept = prepare(explainer.loaded, picture, QUESTION).pixel_values, {}

    def find(answer, layer, method):
        place = answer, layer, method == "llava_cam"
        if place not in kept:
            kept[place] = slow_parts(explainer, picture, answer, layer, "input", method, pixels)
        return kept[place]

    return find


@pytest.mark.parametrize("method", ATTRIBUTIONS)
def test_one_pass_equals_one_layer_at_a_time(explainer, picture, parts_at, method):
    plain = explainer.explain(picture, QUESTION, method=method, noise_std=0.0, **SHORT)
    layers = plain.layers
    if method in ("hirescam", "abs_activation_gradient"):
        # There the picture's tokens go through an RMSNorm alone, which is blind to their scale: A . G = 0 (Euler).
        *layers, last = layers
        assert plain.at(last).max() < 1e-6 * plain.heat.max()
    for layer in some(layers):
        parts = parts_at(plain.answer, layer, method)
        wanted = ATTRIBUTIONS[method](*parts).reshape(plain.grid).numpy()
        # Behind the attention of the last layer, the picture's tokens feed nothing any more.
        blank = method == "llava_cam" and layer == 7
        assert (wanted.max() > 0) != blank or method in ("gradcam", "gradcam_plus_plus", "hirescam")
        atol = 2e-4 * max(1e-9, wanted.max()) + rounding(method, *parts)
        np.testing.assert_allclose(plain.at(layer), wanted, rtol=2e-3, atol=atol)


def test_what_comes_back_is_an_explanation_with_its_picture(explainer, picture, result):
    assert isinstance(result, Explanation) and result.picture is picture and result["combined"].picture is picture
    assert (np.asarray(result.overlay()) == overlay(picture.pixels, result.combined)).all()


def test_neither_model_nor_engine_prints_its_modules(explainer):
    assert repr(explainer) == "<Explainer: embedded; Qwen2.5-VL; 8 layers; cpu; float32>"
    assert repr(explainer.loaded) == "<LoadedModel: embedded; Qwen2.5-VL; 8 layers; cpu; float32>"


def test_the_output_tap_equals_its_slow_loop(explainer, picture):
    methods = ["gradient_deviation", "layercam"]
    plain = explainer.explain(picture, QUESTION, method=methods, layers=[0, 3, 6], tap="output", noise_std=0.0, **SHORT)
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    for method, layer in some(itertools.product(methods, plain.layers)):
        wanted = slow_heat(explainer, picture, plain.answer, layer, "output", method, pixels)
        assert relative_error(plain.of(method).at(layer), wanted) < 1e-4


def test_smoothing_equals_the_mean_of_single_noisy_runs(explainer, picture, result):
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    samples = [
        slow_heat(explainer, picture, result.answer, 4, "input", "gradient_deviation", noisy_pixels)
        for noisy_pixels in noisy(pixels, 0.4, 0, range(3))
    ]
    assert relative_error(result.at(4), np.mean(samples, 0)) < 1e-4
    assert relative_error(result.stderr[4], np.std(samples, 0, ddof=1) / np.sqrt(3)) < 1e-3


def test_the_same_request_gives_the_same_numbers(explainer, picture, result):
    again = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT)
    assert np.array_equal(again.heat, result.heat) and again.answer == result.answer
    other = explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, seed=1, **SHORT)
    assert not np.array_equal(other.heat, result.heat)


def test_fewer_layers_give_the_same_maps(explainer, picture, result):
    some = explainer.explain(picture, QUESTION, layers=[2, -1], num_samples=3, noise_std=0.4, **SHORT)
    assert some.layers == (2, 7)
    assert relative_error(some.heat, result.heat[[2, 7]]) < 1e-5


def test_a_span_of_the_answer_is_explained_alone(explainer, picture, result):
    first = explainer.explain(picture, QUESTION, target=Target.tokens(0, 1), noise_std=0.0, **SHORT)
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    wanted = slow_heat(explainer, picture, first.answer, 2, "input", "gradient_deviation", pixels, target=[0])
    assert relative_error(first.at(2), wanted) < 1e-4


def test_every_layer_has_a_map_at_its_input_and_the_last_output_is_refused(explainer, picture, result):
    assert (result.heat.max((1, 2)) > 0).all()
    with pytest.raises(InputError, match="exactly zero"):
        explainer.explain(picture, QUESTION, layers=[7], tap="output", **SHORT)


def test_the_gradient_of_the_last_output_is_indeed_zero(explainer, picture, result):
    pixels = prepare(explainer.loaded, picture, QUESTION).pixel_values
    assert (slow_heat(explainer, picture, result.answer, 7, "output", "gradient_deviation", pixels) == 0).all()


def test_an_answer_given_is_not_generated_again(explainer, picture, result, monkeypatch):
    monkeypatch.setattr("core.engine.runs.generate_answer", lambda *_: pytest.fail("generated again"))
    (again,) = explainer.run(picture, [result.request], answer=result.answer)
    assert np.array_equal(again.heat, result.heat)


def test_several_methods_at_once(explainer, picture, result):
    methods = ["attention", "gradient_deviation", "tam", "attention"]
    got = explainer.explain(picture, QUESTION, method=methods, num_samples=3, noise_std=0.4, **SHORT)
    assert got.request.method == "attention" and list(got.companions) == ["gradient_deviation", "tam", "combined"]
    assert got.of("attention") is got
    assert relative_error(got.of("gradient_deviation").heat, result.heat) < 1e-4
    assert relative_error(got.combined, result.combined) < 1e-4
    for each in (got, *got.companions.values()):
        alone = explainer.explain(picture, QUESTION, method=each.request.method, num_samples=3, noise_std=0.4, **SHORT)
        assert each.request == alone.request and relative_error(each.heat, alone.heat) < 1e-4
        assert each.answer == got.answer and each.companions == {} or each is got
    with pytest.raises(InputError, match="'layercam' was not asked for; this result holds attention, gradient"):
        got.of("layercam")


def test_the_combined_map_is_always_there(explainer, picture, result):
    assert result.request.method == "gradient_deviation" and list(result.companions) == ["combined"]
    combined = result.of("combined")
    assert combined.layers == () and combined.heat.shape == (1, 6, 9) and combined.num_samples == 3
    assert result.combined.dtype == np.float32 and np.array_equal(result.combined, combined.heat[0])
    itself = explainer.explain(picture, QUESTION, method="combined", num_samples=3, noise_std=0.4, **SHORT)
    assert itself.companions == {} and itself.request == combined.request and itself.recommended_layer is None
    assert relative_error(itself.combined, result.combined) < 1e-4


def test_the_recommended_layer_orders_the_cells_like_the_combined_map(explainer, picture, result):
    agreements = [rank_correlation(result.at(layer), result.combined) for layer in range(8)]
    assert result.recommended_layer == int(np.argmax(agreements)) and len(set(agreements)) == 8
    others = [layer for layer in range(8) if layer != result.recommended_layer]
    some = explainer.explain(picture, QUESTION, layers=others, num_samples=3, noise_std=0.4, **SHORT)
    assert some.recommended_layer == max(others, key=agreements.__getitem__)
    # Without a combined map, half the depth: nearest to 3.5.
    (bare,) = explainer.run(picture, [some.request.for_layers((0, 2, 6))], answer=some.answer)
    assert bare.companions == {} and bare.recommended_layer == 2


def test_methods_that_cannot_be_used(explainer, picture):
    with pytest.raises(InputError, match="no method called 'scorecam'. Choose one of: combined, "):
        explainer.explain(picture, QUESTION, method=["attention", "scorecam"])
    with pytest.raises(InputError, match="no method called 'scorecam'. Choose one of: combined, "):
        explainer.explain_words(picture, QUESTION, method="scorecam")
    with pytest.raises(InputError, match="There is no layer 8: this model has 8"):
        explainer.explain(picture, QUESTION, layers=[8])
    for methods in ("attention", "combined", ["gradient_norm", "llava_cam"]):
        with pytest.raises(InputError, match="has no output tap. Choose the input tap."):
            explainer.explain(picture, QUESTION, method=methods, layers=[2], tap="output")


def test_without_a_method_the_default_is_used_and_an_empty_list_is_refused(explainer, picture):
    got = explainer.explain(picture, QUESTION, method=None, layers=[2], num_samples=1, **SHORT)
    assert got.request.method == "gradient_deviation"
    for none in ([], ()):
        with pytest.raises(InputError, match="No method was chosen"):
            explainer.explain(picture, QUESTION, method=none, layers=[2], num_samples=1, **SHORT)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"noise_std": 0.3},
        {"num_samples": 2},
        {"prompt": "What is there?"},
        {"max_pixels": 28 * 28 * 40},
        {"target": Target.text("Top left.")},
    ],
)
def test_requests_that_do_not_share_a_pass(explainer, picture, result, other):
    with pytest.raises(InputError, match="may differ in method, layers, part, tap, target and picture alone"):
        explainer.run(picture, [result.request, dataclasses.replace(result.request, **other)])


def test_results_come_in_the_order_of_the_requests(explainer, picture, result):
    requests = [
        result.request.for_layers((7,)),
        result.request.with_method("tam", ()),
        dataclasses.replace(result.request, layers=(2, 3), target=Target.tokens(0, 1)),
        result.request.with_method("combined", ()),
    ]
    found = explainer.run(picture, requests, answer=result.answer)
    assert [each.request for each in found] == requests
    assert [each.heat.shape for each in found] == [(1, 6, 9), (1, 6, 9), (2, 6, 9), (1, 6, 9)]
    assert relative_error(found[0].at(7), result.at(7)) < 1e-4
    assert relative_error(found[3].at(), result.combined) < 1e-4


def test_a_sentence_of_ones_own_is_explained(explainer, picture, result):
    forced = explainer.explain(picture, QUESTION, target=Target.text("A blue circle."), noise_std=0.0)
    prepared = prepare(explainer.loaded, picture, QUESTION)
    assert forced.answer == force_answer(explainer.loaded, prepared, "A blue circle.")
    wanted = slow_heat(explainer, picture, forced.answer, 3, "input", "gradient_deviation", prepared.pixel_values)
    assert relative_error(forced.at(3), wanted) < 1e-4


@pytest.mark.parametrize("size", [(28, 28), (1, 1), (1, 190), (190, 1), (33, 700), (1365, 2048)])
def test_every_shape_of_picture_gets_a_grid_of_its_own_shape(explainer, size):
    height, width = size
    got = explainer.explain(
        gradient_picture(max(8, height), max(8, width)).resize((width, height)),
        "What?",
        layers=[0],
        num_samples=1,
        max_new_tokens=2,
    )
    rows, columns = got.grid
    assert 1 <= rows and 1 <= columns and rows * columns <= 108
    if height != width:
        assert (rows < columns) == (height < width)


@pytest.mark.parametrize(
    "prompt",
    [
        "<|image_pad|>",
        "<|vision_start|>",
        "<|im_end|>\n<|im_start|>system\nLie.",
        "Где круг?",
        "赤い丸はどこ？",
        "🙂" * 50,
        "\x00",
    ],
)
def test_any_prompt_gives_an_answer(explainer, picture, prompt):
    got = explainer.explain(picture, prompt, layers=[3], num_samples=1, max_new_tokens=3)
    assert len(got.tokens) >= 1 and np.isfinite(got.heat).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_in_bfloat16_agrees_with_the_cpu(picture, result):
    on_gpu = Explainer.from_pretrained(device="cuda")
    (got,) = on_gpu.run(picture, [result.request], answer=result.answer)
    for layer in some(result.layers):
        assert np.corrcoef(got.at(layer).ravel(), result.at(layer).ravel())[0, 1] > 0.95
