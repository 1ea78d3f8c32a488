"""The sample scenes: which pixels words about them mean."""

from dataclasses import replace

import numpy as np
import pytest

from core import Explainer
from core.schema.target import Target
from dashboard.jobs.sample_scenes import SCENES, draw_scene
from dashboard.ui.sample_scenes import scenes, true_mask
from tests.some import some


def test_the_true_mask_is_that_of_the_explained_words(about_a_scene):
    masks = scenes()[0].masks
    assert masks["bottom left"].any() and masks["bottom left"].shape == (168, 168)
    assert np.array_equal(true_mask(about_a_scene("bottom left.")), masks["bottom left"])
    phrase = about_a_scene("it is bottom left", target=Target.words("bottom left"))
    assert np.array_equal(true_mask(phrase), masks["bottom left"])


def test_nobody_knows_the_true_mask_of_other_words_and_other_pictures(about_a_scene, ask, explain):
    assert true_mask(about_a_scene("who knows")) is None
    assert true_mask(explain(ask().request, "bottom left")) is None


def test_the_small_model_answers_what_it_is_offered_with():
    explainer = Explainer.from_pretrained(device="cpu")
    for scene in some(scenes()):
        said = explainer.answer(scene.chosen.picture, scene.question)
        assert said.text == scene.answer and min(token.probability for token in said.tokens) > 0.9


def test_a_scene_that_was_offered_once_is_known_still(about_a_scene):
    digest = draw_scene(len(SCENES)).chosen.digest
    assert digest not in {scene.chosen.digest for scene in scenes()}
    result = about_a_scene("two")
    mask = true_mask(replace(result, request=replace(result.request, image=digest)))
    assert mask is not None and mask.any()


DESCRIPTION = "In the top middle is a red ring; in the center is a green star."


@pytest.mark.parametrize(
    ("words", "phrases"),
    [
        (DESCRIPTION, ("red ring", "green star")),
        ("a red ring;", ("red ring",)),
        ("ring", ("red ring",)),
        (" star.", ("green star",)),
        ("center is a green", ("green star",)),
        ("ring; in the center", ("red ring", "green star")),
        ("is", ()),
        (";", ()),
    ],
)
def test_a_description_means_what_each_of_its_words_means(words, phrases):
    scene = scenes()[5]
    begin = DESCRIPTION.index(words)
    mask = scene.mask_of(DESCRIPTION, begin, begin + len(words))
    if not phrases:
        assert mask is None
        return
    one, other = scene.masks["red ring"], scene.masks["green star"]
    assert scene.answer == DESCRIPTION and one.any() and other.any() and not (one & other).any()
    assert np.array_equal(mask, np.any([scene.masks[phrase] for phrase in phrases], axis=0))


def test_of_an_answer_that_is_not_the_right_one_only_known_phrases_are_outlined():
    scene, text = scenes()[0], "the green cross is bottom left of a red square"
    mask_of = lambda words: scene.mask_of(text, text.index(words), text.index(words) + len(words))  # noqa: E731
    assert np.array_equal(mask_of("green cross"), scene.masks["green cross"])
    assert np.array_equal(mask_of("cross"), scene.masks["green cross"])
    assert mask_of("red square") is None and mask_of(text) is None and mask_of("green cross is bottom left") is None


def test_in_chinese_a_character_means_what_its_phrase_means():
    scene = scenes()[4]
    assert np.array_equal(scene.mask_of("中央。", 0, 3), scene.masks["中央"])
    assert np.array_equal(scene.mask_of("中央", 1, 2), scene.masks["中央"])
