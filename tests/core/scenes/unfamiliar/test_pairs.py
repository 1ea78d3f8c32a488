"""Held-out pairs: as many as promised, of everything, always the same, each with a grammatical answer."""

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from core.scenes.sentences import HONEST, HONEST_ZH, is_chinese, is_grammatical
from core.scenes.unfamiliar.pairs import PAIRS, held_out_pairs
from core.scenes.unfamiliar.pictures import HELD_OUT_STYLES


@pytest.fixture
def photographs(tmp_path):
    paths = [tmp_path / f"{index}.png" for index in range(3)]
    for index, path in enumerate(paths):
        Image.effect_noise((200, 160), 40 + 20 * index).convert("RGB").save(path)
    return paths


def test_pairs_are_of_everything_and_answered_by_a_sentence(photographs):
    pairs = list(held_out_pairs(photographs, 60))
    styles = Counter(pair.style for pair in pairs)
    assert len(pairs) == 60 and styles["photograph"] == 30 and styles["scene"] == 12
    assert set(styles) == {"photograph", "scene", *HELD_OUT_STYLES}
    for pair in pairs:
        assert is_grammatical(pair.answer, chinese=is_chinese(pair.prompt))
        assert (pair.answer in (HONEST, HONEST_ZH)) == (pair.style != "scene")
        assert pair.clip.is_picture
    assert 15 < sum(is_chinese(pair.prompt) for pair in pairs) < 45
    assert PAIRS == 300


def test_pairs_can_move(photographs):
    pairs = list(held_out_pairs(photographs, 20, clips=True))
    assert all(2 <= pair.clip.steps <= 4 and not pair.clip.is_picture for pair in pairs)
    assert all(is_grammatical(pair.answer, chinese=is_chinese(pair.prompt)) for pair in pairs)
    assert sum(pair.style == "scene" for pair in pairs) == 4
    strange = [pair for pair in pairs if pair.style not in ("scene", "plain")]
    assert any((pair.clip.frames[0] != pair.clip.frames[-1]).any() for pair in strange)


def test_pairs_are_always_the_same(photographs):
    one, again = (list(held_out_pairs(photographs[:1], 10)) for _ in range(2))
    assert [pair.prompt for pair in one] == [pair.prompt for pair in again]
    assert all(np.array_equal(a.clip.frames, b.clip.frames) for a, b in zip(one, again, strict=True))


def test_without_photographs_nothing_is_measured():
    with pytest.raises(ValueError, match="there are no photographs; install the packages"):
        list(held_out_pairs([], 1))
