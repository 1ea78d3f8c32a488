"""What a what-if came to, in sentences and pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.loaded_run import LoadedRun
from dashboard.ui.viewer.studies.interventions.what_if_result import _changed, meaning_of, probability, removed_words
from tests.dashboard.interventions import what_if


@pytest.fixture
def result(ask, explain):
    return explain(ask().request)


@pytest.mark.parametrize(
    ("keep", "changed", "said"),
    [
        (False, 3, "**Without that part the answer changes with 3 of 3 fills.** The answer needs what is there."),
        (False, 0, "changes with 0 of 3 fills.** The answer does not need what is there"),
        (False, 1, "changes with 1 of 3 fills.** The fills disagree"),
        (True, 0, "**With nothing but that part the answer changes with 0 of 3 fills.** What is there is enough"),
        (True, 2, "changes with 2 of 3 fills.** The fills disagree"),
        (True, 3, "What is there is not enough for the answer"),
    ],
)
def test_a_sentence_says_what_it_means(result, keep, changed, said):
    assert said in meaning_of(what_if(result, keep=keep, changed=changed))


def test_how_much_was_removed_or_kept(result):
    assert removed_words(what_if(result, share=0.125)) == "12% removed"
    assert removed_words(what_if(result, share=0.875, keep=True)) == "12% kept"


def test_probabilities_too_small_to_be_written_are_said_to_be_small():
    assert [probability(np.log(p)) for p in (1, 0.1234, 1e-9)] == ["1.000", "0.123", "< 0.001"]


def test_the_picture_is_drawn_as_it_was_changed(result, chosen):
    run = LoadedRun(result, chosen)  # black at the left, red at the right
    found = what_if(result, "0.5,0;1,1")
    drawn = np.asarray(Image.open(io.BytesIO(_changed(run, found.removal, (2, 3), "mean"))).convert("RGB"))
    assert drawn.shape == (56, 84, 3) and drawn.max() < 40  # the mean of what is around is black
    kept = what_if(result, "0.5,0;1,1", keep=True)
    drawn = np.asarray(Image.open(io.BytesIO(_changed(run, kept.removal, (2, 3), "mean"))).convert("RGB"))
    assert drawn[:, 44:, 0].min() > 150
