import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.methods.tam import (
    answer_activation_map,
    causal_interference,
    estimated_causal_inference,
    logit_lens,
    rank_gaussian_filter,
    token_activation_map,
)

pytestmark = pytest.mark.filterwarnings("error")


def test_logit_lens_is_the_positive_part():
    assert logit_lens(np.float32([[1.5, -2], [0, 3]])).tolist() == [[1.5, 0], [0, 3]]


def test_interference_is_subtracted_at_its_best_scale():
    # 0.5 * (0, 1, 2) + 1 * (0, 1, 2) = (0, 1.5, 3)
    interference = causal_interference(np.array([[0, 1, 2], [0, 1, 2]]), np.array([0.5, 1]))
    assert interference.tolist() == [0, 1.5, 3]
    # s = (2*1.5 + 3*3) / (1.5^2 + 3^2) = 12 / 11.25 = 16/15; (1, 2 - 1.6, 3 - 3.2)
    np.testing.assert_allclose(estimated_causal_inference(np.array([1, 2, 3]), interference), [1, 0.4, 0], atol=1e-12)


def test_the_scale_is_the_public_codes():
    # scipy 1.17.1's minimize_scalar, as TAM's `least_squares` calls it, on (1, 2, 3) and (0, 1, 2): 1.6
    left = estimated_causal_inference(np.array([1.0, 2, 3]), np.array([0.0, 1, 2]))
    np.testing.assert_allclose(left, [1, 2 - 1.6, 0], atol=1e-12)


def test_nothing_to_subtract():
    target = np.array([1.0, 2, 3])
    assert estimated_causal_inference(target, np.zeros(3)).tolist() == [1, 2, 3]
    assert causal_interference(np.zeros((0, 3)), np.zeros(0)).tolist() == [0, 0, 0]


@given(arrays(np.float64, (2, 5), elements=st.integers(0, 40).map(lambda n: n / 8)), st.floats(-3, 3))
def test_no_other_scale_is_closer(maps, scale):
    target, interference = maps
    energy = interference @ interference
    best = target @ interference / energy if energy else 0
    assert np.sum((target - best * interference) ** 2) <= np.sum((target - scale * interference) ** 2) + 1e-9
    np.testing.assert_allclose(
        estimated_causal_inference(target, interference), np.maximum(target - best * interference, 0)
    )


def slow_filter(heat, size=3):
    """The filter cell by cell, in loops."""
    height, width = heat.shape
    padded = np.pad(heat, size // 2, mode="reflect")
    out = np.zeros(heat.shape)
    for i in range(height):
        for j in range(width):
            window = sorted(float(padded[i + k, j + m]) for k in range(size) for m in range(size))
            mean = sum(window) / len(window)
            variation = np.sqrt(sum((x - mean) ** 2 for x in window) / len(window)) / mean if mean > 0 else 0
            if mean <= 0:
                continue
            if variation == 0:
                out[i, j] = mean
                continue
            middle = len(window) // 2
            weights = [np.exp(-((rank - middle) ** 2) / (2 * variation**2)) for rank in range(len(window))]
            out[i, j] = sum(w * x for w, x in zip(weights, window, strict=True)) / sum(weights)
    return out


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.integers(0, 16).map(lambda n: n / 16))
    )
)
def test_filter_equals_the_slow_loops(heat):
    with np.errstate(under="ignore"):
        np.testing.assert_allclose(rank_gaussian_filter(heat), slow_filter(heat), atol=1e-9)


def test_filter_of_one_row_by_hand():
    # One row mirrors onto itself and the ends onto the middle: the window of the left cell is 0, 3, 3 three times.
    # mean 2, variance (3*4 + 6*1) / 9 = 2, variation^2 = 2 / 4 = 0.5, weights exp(-rank^2): ranks -4, -3, -2 hold 0.
    inner, outer = 1 + 2 * np.exp(-1.0) + 2 * np.exp([-4.0, -9.0, -16.0]).sum(), np.exp([-16.0, -9.0, -4.0]).sum()
    got = rank_gaussian_filter(np.array([[0.0, 3.0]]))
    np.testing.assert_allclose(got[0, 0], 3 * (inner - outer) / inner, rtol=1e-12)


