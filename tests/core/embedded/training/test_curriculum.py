"""Which pictures and questions a step meets."""

import torch

from core.embedded.training.curriculum import PICTURES_PER_STEP, SHORT_QUESTIONS, Curriculum
from core.embedded.training.packing import PackedBatch
from core.scenes.drawing import GRIDS, SMALL_GRIDS


def test_batches_depend_on_seed_and_step_only(untrained):
    def batch(seed: int, step: int) -> PackedBatch:
        return Curriculum(10, seed, untrained.tokenizer, untrained.image_processor)[step]

    first, again, other = batch(0, 1), batch(0, 1), batch(1, 1)
    assert torch.equal(first.input_ids, again.input_ids)
    assert torch.equal(first.pixel_values, again.pixel_values)
    assert first.input_ids.shape != other.input_ids.shape or not torch.equal(first.input_ids, other.input_ids)


def test_a_run_begins_with_small_pictures(untrained):
    curriculum = Curriculum(10, 0, untrained.tokenizer, untrained.image_processor)
    assert len(curriculum) == 10
    first, last = curriculum[0], curriculum[9]
    assert (first.grid[0] // 2, first.grid[1] // 2) in SMALL_GRIDS
    assert (last.grid[0] // 2, last.grid[1] // 2) in GRIDS
    assert len(first.pixel_values) == len(last.pixel_values) == PICTURES_PER_STEP
    # Every answer ends with the token that ends a turn, and with that one alone.
    ends = (first.answers[2] == untrained.tokenizer.eos_token_id).sum()
    assert int(ends) == PICTURES_PER_STEP * (SHORT_QUESTIONS + 1)
