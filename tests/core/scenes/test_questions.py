"""Questions and answers: what each phrase means, in every kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scenes import wording
from core.scenes.drawing import COLORS, SHAPES, compose
from core.scenes.questions import ask
from core.scenes.scene import sample
from tests.core.scenes.shapes import bounds, nearest_color

SEEDS = st.integers(0, 2_000_000)


@settings(max_examples=40)
@given(SEEDS)
def test_where_and_its_answer_mean_the_asked_object(seed):
    scene = sample(seed, "where")
    if scene.answer == "nowhere":
        assert scene.masks == {}
        return
    name = next(phrase for phrase in scene.masks if phrase in scene.question)
    assert np.array_equal(scene.masks[name], scene.masks[scene.answer])
    color, _ = name.split()
    assert nearest_color(np.asarray(scene.image)[scene.masks[name]]) == color
    row, column = divmod(wording.CELL_NAMES.index(scene.answer), 3)
    top, bottom, left, right = bounds(scene.masks[name])
    assert int((top + bottom) / 2 / scene.image.height * 3) == row
    assert int((left + right) / 2 / scene.image.width * 3) == column


@settings(max_examples=40)
@given(SEEDS)
def test_count_masks_are_the_union_of_the_counted(seed):
    scene, things = sample(seed, "count"), compose(seed).things
    number = wording.NUMBERS.index(scene.answer)
    if number == 0:
        assert scene.masks == {}
        return
    (name,) = (phrase for phrase in scene.masks if phrase in scene.question)
    wanted = [
        thing.mask
        for thing in things
        if name == "objects" or name == wording.PLURALS[thing.shape] or name == f"{COLORS[thing.color]} objects"
    ]
    assert len(wanted) == number
    assert np.array_equal(scene.masks[name], np.any(wanted, axis=0))


@pytest.mark.parametrize(("kind", "names"), [("describe_en", wording.CELL_NAMES), ("describe_zh", None)])
def test_descriptions_name_every_object_in_reading_order(kind, names):
    names = names or wording.CELL_NAMES_ZH
    for seed in range(30):
        things, scene = compose(seed).things, sample(seed, kind)
        assert len(scene.masks) == 2 * len(things)
        at = [scene.answer.index(names[thing.cell]) for thing in things]
        assert at == sorted(at)
        for thing in things:
            assert np.array_equal(scene.masks[names[thing.cell]], thing.mask)


def test_no_phrase_hides_in_another_phrase_of_the_same_answer():
    for names in (wording.CELL_NAMES, wording.CELL_NAMES_ZH, COLORS, SHAPES):
        assert not [(a, b) for a in names for b in names if a != b and a in b]


def test_the_prompts_of_the_project_are_among_the_descriptions():
    assert "Describe the main content in this image in detail." in wording.TEMPLATES["describe_en"]
    assert "请详细描述这张图片中的主要内容。" in wording.TEMPLATES["describe_zh"]
    assert all(len(set(templates)) == len(templates) >= 2 for templates in wording.TEMPLATES.values())


@pytest.mark.parametrize("kind", wording.KINDS)
def test_an_empty_picture_is_answered_without_invention(kind):
    scene = sample(3, kind, objects=0)
    assert scene.masks == {}
    assert scene.answer in {
        "nowhere",
        "none",
        "nothing",
        "zero",
        "no",
        "图中没有",
        "There is nothing in this image.",
        "图中什么都没有。",
    }


def test_pointers_say_where_to_look_before_each_object_is_named():
    picture = compose(1)  # an orange circle top right, a red cross middle left, a blue circle bottom right
    exchange = ask(picture, "describe_en", np.random.default_rng(0))
    looked = [(exchange.answer[at:], things) for at, things in exchange.pointers]
    assert [things for _, things in looked] == [(0,)] * 4 + [(1,)] * 4 + [(2,)] * 4 + [()]
    assert looked[0][0].startswith("In the top right") and looked[1][0].startswith("top right is an orange circle")
    assert looked[4][0].startswith("; in the middle left") and looked[-1][0] == "."


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown kind 'why'; choose one of where, color"):
        ask(compose(0), "why", np.random.default_rng(0))