# Figures of the public code (xmed-lab/TAM, commit 7c7df1d3df41 of December 2025): its own `rank_guassian_filter`,
# kernel size 3, on (7 n mod 11) / 10 in four rows of five, two cells of the last two rows blanked.
WAVE = ((np.arange(20) * 7) % 11 / 10).reshape(4, 5)
WAVE[2:, :2] = 0


def test_filter_agrees_with_the_public_code():
    theirs = [
        [0.7297005, 0.4621674, 0.53167, 0.5150796, 0.5296313],
        [0.2928813, 0.3276095, 0.5, 0.5999656, 0.5824264],
        [0.077204, 0.2462831, 0.4513806, 0.5306648, 0.3432201],
        [0.0, 0.1002363, 0.3501584, 0.6775212, 0.3367353],
    ]
    np.testing.assert_allclose(rank_gaussian_filter(WAVE), theirs, atol=2e-7)


def test_filter_agrees_with_the_public_code_on_negative_cells():
    wave = WAVE.copy()
    wave[0, 0], wave[3, 0] = -1, -0.5
    theirs = [
        [0.7149707, 0.4411459, 0.53167, 0.5150796, 0.5296313],
        [0.3082171, 0.3147728, 0.5, 0.5999656, 0.5824264],
        [0.1218327, 0.2725892, 0.4513806, 0.5306648, 0.3432201],
        [0.0, 0.1522151, 0.3501584, 0.6775212, 0.3367353],
    ]
    np.testing.assert_allclose(rank_gaussian_filter(wave), theirs, atol=2e-7)
    theirs = [[0.89809874, 0.2224347, 0.89984175]]  # a single row
    np.testing.assert_allclose(rank_gaussian_filter(np.array([[0.1, 0.9, 0.2]])), theirs, atol=1e-7)


def test_filter_of_constant_maps():
    assert rank_gaussian_filter(np.zeros((3, 4))).tolist() == [[0.0] * 4] * 3
    assert rank_gaussian_filter(np.full((4, 3), -1.0)).tolist() == [[0.0] * 3] * 4
    # The public code gives NaN here.
    np.testing.assert_allclose(rank_gaussian_filter(np.full((2, 3), 0.1)), 0.1)
    np.testing.assert_allclose(rank_gaussian_filter(np.full((1, 1), 0.5)), 0.5)


def test_one_token_is_its_own_window():
    np.testing.assert_allclose(rank_gaussian_filter(np.array([[1, 2], [3, 4.0]]), kernel_size=1), [[1, 2], [3, 4]])


# A tiny conversation: start, six visual tokens (2 x 3), end, question 5 6 7, turn 3 4, answer 6 8 5 9. Logits of
# token c at position p: ((3 p^2 + 7 c + 5 p c) mod 23 - 7) / 4.
WORDS = [5, 6, 7, 6, 8, 5, 9]
VISUAL_POSITIONS = np.arange(1, 7)
TEXT_POSITIONS = np.array([8, 9, 10, 12, 13, 14, 15])  # the question where it stands, the answer where it is predicted
GRID = (2, 3)


def logits(positions, classes):
    """float32 [classes, positions]."""
    p, c = np.asarray(positions)[None, :], np.asarray(classes)[:, None]
    return np.float32(((3 * p**2 + 7 * c + 5 * p * c) % 23 - 7) / 4)


VISUAL, TEXT = logits(VISUAL_POSITIONS, WORDS), logits(TEXT_POSITIONS, WORDS)

