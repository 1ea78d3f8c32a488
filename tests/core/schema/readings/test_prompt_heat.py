"""Shares of a prompt's heat, and their way through JSON."""

import json
from dataclasses import replace

import pytest

from core import ExplainRequest, InputError, Target
from core.schema.readings.prompt_heat import SOURCES, PromptHeat, prompt_request
from core.schema.words import Word
from tests.some import some

HEAT = PromptHeat(
    answer="right",
    words=(Word("Where", 0, 1), Word("?", 2, 4)),
    word_heat=((1.0, 0.5), (0.0, 0.0)),
    picture_heat=((3.0, 1.0), (0.0, 0.0)),
    prompt_heat=(2.0, 0.0),
    answer_heat=(1.0, 0.0),
    template_heat=(3.0, 0.0),
)


def test_shares_are_of_the_layers_whole():
    assert HEAT.total_layers == 2
    assert HEAT.shares() == HEAT.shares(0) == {"picture": 0.4, "prompt": 0.2, "answer": 0.1, "template": 0.3}
    assert HEAT.picture_shares(0) == (0.3, 0.1) and HEAT.word_shares(0) == (0.1, 0.05)


def test_a_layer_without_heat_has_no_shares():
    assert HEAT.shares(1) == dict.fromkeys(SOURCES, 0.0)
    assert HEAT.picture_shares(1) == HEAT.word_shares(1) == (0.0, 0.0)


@pytest.mark.parametrize("layer", [-1, 2, True, 0.5, "0", None])
def test_another_layer_is_refused_in_a_sentence(layer):
    for ask in some([HEAT.shares, HEAT.picture_shares, HEAT.word_shares]):
        with pytest.raises(InputError, match="The layer must be a whole number from 0 to 1"):
            ask(layer)


def test_it_survives_json():
    assert PromptHeat.from_dict(json.loads(json.dumps(HEAT.to_dict(), allow_nan=False))) == HEAT


@pytest.mark.parametrize(
    "change",
    [
        {"prompt_heat": (1.0,)},
        {"word_heat": ((1.0,), (0.0, 0.0))},
        {"picture_heat": ((1.0,), (0.0, 0.0))},
        {"answer_heat": ()},
    ],
)
def test_lists_of_other_lengths_are_refused(change):
    with pytest.raises(InputError, match="one entry for each layer"):
        replace(HEAT, **change)


def test_all_runs_of_a_question_share_one_request():
    asked = {"image": "a", "images": ("a", "b"), "prompt": "Which?", "model": "m"}
    plain = ExplainRequest(layers=(0, 1), **asked)
    alike = (
        replace(plain, num_samples=3, seed=9),
        replace(plain, noise_std=0.5),
        plain.of_picture(1),
        plain.with_method("gradcam", (3,)),
        replace(plain, part="tower"),
    )
    assert {prompt_request(each) for each in alike} == {prompt_request(plain)}
    assert prompt_request(replace(plain, target=Target.tokens(0, 1))) != prompt_request(plain)
