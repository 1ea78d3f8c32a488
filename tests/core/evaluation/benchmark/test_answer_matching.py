"""Which answers count as right, said in one phrase or in sentences."""

import pytest

from core.evaluation.benchmark.answer_matching import DESCRIPTIONS, SHORT, right_phrases
from core.scenes.scene import sample


def scene_of(kind):
    """The first held-out scene of that kind that has something to point at."""
    scenes = (sample(seed, kind=kind, objects=3) for seed in range(1_700_000, 1_700_100))
    return next(scene for scene in scenes if scene.masks)


@pytest.mark.parametrize("kind", SHORT)
def test_the_phrase_alone_or_in_a_sentence_is_right(kind):
    scene = scene_of(kind)
    sentences = [scene.answer, f"It is {scene.answer}.", f"{scene.answer}。", scene.answer.capitalize()]
    assert [right_phrases(scene, said) for said in sentences] == [[scene.answer]] * 4


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("where", "It is top left or top right, in the center or bottom middle."),
        ("color", "It is red or blue."),
        ("shape", "It is a circle or a star."),
        ("at", "There is a red circle beside a blue star."),
        ("where_zh", "左上角或右下角"),
    ],
)
def test_an_answer_that_also_says_something_else_is_not(kind, wrong):
    scene = scene_of(kind)
    assert right_phrases(scene, wrong) == right_phrases(scene, "I do not know.") == right_phrases(scene, "") == []
    assert right_phrases(scene, f"{scene.answer}, yes, {scene.answer}") == []  # which of them would be explained?


def test_nothing_is_right_where_nothing_is_there():
    absent = next(
        scene
        for scene in (sample(seed, kind="where", objects=2) for seed in range(1_700_000, 1_700_200))
        if scene.answer == "nowhere"
    )
    assert right_phrases(absent, "nowhere") == []


@pytest.mark.parametrize("kind", DESCRIPTIONS)
def test_a_description_names_every_object_and_no_other(kind):
    scene = scene_of(kind)
    names = right_phrases(scene, scene.answer)
    assert len(names) == 3 and all(name in scene.masks for name in names)
    assert right_phrases(scene, f"I see {', '.join(names)}, on white.") == names
    assert right_phrases(scene, f"I see {', '.join(names[:2])}.") == []
    other = {"describe_en": ("red ring", "blue ring"), "describe_zh": ("红色圆环", "蓝色圆环")}[kind]
    invented = next(name for name in other if name not in names)
    assert right_phrases(scene, f"{scene.answer} {invented}") == []
    twice = f"{scene.answer} {names[0]}"
    assert right_phrases(scene, twice) == names[1:]
