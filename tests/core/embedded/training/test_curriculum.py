"""Which pictures, clips and questions a step meets."""

import numpy as np
import pytest
import torch
from PIL import Image

from core.embedded.training.curriculum import PICTURES_PER_STEP, SHORT_QUESTIONS, STRANGE, UNKNOWN, Curriculum
from core.embedded.training.labels import IGNORED
from core.scenes.clip_wording import CLIP_KINDS
from core.scenes.clips import MAX_TOKENS
from core.scenes.drawing import GRIDS, SMALL_GRIDS
from core.scenes.wording import KINDS
from tests.some import some


@pytest.fixture(scope="module")
def photograph(tmp_path_factory):
    path = tmp_path_factory.mktemp("photographs") / "noise.png"
    Image.effect_noise((300, 300), 80).convert("RGB").save(path)
    return path


@pytest.fixture(scope="module")
def batches(untrained, photograph):
    """The first steps of a run that starts warm."""
    curriculum = Curriculum(100, 0, untrained.tokenizer, untrained.image_processor, [photograph])
    assert len(curriculum) == 100
    return [curriculum[step] for step in range(5)]


def test_batches_depend_on_seed_and_step_only(untrained, photograph, batches):
    again = Curriculum(10, 0, untrained.tokenizer, untrained.image_processor, [photograph])[1]
    other = Curriculum(10, 1, untrained.tokenizer, untrained.image_processor, [photograph])[1]
    assert torch.equal(batches[1].input_ids, again.input_ids)
    assert torch.equal(batches[1].pixel_values, again.pixel_values)
    assert again.input_ids.shape != other.input_ids.shape or not torch.equal(again.input_ids, other.input_ids)


def test_a_cold_run_begins_with_small_pictures_of_scenes(untrained):
    first = Curriculum(10, 0, untrained.tokenizer, untrained.image_processor, easy_steps=1)[0]
    assert (first.grid[1] // 2, first.grid[2] // 2) in SMALL_GRIDS and first.grid[0] == 1
    assert len(first.pixel_values) == PICTURES_PER_STEP and set(first.kinds) <= set(KINDS)
    # Every answer ends with the token that ends a turn, and with that one alone.
    ends = (first.answers[2] == untrained.tokenizer.eos_token_id).sum()
    assert int(ends) == PICTURES_PER_STEP * (SHORT_QUESTIONS + 1) == len(first.kinds)


def test_steps_are_of_pictures_or_of_clips_and_of_everything(batches):
    pictures = [batch for batch in batches if batch.grid[0] == 1]
    clips = [batch for batch in batches if batch.grid[0] > 1]
    for batch in some(pictures):
        assert (batch.grid[1] // 2, batch.grid[2] // 2) in GRIDS and len(batch.pixel_values) == PICTURES_PER_STEP
    for batch in some(clips):
        assert np.prod(batch.grid) / 4 <= MAX_TOKENS and len(batch.pixel_values) >= 3
    kinds = {kind for batch in batches for kind in batch.kinds}
    assert kinds == {*KINDS, *CLIP_KINDS, STRANGE, UNKNOWN}
    for batch in some(batches):
        assert (batch.colors[0] >= 0).any(), "the first is always a scene"
    assert any((batch.colors[1:] == IGNORED).all(1).any() for batch in batches)
