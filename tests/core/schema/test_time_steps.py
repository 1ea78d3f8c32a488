"""Time steps: spans of seconds that follow each other."""

import math
from dataclasses import replace

import pytest

from core.errors import InputError
from core.schema import ExplainRequest, TimeStep
from core.schema.time_steps import check_steps, refuse_video


def test_a_step_lies_between_its_start_and_its_end():
    assert TimeStep(1.0, 2.0).middle == 1.5


@pytest.mark.parametrize("span", [(2.0, 1.0), (-1.0, 1.0), (math.nan, 1.0), (0.0, math.inf), ("0", 1.0), (True, 2.0)])
def test_spans_that_are_none(span):
    with pytest.raises(InputError, match=r"time is a number of seconds|cannot end"):
        TimeStep(*span)


def test_steps_are_as_many_as_the_slices_and_follow_each_other():
    steps = TimeStep(0.0, 1.0), TimeStep(1.0, 1.5)
    assert check_steps(list(steps), 2) == steps
    for wrong, refusal in ((steps, "as many TimeSteps, not 2"), (5, "Give a list"), ((1, 2, 3), "must be a TimeStep")):
        with pytest.raises(InputError, match=refusal):
            check_steps(wrong, 3)
    with pytest.raises(InputError, match="follow each other"):
        check_steps(steps[::-1], 2)


def test_what_is_for_pictures_refuses_a_video():
    picture = ExplainRequest(image="i", prompt="x", model="m", layers=(0,))
    refuse_video(picture, "This")
    with pytest.raises(InputError, match=r"^This is for pictures, and this run is of a video\."):
        refuse_video(replace(picture, frames=4), "This")
