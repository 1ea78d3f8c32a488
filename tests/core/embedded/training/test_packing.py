"""Questions in one sequence: who sees whom, from which position on, and what points where."""

import numpy as np
import torch

from core.embedded.training import labels
from core.embedded.training.packing import pack
from core.scenes.clip_questions import ask_clip, over_time
from core.scenes.clips import still
from core.scenes.drawing import COLORS, compose
from core.scenes.questions import ask
from tests.core.embedded.training.grids import WIDE


def test_descriptions_point_at_the_object_about_to_be_named(untrained):
    picture = compose(1, objects=3, grid=WIDE)
    clip = still(picture)
    exchange = over_time(ask(picture, "describe_en", np.random.default_rng(0)), clip)
    batch = pack([clip], [[exchange]], untrained.tokenizer, untrained.image_processor)
    targets_at = dict(zip(batch.pointers[1].tolist(), batch.pointer_targets, strict=True))
    _, positions, tokens = batch.answers
    words = dict(zip(positions.tolist(), untrained.tokenizer.convert_ids_to_tokens(tokens), strict=True))
    colors = {f"Ġ{name}": index for index, name in enumerate(COLORS)}
    naming = [position for position, word in words.items() if word in colors]
    assert len(naming) == len(picture.things) == 3
    shares = labels.coverage(clip, *WIDE)[:, 0]
    for position, thing, share in zip(naming, picture.things, shares, strict=True):
        assert colors[words[position]] == thing.color
        torch.testing.assert_close(targets_at[position][:-1], share / share.sum())
    (stop,) = (position for position, word in words.items() if word == ".")
    assert targets_at[stop][-1] == 1


def test_questions_see_the_picture_and_themselves_but_not_each_other(untrained):
    clip, rng = still(compose(1, objects=3, grid=WIDE)), np.random.default_rng(0)
    exchanges = [ask_clip(clip, kind, rng) for kind in ("where", "color", "count")]
    batch = pack([clip], [exchanges], untrained.tokenizer, untrained.image_processor)
    mask, positions = batch.mask[0, 0], batch.position_ids[0, 0]
    visual_end = batch.visual_start + WIDE[0] * WIDE[1]
    # A question that follows another one begins where positions start anew, at the first one's own start.
    two, three = (at for at in range(visual_end, len(positions)) if positions[at] < positions[at - 1])
    one = int((positions[:two] == positions[two]).nonzero()[-1])
    assert visual_end <= one < two and positions[one] == positions[two] == positions[three]
    assert mask[two, :one].all() and not mask[two, one:two].any()
    assert mask[three - 1, two:three].all() and not mask[two, two + 1 :].any()


def test_an_answer_about_time_points_at_the_step_that_decides_it(packed_clips):
    batch, tokens = packed_clips.batch, WIDE[0] * WIDE[1]
    targets = iter(batch.pointer_targets)
    pointed = 0
    for clip, group in zip(packed_clips.clips, packed_clips.exchanges, strict=True):
        for exchange in group:
            for _, sights in exchange.pointers:
                target = next(targets)
                steps = target[:-1].view(clip.steps, tokens).sum(1)
                assert {step for step in range(clip.steps) if steps[step] > 0} == {step for _, step in sights}
                assert (target[-1] == 1) == (not sights)
                pointed += 1
    assert pointed == len(batch.pointer_targets) > 20


def test_an_answer_weighs_the_inverse_root_of_its_length(packed):
    exchanges, batch = packed.exchanges, packed.batch
    assert batch.answers.shape == (3, len(batch.answer_weights))
    # Of n tokens of n ** -0.5 each, the sum is n ** 0.5; an answer ends with its last token before another weight.
    lengths = [round(float(weight) ** -2) for weight in batch.answer_weights]
    counted, at = 0, 0
    while at < len(lengths):
        assert len(set(lengths[at : at + lengths[at]])) == 1
        counted, at = counted + 1, at + lengths[at]
    assert counted == sum(map(len, exchanges))
