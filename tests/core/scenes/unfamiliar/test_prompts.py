"""Unknown prompts: in the language asked for, never one of the scenes' own, and others held out than trained on."""

import numpy as np

from core.scenes.clip_wording import CLIP_TEMPLATES
from core.scenes.drawing import COLORS, SHAPES, Drawing, compose
from core.scenes.questions import ask
from core.scenes.sentences import is_chinese
from core.scenes.unfamiliar.pairs import any_prompt
from core.scenes.unfamiliar.prompts import HELD_OUT_PROMPTS, TRAINING_PROMPTS, unknown_prompt
from core.scenes.wording import KINDS, TEMPLATES
from tests.some import some

SIDES = (TRAINING_PROMPTS, HELD_OUT_PROMPTS)


def test_prompts_are_of_the_language_asked_for():
    rng = np.random.default_rng(0)
    for words in SIDES:
        for chinese in (False, True):
            prompts = [unknown_prompt(rng, chinese, words) for _ in range(60)]
            assert all(is_chinese(prompt) == chinese for prompt in prompts)
            assert len(set(prompts)) > 20 and all(prompts)


def test_no_unknown_prompt_is_one_of_the_scenes():
    empty = Drawing(compose(0).image, ())
    rng, known = np.random.default_rng(0), set()
    for kind in KINDS:
        known |= {ask(empty, kind, rng).question.lower().rstrip("?.？。") for _ in range(200)}
    fixed = {template.lower() for group in (TEMPLATES | CLIP_TEMPLATES).values() for template in group}
    for words in SIDES:
        for template in some((*words.templates, *words.templates_zh)):
            assert template == "{}" or template.lower() not in fixed or "{}" in template
        prompts = [
            unknown_prompt(rng, chinese, words).lower().rstrip("?.？。") for chinese in (0, 1) for _ in range(400)
        ]
        assert not known.intersection(prompts)


def test_nouns_are_no_shapes_that_training_asks_about():
    """ "What color is the circle?" is a question of the scenes, and has their answer."""
    assert not set(TRAINING_PROMPTS.nouns) & set(SHAPES)
    assert set(COLORS) & set(TRAINING_PROMPTS.nouns)


def test_what_is_held_out_is_other():
    for field in ("templates", "nouns", "templates_zh", "nouns_zh"):
        one, other = (set(getattr(words, field)) for words in SIDES)
        assert len(one) > len(other) > 5 and not one & other


def test_a_strange_picture_is_asked_what_scenes_are_asked_too():
    rng = np.random.default_rng(0)
    prompts = [any_prompt(rng) for _ in range(200)]
    descriptions = set(TEMPLATES["describe_en"] + TEMPLATES["describe_zh"])
    assert 40 < sum(prompt in descriptions for prompt in prompts) < 100
    assert 60 < sum(map(is_chinese, prompts)) < 140
