from dataclasses import replace

import numpy as np
import pytest

from core.analysis.artefacts import Artefacts, as_mask, find_artefacts, hide_sinks, sinks, without
from core.errors import InputError
from core.schema import Answer, ExplainRequest, ExplainResult, gather


def test_sinks_are_cells_that_peak_in_any_layer():
    peaks = np.full((2, 2, 3), 5.0)
    peaks[0, 1, 2] = 20.0
    peaks[1, 0, 0] = 25.0
    peaks[1, 0, 1] = 19.9
    assert sinks(peaks) == ((0, 0), (1, 2))
    assert sinks(peaks, threshold=30) == ()


def test_shares_by_hand():
    heat = np.array([[1.0, 3.0], [0.0, 4.0]])
    peaks = np.array([[[1.0, 40.0], [40.0, 1.0]]])
    found = find_artefacts(heat, peaks, {0: heat, 1: np.zeros((2, 2)), 5: np.zeros((2, 2))})
    assert found == Artefacts(((0, 1), (1, 0)), 3 / 8, 0.5, False, (1, 5))


def test_a_map_whose_hottest_cell_is_a_sink_is_told():
    peaks = np.array([[[1.0, 40.0], [1.0, 1.0]]])
    assert find_artefacts(np.array([[1.0, 3.0], [0.0, 2.0]]), peaks).hottest_is_sink
    assert not find_artefacts(np.array([[1.0, 3.0], [0.0, 4.0]]), peaks).hottest_is_sink


@pytest.mark.parametrize(("at", "told"), [(-1, 2), (0, 2), (1, 2), (2, None), (3, None), (None, None)])
def test_gradients_below_the_first_layer_with_sinks_are_told(at, told):
    peaks = np.ones((4, 2, 2))
    peaks[2:, 0, 1] = 20.0
    assert find_artefacts(np.ones((2, 2)), peaks, gradients_at=at).sinks_above == told
    assert find_artefacts(np.ones((2, 2)), np.ones((4, 2, 2)), gradients_at=at).sinks_above is None


def test_what_rounding_leaves_of_a_zero_is_blank():
    heat = np.array([[1.0, 3.0], [0.0, 4.0]])
    layers = {0: heat, 1: heat * 1e-5, 2: heat * 1e-7}
    peaks = np.ones((1, 2, 2))
    assert find_artefacts(layers[2], peaks, layers) == Artefacts(blank=True, blank_layers=(2,))
    assert find_artefacts(layers[1], peaks, layers) == Artefacts((), 0.0, 0.5, False, (2,))


def test_a_blank_map_has_no_shares():
    assert find_artefacts(np.zeros((2, 2)), np.ones((1, 2, 2))) == Artefacts(blank=True)


def test_masked_cells_take_the_mean_of_their_neighbours():
    heat = np.array([[1, 2, 3], [4, 100, 5], [6, 7, 200]], np.float32)
    mask = as_mask(((1, 1), (2, 2)), (3, 3))
    shown = without(heat, mask)
    assert shown[1, 1] == pytest.approx((1 + 2 + 3 + 4 + 5 + 6 + 7) / 7)
    assert shown[2, 2] == pytest.approx((5 + 7) / 2)
    assert (shown[~mask] == heat[~mask]).all() and heat[1, 1] == 100
    assert without(heat, np.zeros((3, 3), bool)) is heat


def test_a_masked_cell_without_neighbours_takes_the_mean_of_the_rest():
    heat = np.array([[9, 9, 9, 9, 3, 5]], np.float32)
    mask = as_mask(((0, 0), (0, 1), (0, 2), (0, 3)), (1, 6))
    assert without(heat, mask).tolist() == [[4, 4, 4, 3, 3, 5]]
    assert (without(heat, np.ones((1, 6), bool)) == 0).all()


def result_of(method, heat):
    request = ExplainRequest(image="i", prompt="?", model="m", layers=(2, 5), method=method, noise_std=0.0)
    return ExplainResult(request, Answer("", ()), heat, np.zeros_like(heat), 1, 8, {})


def test_sinks_are_hidden_in_what_is_drawn():
    heat = np.array([[[1, 2], [3, 90]], [[5, 6], [7, 80]]], np.float32)
    peaks = np.ones_like(heat)
    peaks[1, 1, 1] = 20
    result = gather([result_of("hirescam", heat), result_of("activation_peak", peaks)])
    drawn, cells = hide_sinks(result)
    assert cells == ((1, 1),)
    assert drawn.heat.tolist() == [[[1, 2], [3, 2]], [[5, 6], [7, 6]]]
    assert result.heat is heat and drawn.request == result.request
    assert hide_sinks(result, threshold=21) == (result, ())


def test_sinks_of_other_cells_are_refused():
    heat = np.ones((2, 2, 2), np.float32)
    result = gather([result_of("hirescam", heat), result_of("activation_peak", np.ones((2, 4, 4), np.float32))])
    with pytest.raises(InputError, match="another part of the model"):
        hide_sinks(result)
    with pytest.raises(InputError, match="not asked for"):
        hide_sinks(replace(result, companions={}))
