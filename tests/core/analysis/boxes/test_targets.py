"""What of a box is explained: the tokens that write it."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.boxes import boxes_of, find_boxes, target_of
from core.errors import InputError
from core.schema import Answer, ExplainRequest, ExplainResult, Target
from tests.core.analysis.boxes.answers import answer_of
from tests.some import some


def result_of(answer, target):
    request = ExplainRequest(image="a", prompt="Where?", model="m", layers=(0,), target=target)
    heat = np.ones((1, 4, 4), np.float32)
    return ExplainResult(request, answer, heat, heat * 0, 10, 8, {})


@pytest.mark.parametrize(
    "text", ['{"bbox_2d": [12, 345, 6, 78], "label": "cat"}', "<|box_start|>(12,345),(6,78)<|box_end|>"]
)
def test_the_tokens_of_a_box_and_of_each_coordinate(text):
    answer = answer_of(text)
    result = result_of(answer, Target.answer(score="logprob"))
    [box] = boxes_of(result).each

    def words_of(span):
        target = target_of(result, span)
        assert target.kind == "tokens" and target.score == "logprob"
        return "".join(answer.tokens[index].text for index in target.indices(answer))

    assert words_of(box.written.span) == answer.text[slice(*box.written.span)]
    for value, span in some(zip(box.written.values, box.written.coordinates, strict=True)):
        assert float(words_of(span)) == value


def test_a_sentence_stays_the_one_that_was_asked():
    sentence = '{"bbox_2d": [1, 2, 3, 4]}'
    result = result_of(answer_of(sentence), Target.text(sentence))
    [box] = find_boxes(result.answer).boxes
    assert target_of(result, box.coordinates[0]).sentence == sentence


def test_an_answer_without_places_of_its_tokens():
    answer = answer_of('{"bbox_2d": [1, 2, 3, 4]}')
    bare = Answer(answer.text, tuple(replace(token, start=0, stop=0) for token in answer.tokens))
    assert len(find_boxes(bare).boxes) == 1
    with pytest.raises(InputError, match="without the places"):
        target_of(result_of(bare, Target.answer()), (14, 15))
