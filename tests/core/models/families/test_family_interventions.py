"""Every family asked again without a part of its picture: together as one by one, and by the model's own forward."""

import numpy as np
import pytest
import torch

from core.inference.generation import generate_answers
from core.inputs.pictures import Picture, digest_of
from core.inputs.prompt import prepare
from core.interventions.fills import filled
from core.models.hooks import frozen
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow
from tests.some import some

CELLS = ((0, 0), (1, 1))


def painted(explainer, picture, fill: str) -> Picture:
    """The picture with a fill in the place of two cells, cut out by hand."""
    rows, columns = prepare(explainer.loaded, picture, QUESTION).grids[0]
    height, width = picture.pixels.shape[:2]
    removed = np.zeros((height, width), bool)
    for row, column in CELLS:
        down, across = (
            slice(round(at * size / count), round((at + 1) * size / count))
            for at, size, count in ((row, height, rows), (column, width, columns))
        )
        removed[down, across] = True
    pixels = filled(picture.pixels, removed, ~removed, fill)
    return Picture(pixels, digest_of(pixels))


def test_a_part_is_taken_out_of_the_picture(family, picture):
    found = family.what_if(picture, QUESTION, cells=CELLS, sentence=SENTENCE, max_new_tokens=4)
    for each in some(found.interventions):
        slow = Slow.of(family.loaded, painted(family, picture, each.fill), thinks=False)
        after = [token.probability for token in slow.answer.tokens]
        assert [token.after for token in each.tokens] == pytest.approx(after, rel=2e-3)


def test_answers_generated_together_are_those_generated_alone(family, pictures):
    loaded = family.loaded
    variants = [pictures, [pictures[0], painted(family, pictures[1], "noise")], [painted(family, pictures[0], "mean")]]
    variants[2].append(pictures[1])
    alone = [family.answer(each, QUESTION, max_new_tokens=4) for each in variants]
    with loaded.lock, frozen(loaded.model):
        prepared = [prepare(loaded, each, QUESTION) for each in variants]
        pixels = torch.stack([each.pixel_values for each in prepared])
        together = generate_answers(loaded, prepared[0], pixels, 4, lambda: None)
    for one, each in some(zip(alone, together, strict=True)):
        assert [token.id for token in each.tokens] == [token.id for token in one.tokens]
        assert [token.probability for token in each.tokens] == pytest.approx(
            [token.probability for token in one.tokens], rel=2e-3
        )


def test_what_its_tokens_rest_on(family, picture):
    found = family.reliance(picture, QUESTION, sentence=SENTENCE, fills=["mean"])
    slow = Slow.of(family.loaded, picture, thinks=False)
    blank = np.empty_like(picture.pixels)
    blank[:] = np.rint(picture.pixels.reshape(-1, 3).mean(0))
    without = Slow.of(family.loaded, Picture(blank, digest_of(blank)), thinks=False)
    wanted = [
        np.log(a.probability / b.probability) for a, b in zip(slow.answer.tokens, without.answer.tokens, strict=True)
    ]
    assert [token.picture[0] for token in found.tokens] == pytest.approx(wanted, abs=5e-3)
    assert found.tokens[0].so_far == 0.0 and len({token.so_far for token in found.tokens}) > 1
