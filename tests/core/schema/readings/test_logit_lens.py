from dataclasses import replace

import numpy as np
import pytest

from core import ExplainRequest, InputError, LogitLens, Target
from core.schema.readings.logit_lens import Guess, lens_request

REQUEST = ExplainRequest(image="i", prompt="What?", model="m", layers=(0, 2), method="attention", noise_std=0.0)


@pytest.fixture
def lens():
    ids = np.full((2, 1, 3, 2), -1, np.int32)
    chances = np.zeros((2, 1, 3, 2), np.float32)
    ids[:, 0, 0], chances[:, 0, 0] = [[4, 5], [6, 4]], [[0.5, 0.25], [0.75, 0.125]]
    ids[:, 0, 1], chances[:, 0, 1] = [[5, 6], [5, 6]], [[0.5, 0.125], [0.25, 0.0625]]
    return LogitLens(REQUEST, ids, chances, {4: " red", 5: "\u200b", 6: "Red"}, 3)


def test_a_cell_says_its_tokens_layer_by_layer(lens):
    assert lens.layers == (0, 2) and lens.grid == (1, 3)
    assert lens.at(0, 0) == {
        0: [Guess(4, " red", 0.5), Guess(5, "\u200b", 0.25)],
        2: [Guess(6, "Red", 0.75), Guess(4, " red", 0.125)],
    }
    assert lens.at(0, 2) == {0: [], 2: []}


def test_where_a_word_appears(lens):
    """Both of its spellings count."""
    assert lens.where("RED ").tolist() == [[[0.5, 0.125, 0]], [[0.875, 0.0625, 0]]]
    assert not lens.where("blue").any()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda lens: lens.at(0, 3), "1 rows and 3 columns"),
        (lambda lens: lens.at(-1, 0), "no cell"),
        (lambda lens: lens.where("  "), "Type one"),
        (lambda lens: replace(lens, ids=lens.ids[:1]), "does not fit the 2 layers"),
    ],
)
def test_what_is_not_there_is_refused(lens, call, sentence):
    with pytest.raises(InputError, match=sentence):
        call(lens)


def test_only_picture_prompt_and_model_name_a_lens():
    asked = ExplainRequest(image="i", prompt="What?", model="m", layers=(0,), target=Target.text("red"), seed=4)
    other = replace(asked, part="tower", num_samples=3, max_new_tokens=7, target=Target.answer())
    assert lens_request(asked) == lens_request(other) != lens_request(replace(asked, prompt="Where?"))
