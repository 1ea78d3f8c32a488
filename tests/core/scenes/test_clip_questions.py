"""Questions about clips: their one right answer, worked out from the steps in which things are there."""

import numpy as np
import pytest

from core.scenes.clip_questions import ask_clip
from core.scenes.clip_scene import sample_clip
from core.scenes.clip_wording import CLIP_KINDS, CLIP_TEMPLATES
from core.scenes.clips import Actor, Clip, compose_clip, still
from core.scenes.drawing import compose
from core.scenes.wording import SHORT_KINDS
from tests.some import some


def actor(color: int, shape: int, *cells: int | None) -> Actor:
    masks = np.zeros((len(cells), 84, 84), bool)
    for step, cell in enumerate(cells):
        if cell is not None:
            row, column = divmod(cell, 3)
            masks[step, 28 * row + 4 : 28 * row + 20, 28 * column + 4 : 28 * column + 20] = True
    return Actor(color, shape, cells, masks)


CIRCLE, STAR, SQUARE = actor(0, 0, 0, 0, 1, 2), actor(2, 3, None, None, None, 4), actor(1, 1, 6, 6, None, None)
CLIP = Clip(np.zeros((8, 84, 84, 3), np.uint8), 2.0, (CIRCLE, STAR, SQUARE))
"""A red circle that goes along the top, a blue star that appears at the end, a green square that is gone halfway."""

NAMES = ("red circle", "blue star", "green square")
NAMES_ZH = ("红色圆形", "蓝色星形", "绿色方形")
ANSWERS = {
    "appear": (("at the beginning", [0]), ("at the end", [3]), ("at the beginning", [0])),
    "vanish": (("never", [3]), ("never", [3]), ("in the middle", [1])),
    "begin": (("top left", [0]), ("nowhere", []), ("bottom left", [0])),
    "end": (("top right", [3]), ("center", [3]), ("nowhere", [])),
    "move": (("yes, to the top right", [3]), ("no", [3]), ("no", [0, 1])),
    "appear_zh": (("一开始", [0]), ("最后", [3]), ("一开始", [0])),
    "vanish_zh": (("没有消失", [3]), ("没有消失", [3]), ("中途", [1])),
    "begin_zh": (("左上角", [0]), ("图中没有", []), ("左下角", [0])),
    "end_zh": (("右上角", [3]), ("中央", [3]), ("图中没有", [])),
    "move_zh": (("移动到右上角", [3]), ("没有移动", [3]), ("没有移动", [0, 1])),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_by_hand(kind):
    rng, asked = np.random.default_rng(0), set()
    names = NAMES_ZH if kind.endswith("_zh") else NAMES
    for _ in range(40):
        exchange = ask_clip(CLIP, kind, rng)
        about = [index for index, name in enumerate(names) if name in exchange.question]
        if not about:
            continue
        (index,) = about
        answer, steps = ANSWERS[kind][index]
        assert exchange.answer == answer
        assert exchange.phrases.get(answer, ()) == tuple((index, step) for step in steps)
        assert exchange.phrases[names[index]] == tuple((index, step) for step in CLIP.things[index].seen)
        assert exchange.pointers == ((0, tuple((index, step) for step in steps)),)
        asked.add(index)
    assert asked == {0, 1, 2}


def test_which_came_first_is_asked_only_where_one_did():
    rng, answers = np.random.default_rng(0), set()
    for _ in range(120):
        exchange = ask_clip(CLIP, "first", rng)
        both = [name for name in NAMES if name in exchange.question]
        assert exchange.answer in both and set(both) != {"red circle", "green square"}
        assert len(both) == 1 or exchange.answer != "blue star"
        answers.add(exchange.answer)
    assert len(answers) == 3


def test_descriptions_say_what_each_object_does():
    rng = np.random.default_rng(0)
    assert ask_clip(CLIP, "happens", rng).answer == (
        "In the top left is a red circle that moves to the top right; in the center is a blue star that appears at the "
        "end; in the bottom left is a green square that vanishes in the middle."
    )
    exchange = ask_clip(CLIP, "happens_zh", rng)
    assert (
        exchange.answer
        == "左上角有一个红色圆形移动到右上角，中央有一个蓝色星形最后出现，左下角有一个绿色方形中途消失。"
    )
    looked = [(exchange.answer[at:][:4], sights) for at, sights in exchange.pointers]
    assert ("红色圆形", ((0, 0), (0, 1))) in looked and ("移动到右", ((0, 3),)) in looked
    assert looked[-1] == ("。", ())


@pytest.mark.parametrize("kind", [*CLIP_KINDS, *SHORT_KINDS])
def test_what_is_not_there_is_not_invented(kind):
    empty = Clip(CLIP.frames, 2.0, ())
    exchange = ask_clip(empty, kind, np.random.default_rng(1))
    assert exchange.phrases == {} and exchange.pointers == ((0, ()),)
    assert exchange.answer in {
        *("never", "nowhere", "none", "no", "nothing", "zero", "There is nothing in this video."),
        *("没有出现", "没有消失", "图中没有", "都没有", "没有移动", "视频中什么都没有。"),
    }


def test_a_picture_can_be_asked_about_time_and_a_clip_about_a_picture():
    picture, rng = compose(1, objects=1), np.random.default_rng(0)
    answers = {ask_clip(still(picture), "appear", rng).answer for _ in range(40)}
    assert answers == {"at the beginning", "never"}
    description = ask_clip(still(picture), "happens", rng)
    assert description.answer.startswith("In the ") and "that" not in description.answer
    exchange = next(e for e in (ask_clip(CLIP, "where", rng) for _ in range(40)) if "red circle" in e.question)
    assert exchange.answer == "top left" and exchange.phrases["red circle"] == ((0, 0), (0, 1))


def test_masks_show_the_steps_that_a_phrase_means():
    scene = sample_clip(11, "appear", objects=3)
    clip = compose_clip(11, objects=3)
    assert scene.frames.shape == clip.frames.shape and scene.rate == clip.rate
    for phrase in some(scene.masks):
        assert phrase in scene.question or phrase in scene.answer
    again = sample_clip(11, "appear", objects=3)
    assert again.question == scene.question and np.array_equal(again.frames, scene.frames)
    kinds = {sample_clip(seed).kind for seed in range(80)}
    assert kinds == set(CLIP_KINDS)


def test_paraphrases_are_several_and_an_unknown_kind_is_refused():
    assert all(len(set(templates)) == len(templates) >= 4 for templates in CLIP_TEMPLATES.values())
    with pytest.raises(ValueError, match="unknown kind 'why'; choose one of appear, vanish"):
        ask_clip(CLIP, "why", np.random.default_rng(0))
