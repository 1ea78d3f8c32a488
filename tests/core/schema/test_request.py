import json
import math

import numpy as np
import pytest

from core.errors import InputError, PromptError
from core.schema import Answer, ExplainRequest, ExplainResult, Target, Token

GOOD = {"image": "a" * 64, "prompt": "Where?", "model": "m" * 64, "layers": (0, 2)}


def make_result(heat, squared_deviation, num_samples, noise_std=0.15):
    request = ExplainRequest(**{**GOOD, "layers": tuple(range(len(heat)))}, noise_std=noise_std)
    answer = Answer("ok", (Token(5, "ok", 0.9),))
    return ExplainResult(request, answer, heat, squared_deviation, num_samples, 8, {})


@pytest.mark.parametrize(
    "change",
    [
        {"num_samples": 0},
        {"num_samples": 2.0},
        {"num_samples": True},
        {"noise_std": -0.1},
        {"noise_std": math.nan},
        {"noise_std": math.inf},
        {"noise_std": "0.1"},
        {"seed": -1},
        {"max_new_tokens": 0},
        {"max_pixels": 5},
        {"method": "magic"},
        {"tap": "middle"},
        {"layers": ()},
        {"layers": (2, 0)},
        {"layers": (0, 0)},
        {"layers": (-1,)},
    ],
)
def test_values_out_of_range_are_refused(change):
    with pytest.raises(InputError):
        ExplainRequest(**{**GOOD, **change})


@pytest.mark.parametrize("prompt", ["", "  \n", "x" * 100_000])
def test_prompts_that_cannot_be_asked(prompt):
    with pytest.raises(PromptError):
        ExplainRequest(**{**GOOD, "prompt": prompt})


def test_a_request_survives_json():
    request = ExplainRequest(**GOOD, target=Target.tokens(1, 3), max_pixels=100_000, noise_std=0.5)
    assert ExplainRequest.from_dict(json.loads(json.dumps(request.to_dict()))) == request


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
    with pytest.raises(ValueError):
        result.heat[0, 0, 0] = 1
    with pytest.raises(InputError):
        result.at(7)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError):
        make_result(np.zeros((2, 3, 4), np.float32), np.zeros((2, 3, 5), np.float32), 2)