# Its own `TAM`, run round by round on these logits with a processor that splits at blanks; recorded is what its filter
# returned, before the rounding to 256 levels. The public code shows the first word of the question by 9, what is
# predicted there, and the first of the answer by 4, what stands before it; so these rows are taken for comparison.
PUBLIC = [9, *WORDS[1:3], 4, *WORDS[4:]]
PUBLIC_VISUAL, PUBLIC_TEXT = logits(VISUAL_POSITIONS, PUBLIC), logits(TEXT_POSITIONS, PUBLIC)
THEIRS = {
    3: [0.7175216, 0.2892693, 0.3434617, 0.2088292, 0.0871409, 0.1780911],
    4: [0.01556739, 0.09458557, 0.02390777, 0.01108402, 0.05183756, 0.02852841],
    5: [0.1087369, 0.4005614, 0.04674202, 0.09909952, 0.3138862, 0.04133736],
    6: [0.3133044, 0.1066425, 0.1157193, 0.16039, 0.06937013, 0.02945701],
}


@pytest.mark.parametrize("k", THEIRS)
def test_map_agrees_with_the_public_code(k):
    heat = token_activation_map(PUBLIC_VISUAL[: k + 1], PUBLIC_TEXT[k, :k], WORDS[: k + 1], GRID)
    assert heat.shape == GRID
    np.testing.assert_allclose(heat.ravel(), THEIRS[k], atol=1e-6)


def test_the_first_word_has_no_interference():
    # The first of the question in the public code: no earlier word, but the question's own scores in the normalisation.
    # Here nothing but the picture is left: ReLU, scaled to 0..1, filtered.
    heat = token_activation_map(VISUAL[:1], TEXT[0, :0], WORDS[:1], GRID)
    positive = np.maximum(VISUAL[0], 0).reshape(GRID)
    scaled = (positive - positive.min()) / np.ptp(positive)
    np.testing.assert_allclose(heat, rank_gaussian_filter(scaled), atol=1e-12)


def test_answer_map_is_the_mean_of_its_target_words():
    heat = answer_activation_map(PUBLIC_VISUAL, PUBLIC_TEXT, WORDS, [4, 6], GRID)
    np.testing.assert_allclose(heat.ravel(), (np.array(THEIRS[4]) + THEIRS[6]) / 2, atol=1e-6)
    alone = answer_activation_map(PUBLIC_VISUAL, PUBLIC_TEXT, WORDS, [5], GRID)
    np.testing.assert_allclose(alone.ravel(), THEIRS[5], atol=1e-6)


def test_only_what_comes_before_a_target_is_read():
    visual, text = VISUAL.copy(), TEXT.copy()
    visual[6:] = np.nan
    text[np.triu_indices(len(WORDS))] = np.nan
    heat = answer_activation_map(visual, text, WORDS, [3, 4, 5], GRID)
    np.testing.assert_allclose(heat, answer_activation_map(VISUAL, TEXT, WORDS, [3, 4, 5], GRID))


def test_an_equal_word_does_not_interfere_but_scales():
    visual = np.float32([[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]])
    same = token_activation_map(visual, np.float32([12]), [5, 5], GRID)
    scaled = (visual[0].astype(float) - 1) / 11  # 12 of the text is the maximum, 1 of the picture the minimum
    np.testing.assert_allclose(same, rank_gaussian_filter(scaled.reshape(GRID)), atol=1e-12)
    # As a different word it explains the target's map whole, up to rounding: nothing is left.
    np.testing.assert_allclose(token_activation_map(visual, np.float32([12]), [6, 5], GRID), 0, atol=1e-12)


def test_no_score_above_zero_is_a_blank_map():
    heat = token_activation_map(np.full((3, 6), -1.0), np.full(2, -2.0), [1, 2, 3], GRID)
    assert heat.tolist() == [[0.0] * 3] * 2


@given(arrays(np.float32, (4, 6), elements=st.integers(-40, 40).map(lambda n: n / 8)))
def test_maps_lie_within_0_and_1(visual):
    heat = answer_activation_map(visual, visual[:, :4], [1, 2, 1, 3], [2, 3], GRID)
    assert heat.shape == GRID and (heat >= 0).all() and (heat <= 1 + 1e-12).all()
