"""Allowed sentences: what the grammar takes and what it does not, and that every right answer is in it."""

import pytest

from core.scenes.clip_scene import sample_clip
from core.scenes.scene import sample
from core.scenes.sentences import HONEST, HONEST_ZH, honest, is_chinese, is_grammatical
from tests.some import some

GOOD = (
    HONEST,
    "There is nothing in this image.",
    "In the top left is an orange circle.",
    "In the top left is a red circle that moves to the center; in the center is a blue star that appears at the end.",
)
BAD = (
    "",
    "In theone circleone left is红色 the top left",
    "In the top left is a orange circle.",
    "In the top left is an red circle.",
    "In the top left is a red circle",
    "in the top left is a red circle.",
    "In the top left is a red circle; In the center is a blue star.",
    "In the top left is a red circle that moves at the end.",
    "; ".join(["In the top left is a red circle", *["in the center is a blue star"] * 4]) + ".",
    f"{HONEST} {HONEST}",
    HONEST_ZH,
    "top left",
)
GOOD_ZH = (HONEST_ZH, "图中什么都没有。", "左上角有一个红色圆形移动到中央，中央有一个蓝色星形最后出现。")
BAD_ZH = ("左上角有一个圆形。", "左上角有一个红色圆形，。", "左上角有一个红色圆形 circle。", "左上角", HONEST)


@pytest.mark.parametrize("text", GOOD)
def test_right_english_is_taken(text):
    assert is_grammatical(text, chinese=False) and not is_grammatical(text, chinese=True)


@pytest.mark.parametrize("text", BAD)
def test_wrong_english_is_not(text):
    assert not is_grammatical(text, chinese=False)


@pytest.mark.parametrize("text", GOOD_ZH)
def test_right_chinese_is_taken(text):
    assert is_grammatical(text, chinese=True) and not is_grammatical(text, chinese=False)


@pytest.mark.parametrize("text", BAD_ZH)
def test_wrong_chinese_is_not(text):
    assert not is_grammatical(text, chinese=True)


def test_every_true_description_is_grammatical():
    said = [(sample(seed, kind).answer, kind) for seed in range(30) for kind in ("describe_en", "describe_zh")]
    said += [(sample_clip(seed, kind).answer, kind) for seed in range(30) for kind in ("happens", "happens_zh")]
    for text, kind in some(said):
        assert is_grammatical(text, chinese=kind.endswith("_zh")), text


def test_the_language_of_a_prompt_is_that_of_its_answer():
    assert is_chinese("这是 a dog 吗") and not is_chinese("¿Dónde está el perro?") and not is_chinese("")
    assert honest("你好") == HONEST_ZH and honest("Hello") == HONEST
