"""The line that stands on Advanced: what of the form is not as recommended."""

import pytest

from core import METHODS
from core.schema.layers import LAYER_CHOICES
from core.schema.target import SCORES
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.language import speaking
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import CUSTOM, SAMPLE_PRESETS
from dashboard.ui.form.recommended import RECOMMENDED, advanced_title, changes
from dashboard.ui.form.resolution import FULL, LIMIT
from dashboard.ui.form.target_fields import KINDS, SENTENCE
from tests.some import some


def test_a_form_as_recommended_has_no_changes():
    assert changes({}) == changes(RECOMMENDED) == []
    assert advanced_title({}).startswith("Advanced: all as recommended")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({FormKey.METHOD: "gradcam", FormKey.SAMPLES: CUSTOM, FormKey.CUSTOM_SAMPLES: 40}, ["Grad-CAM", "40 samples"]),
        ({FormKey.WHERE: "tower", FormKey.TAP: "output"}, ["vision tower", "read at the output"]),
        ({FormKey.LAYERS: "early"}, ["the early third"]),
        ({FormKey.LAYERS: CUSTOM, FormKey.CUSTOM_LAYERS: "0, 3"}, ["layers 0, 3"]),
        ({FormKey.LAYERS: CUSTOM}, ["layers of my choice"]),
        ({FormKey.TARGET: "words", FormKey.SCORE: "margin"}, ["a phrase", "score margin"]),
        ({FormKey.TARGET: SENTENCE, FormKey.PART: "contrast", FormKey.SCORE: "margin"}, ["a sentence of mine"]),
        ({FormKey.NOISE: 0.4, FormKey.SEED: 7, FormKey.SETTLE: True}, ["stops when steady", "noise 0.4", "seed 7"]),
        ({FormKey.PICTURE_FIRST: PICTURE_POSITIONS[False]}, ["the picture after the prompt"]),
        ({FormKey.MAX_NEW_TOKENS: 16}, ["longest answer 16"]),
        ({FormKey.TEMPERATURE: 0.7}, ["temperature 0.7"]),
        (
            {FormKey.TEMPERATURE: 1.0, FormKey.TOP_P: 0.9, FormKey.ANSWER_SEED: 4, FormKey.ANSWERS: 3},
            ["temperature 1", "top-p 0.9", "answer's seed 4", "3 answers"],
        ),
        ({FormKey.TARGET: "thought"}, ["the thought before the answer"]),
        ({FormKey.RESOLUTION: LIMIT, FormKey.VISUAL_TOKENS: 300}, ["at most 300 visual tokens"]),
        ({FormKey.RESOLUTION: FULL}, ["full resolution"]),
        ({FormKey.SAMPLES: CUSTOM, FormKey.CUSTOM_SAMPLES: 1}, ["1 sample"]),
    ],
)
def test_each_change_is_named(form, words):
    found = changes(form)
    assert len(found) == len(words)
    assert all(change.startswith(word) for change, word in zip(found, words, strict=True)), found
    assert all(change in advanced_title(form) for change in found)


@pytest.mark.parametrize(
    "form",
    [
        {FormKey.SAMPLES: CUSTOM, FormKey.CUSTOM_SAMPLES: 10},  # the same number in another way
        {FormKey.VISUAL_TOKENS: 300},  # without a limit
        {FormKey.TOP_P: 0.9, FormKey.ANSWER_SEED: 4, FormKey.ANSWERS: 3},  # at a temperature of 0
        {FormKey.TARGET: "answer", FormKey.PART: "contrast"},  # of a sentence that is not explained
    ],
)
def test_what_has_no_effect_is_no_change(form):
    assert changes(form) == []


def test_fields_that_a_choice_hides_are_no_changes():
    hidden = {FormKey.WHERE: "tower", FormKey.TAP: "output", FormKey.LAYERS: "late"}
    assert changes(hidden | {FormKey.METHOD: "combined"}) == [METHODS["combined"].title]
    noise = {FormKey.SEED: 7, FormKey.SETTLE: True, FormKey.SAMPLES: "High 30"}
    assert changes(noise | {FormKey.NOISE: 0.0}) == ["no noise"]
    assert changes({FormKey.SETTLE: True}, may_settle=False) == []
    assert changes({FormKey.TEMPERATURE: 1.0, FormKey.ANSWERS: 3}, may_settle=False) == ["temperature 1"]


def test_every_choice_can_be_named():
    offered = {
        FormKey.METHOD: METHODS,
        FormKey.LAYERS: (*LAYER_CHOICES, CUSTOM),
        FormKey.TARGET: KINDS,
        FormKey.SCORE: SCORES,
        FormKey.SAMPLES: SAMPLE_PRESETS,
    }
    for key, choices in some(offered.items()):
        assert RECOMMENDED[key] in choices
        assert all(len(changes({key: choice})) == (choice != RECOMMENDED[key]) for choice in choices)


def test_typed_text_stays_text():
    form = {FormKey.LAYERS: CUSTOM, FormKey.CUSTOM_LAYERS: "**0** :red[1] " + "x" * 900}
    title = advanced_title(form)
    assert "**" not in title.replace("\\*", "") and ":red[" not in title and len(title) < 200


def test_changes_are_a_list_in_the_language_that_is_spoken():
    with speaking("zh_Hans"):
        title = advanced_title({FormKey.SEED: 3, FormKey.CUSTOM_LAYERS: "0, 2", FormKey.LAYERS: CUSTOM})
    assert title.startswith("高级：层 0, 2、随机种子 3 ")
