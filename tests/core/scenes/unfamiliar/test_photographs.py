"""Photographs that packages ship: found where they are, and cropped so that no two crops are alike."""

import numpy as np
import pytest
from PIL import Image

from core.scenes.unfamiliar.photographs import HELD_OUT_PHOTOGRAPHS, PACKAGES, TRAINING_PHOTOGRAPHS, crop, find


@pytest.fixture
def photograph(tmp_path):
    path = tmp_path / "package/data/one.png"
    path.parent.mkdir(parents=True)
    ramp = np.linspace(0, 255, 300 * 200).reshape(200, 300).astype(np.uint8)
    Image.fromarray(np.stack([ramp, ramp.T.reshape(200, 300), 255 - ramp], -1)).save(path)
    return path


def test_photographs_are_found_in_folders_and_where_packages_lie(photograph, monkeypatch):
    folder = photograph.parents[2]
    names = ("package/data/one.png", "package/data/none.png")
    assert find(names, [folder]) == [photograph] and find(names) == []
    monkeypatch.syspath_prepend(str(folder))
    assert find(names) == [photograph]


def test_a_crop_has_the_size_asked_for_and_depends_on_the_seed(photograph):
    first, again, other = (crop(np.random.default_rng(seed), photograph, 168, 224) for seed in (1, 1, 2))
    assert first.shape == (168, 224, 3) and first.dtype == np.float32 and first.std() > 10
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_transparent_pictures_lie_on_white(tmp_path):
    path = tmp_path / "clear.png"
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(path)
    # Turned, a picture's corners are filled with black; its middle is not.
    assert crop(np.random.default_rng(0), path, 28, 28)[14, 14].min() > 120


def test_no_scene_of_a_photograph_is_on_both_sides():
    assert not set(TRAINING_PHOTOGRAPHS) & set(HELD_OUT_PHOTOGRAPHS)
    assert len(TRAINING_PHOTOGRAPHS) >= 20 and len(HELD_OUT_PHOTOGRAPHS) >= 10
    tops = {name.split("/")[0] for name in TRAINING_PHOTOGRAPHS + HELD_OUT_PHOTOGRAPHS}
    assert len(tops) == len(PACKAGES)
    # Two views of one thing, or two copies of it, stay together.
    for thing in ("motorcycle", "cheetah"):
        assert any(thing in name for name in TRAINING_PHOTOGRAPHS)
        assert not any(thing in name for name in HELD_OUT_PHOTOGRAPHS)
