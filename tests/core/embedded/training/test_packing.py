"""Questions in one sequence: who sees whom, from which position on, and what points where."""

import numpy as np
import torch

from core.embedded.training import labels
from core.embedded.training.packing import pack
from core.scenes.drawing import COLORS, compose
from core.scenes.questions import ask
from tests.core.embedded.training.grids import WIDE


def test_descriptions_point_at_the_object_about_to_be_named(untrained):
    picture = compose(1, objects=3, grid=WIDE)
    exchange = ask(picture, "describe_en", np.random.default_rng(0))
    batch = pack([picture], [[exchange]], untrained.tokenizer, untrained.image_processor)
    targets_at = dict(zip(batch.pointers[1].tolist(), batch.pointer_targets, strict=True))
    _, positions, tokens = batch.answers
    words = dict(zip(positions.tolist(), untrained.tokenizer.convert_ids_to_tokens(tokens), strict=True))
    colors = {f"Ġ{name}": index for index, name in enumerate(COLORS)}
    naming = [position for position, word in words.items() if word in colors]
    assert len(naming) == len(picture.things) == 3
    shares = labels.coverage(picture, *WIDE)
    for position, thing, share in zip(naming, picture.things, shares, strict=True):
        assert colors[words[position]] == thing.color
        torch.testing.assert_close(targets_at[position][:-1], share / share.sum())
    (stop,) = (position for position, word in words.items() if word == ".")
    assert targets_at[stop][-1] == 1


def test_questions_see_the_picture_and_themselves_but_not_each_other(untrained):
    picture, rng = compose(1, objects=3, grid=WIDE), np.random.default_rng(0)
    exchanges = [ask(picture, kind, rng) for kind in ("where", "color", "count")]
    batch = pack([picture], [exchanges], untrained.tokenizer, untrained.image_processor)
    mask, positions = batch.mask[0, 0], batch.position_ids[0, 0]
    visual_end = batch.visual_start + WIDE[0] * WIDE[1]
    # A question that follows another one begins where positions start anew, at the first one's own start.
    two, three = (at for at in range(visual_end, len(positions)) if positions[at] < positions[at - 1])
    one = int((positions[:two] == positions[two]).nonzero()[-1])
    assert visual_end <= one < two and positions[one] == positions[two] == positions[three]
    assert mask[two, :one].all() and not mask[two, one:two].any()
    assert mask[three - 1, two:three].all() and not mask[two, two + 1 :].any()


def test_an_answer_weighs_the_inverse_root_of_its_length(packed):
    _, exchanges, batch = packed
    assert batch.answers.shape == (3, len(batch.answer_weights))
    # Of n tokens of n ** -0.5 each, the sum is n ** 0.5; an answer ends with its last token before another weight.
    lengths = [round(float(weight) ** -2) for weight in batch.answer_weights]
    counted, at = 0, 0
    while at < len(lengths):
        assert len(set(lengths[at : at + lengths[at]])) == 1
        counted, at = counted + 1, at + lengths[at]
    assert counted == sum(map(len, exchanges))
