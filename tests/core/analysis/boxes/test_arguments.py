"""What is no answer, no result, no box and no map is refused with a sentence."""

import numpy as np
import pytest

from core import InputError, boxes_of, find_boxes
from core.analysis.boxes import measure, place, target_of
from core.schema import Target
from core.schema.box_conventions import SeenPicture
from tests.core.analysis.boxes.answers import answer_of
from tests.core.analysis.boxes.test_targets import result_of

TEXT = '{"bbox_2d": [1, 2, 300, 400]}'


@pytest.mark.parametrize("other", [None, 5, b"bytes", [], object()])
def test_what_is_no_answer_or_result(other):
    with pytest.raises(InputError, match="must be an Answer or text"):
        find_boxes(other)
    with pytest.raises(InputError, match="must be an ExplainResult"):
        boxes_of(other)
    with pytest.raises(InputError, match="must be an ExplainResult"):
        target_of(other, (0, 1))
    with pytest.raises(InputError, match="must be one that"):
        measure(other, np.ones((2, 2)))


@pytest.mark.parametrize("heat", [np.ones(4), np.ones((1, 2, 2)), np.ones((0, 3)), [[1.0]], None])
def test_what_is_no_map(heat):
    box = place(find_boxes(TEXT).boxes[0], SeenPicture("qwen3_vl", (100, 100)))
    with pytest.raises(InputError, match="heat"):
        measure(box, heat)


@pytest.mark.parametrize("span", [None, 3, (1,), (1, 2, 3), ("a", "b"), (0.5, 2), [1, 2]])
def test_what_are_no_characters(span):
    with pytest.raises(InputError, match="two whole numbers"):
        target_of(result_of(answer_of(TEXT), Target.answer()), span)
