"""The scenes are the truth that maps are measured against: they must be right to the pixel."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scenes import wording
from core.scenes.scene import EVALUATION_SEEDS, TRAINING_SEEDS, Scene, sample

SEEDS = st.integers(0, 2_000_000)


def digest(scene: Scene) -> str:
    sha = hashlib.sha256(repr((scene.image.size, scene.kind, scene.question, scene.answer)).encode())
    sha.update(scene.image.tobytes())
    for phrase, mask in scene.masks.items():
        sha.update(phrase.encode() + np.packbits(mask).tobytes())
    return sha.hexdigest()


def test_the_same_seed_gives_the_same_bytes_on_every_run():
    combined = hashlib.sha256("".join(digest(sample(seed)) for seed in range(40)).encode())
    assert combined.hexdigest() == "f2da5198fb8d9a3bfba03d2cc235c27ad88498f464adc90373ace28879c6149f"


def test_a_scene_that_a_person_looked_at():
    scene = sample(1, "describe_en")
    assert scene.question == "Describe the picture."
    assert scene.answer == (
        "In the top right is an orange circle; in the middle left is a red cross; in the bottom right is a blue circle."
    )
    assert {phrase: int(mask.sum()) for phrase, mask in scene.masks.items()} == {
        "top right": 1438,
        "orange circle": 1438,
        "middle left": 1114,
        "red cross": 1114,
        "bottom right": 1962,
        "blue circle": 1962,
    }


@settings(max_examples=60)
@given(SEEDS, st.sampled_from(wording.KINDS))
def test_masks_belong_to_phrases_of_the_text_and_have_pixels(seed, kind):
    scene = sample(seed, kind)
    width, height = scene.image.size
    assert scene.kind == kind and scene.image.mode == "RGB"
    assert width % 28 == height % 28 == 0
    for phrase, mask in scene.masks.items():
        assert phrase in scene.question or phrase in scene.answer
        assert mask.dtype == bool and mask.shape == (height, width) and mask.any()


def test_wrong_requests_are_refused_in_words():
    with pytest.raises(ValueError, match="unknown kind 'why'"):
        sample(0, "why")
    with pytest.raises(ValueError, match="between 0 and 4"):
        sample(0, objects=5)


def test_training_and_evaluation_never_share_a_seed():
    assert TRAINING_SEEDS.stop <= EVALUATION_SEEDS.start
    assert len(TRAINING_SEEDS) > 0 and len(EVALUATION_SEEDS) > 0


def test_scenes_are_light_to_import():
    code = "import sys, core.scenes.scene; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
