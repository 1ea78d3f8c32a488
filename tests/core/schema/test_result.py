"""Results: standard errors by hand, and which map stands for the whole."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.schema import Answer, ExplainRequest, ExplainResult, Target, TimeStep, Token, gather


def make_result(heat, squared_deviation, num_samples, noise_std=0.15):
    request = ExplainRequest(
        image="a" * 64, prompt="Where?", model="m" * 64, layers=tuple(range(len(heat))), noise_std=noise_std
    )
    answer = Answer("ok", (Token(5, "ok", 0.9),))
    return ExplainResult(request, answer, heat, squared_deviation, num_samples, 8, {})


def test_standard_error_by_hand():
    # Samples 1, 2, 3: deviation (-1)^2 + 0 + 1^2 = 2, standard error sqrt(2 / (3 * 2)).
    result = make_result(np.full((1, 1, 1), 2, np.float32), np.full((1, 1, 1), 2, np.float32), 3)
    assert result.stderr[0, 0, 0] == pytest.approx(math.sqrt(1 / 3))
    assert np.array_equal(result.stderr_at(0), result.stderr[0])
    with pytest.raises(InputError, match="no map of layer 1"):
        result.stderr_at(1)


def test_standard_error_is_unknown_for_one_noisy_sample_and_zero_without_noise():
    zeros = np.zeros((1, 2, 2), np.float32)
    assert np.isnan(make_result(zeros, zeros.copy(), 1).stderr).all()
    assert (make_result(zeros, zeros.copy(), 1, noise_std=0.0).stderr == 0).all()


def test_results_are_read_only_and_know_their_layers():
    result = make_result(np.zeros((2, 3, 4), np.float32), np.zeros((2, 3, 4), np.float32), 2)
    assert result.grid == (3, 4) and result.layers == (0, 1) and result.at(1).shape == (3, 4)
    with pytest.raises(ValueError, match="read-only"):
        result.heat[0, 0, 0] = 1
    with pytest.raises(InputError):
        result.at(7)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="do not fit"):
        make_result(np.zeros((2, 3, 4), np.float32), np.zeros((2, 3, 5), np.float32), 2)


def with_combined(heat, combined, **asked):
    """A result of one layer a map, and the combined map beside it."""
    main = make_result(heat, heat * 0, 2)
    main = replace(main, request=replace(main.request, **asked))
    request = main.request.with_method("combined", ())
    return gather([main, replace(main, request=request, heat=combined[None], squared_deviation=combined[None] * 0)])


def test_the_layer_that_orders_the_cells_like_the_combined_map_is_recommended():
    heat = np.array([[[3, 2], [1, 0]], [[0, 1], [2, 4]], [[1, 1], [1, 1]]], np.float32)
    result = with_combined(heat, np.array([[0.1, 0.2], [0.3, 0.5]], np.float32))
    assert result.recommended_layer == 1 and np.array_equal(result.headline, result.combined)
    coarse = with_combined(heat, np.array([[9.0, 1.0]], np.float32))  # a grid of its own: hot on the left
    assert coarse.recommended_layer == 0


def test_without_a_combined_map_the_middle_of_the_depth_is():
    heat = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    result = make_result(heat, heat * 0, 2)  # layers 0, 1, 2 of 8
    assert result.recommended_layer == 2 and np.array_equal(result.headline, heat[2])
    assert result.asked == ("gradient_deviation", 2)


@pytest.mark.parametrize(
    "chosen", [{"method": "gradcam"}, {"part": "tower"}, {"tap": "output"}, {"method": "attention"}]
)
def test_who_chose_another_method_part_or_tap_is_shown_that_map(chosen):
    heat = np.array([[[3, 2], [1, 0]], [[0, 1], [2, 9]]], np.float32)
    combined = np.array([[0.1, 0.2], [0.3, 0.5]], np.float32)
    left_alone, result = with_combined(heat, combined), with_combined(heat, combined, **chosen)
    assert left_alone.asked == ("combined", None) and np.array_equal(left_alone.headline, combined)
    assert result.asked == (chosen.get("method", "gradient_deviation"), 1)
    assert np.array_equal(result.headline, heat[1]) and not np.array_equal(result.headline, left_alone.headline)


def test_what_is_asked_about_and_how_often_leaves_the_combined_map_in_its_place():
    heat = np.array([[[3, 2], [1, 0]]], np.float32)
    asked = {"target": Target.words("ok", score="logprob"), "num_samples": 3, "noise_std": 0.0, "max_pixels": 50_000}
    assert with_combined(heat, heat[0], **asked).asked == ("combined", None)


def test_a_single_map_has_no_layer_and_is_the_headline():
    request = ExplainRequest(image="i", prompt="?", model="m", layers=(), method="combined")
    heat = np.array([[[1.0, 2.0]]], np.float32)
    result = ExplainResult(request, Answer("", ()), heat, heat * 0, 1, 8, {})
    assert result.recommended_layer is None and np.array_equal(result.headline, heat[0])
    assert result.asked == ("combined", None)
    assert np.array_equal(result.combined, heat[0]) and result.of("combined") is result
    with pytest.raises(InputError, match="one map, of no layer in particular"):
        result.at(0)


def test_a_method_of_one_map_in_all_is_shown_by_it_and_not_by_the_combined_one():
    request = ExplainRequest(image="i", prompt="?", model="m", layers=(), method="occlusion")
    heat = np.array([[[1.0, 2.0]]], np.float32)
    main = ExplainResult(request, Answer("", ()), heat, heat * 0, 1, 8, {})
    result = gather([main, replace(main, request=request.with_method("combined", ()), heat=heat[:, :, ::-1])])
    assert result.asked == ("occlusion", None) and result.headline.tolist() == [[1.0, 2.0]]


def test_methods_that_were_not_asked_for_are_named():
    result = with_combined(np.ones((1, 2, 2), np.float32), np.ones((2, 2), np.float32))
    with pytest.raises(InputError, match="'layercam' was not asked for; .* holds gradient_deviation, combined"):
        result.of("layercam")
    with pytest.raises(InputError, match="no method called 'magic'"):
        result.of("magic")


def test_results_of_several_pictures_are_gathered_by_picture():
    heat = np.ones((1, 1, 2), np.float32)
    first = make_result(heat, heat * 0, 1)
    first = replace(first, request=replace(first.request, images=("a" * 64, "b" * 64)))
    second = replace(first, request=first.request.of_picture(1), heat=heat * 2)
    others = [replace(each, request=each.request.with_method("combined", ())) for each in (first, second)]
    whole = gather([first, others[0], second, others[1]])
    assert whole.request == first.request and [each.request.picture for each in whole.pictures] == [0, 1]
    assert [list(each.companions) for each in whole.pictures] == [["combined"], ["combined"]]
    assert whole.pictures[1].heat.tolist() == [[[2, 2]]] and gather([first]).pictures == ()


def make_video_result(heat, steps, **asked):
    request = ExplainRequest(image="a" * 64, prompt="When?", model="m" * 64, frames=4, **asked)
    return ExplainResult(
        request, Answer("ok", (Token(5, "ok", 0.9),)), heat, np.zeros_like(heat), 2, 8, {}, steps=steps
    )


def test_maps_of_a_video_have_a_time_axis_and_say_what_each_step_covers():
    heat = np.arange(2 * 2 * 3 * 4, dtype=np.float32).reshape(2, 2, 3, 4)
    steps = TimeStep(0.0, 1.0), TimeStep(1.0, 2.0)
    result = make_video_result(heat, steps, layers=(0, 1))
    assert result.grid == (3, 4) and result.steps == steps
    assert np.array_equal(result.at(1), heat[1]) and result.stderr.shape == heat.shape
    with pytest.raises(InputError, match="as many TimeSteps"):
        replace(result, steps=steps[:1])
    with pytest.raises(InputError, match="do not fit"):
        replace(result, heat=heat[:, 0], squared_deviation=heat[:, 0])


def test_the_recommended_layer_of_a_video_ranks_all_its_steps_like_the_combined_map():
    steps = TimeStep(0.0, 1.0), TimeStep(1.0, 2.0)
    rising = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
    combined = make_video_result(rising, steps, layers=(), method="combined")
    layered = make_video_result(np.concatenate([-rising, rising, rising[:, ::-1]]), steps, layers=(0, 1, 2))
    assert replace(layered, companions={"combined": combined}).recommended_layer == 1
    coarse = make_video_result(rising.mean((2, 3), keepdims=True), steps, layers=(), method="combined")
    assert replace(layered, companions={"combined": coarse}).recommended_layer == 1
