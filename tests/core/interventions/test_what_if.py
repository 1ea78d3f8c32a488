"""The model without a part of a picture, against pixels that are replaced by hand and questions asked anew."""

import json

import numpy as np
import pytest
from PIL import Image

from core import Cancelled, Explainer
from core.analysis.regions import Region
from core.errors import InputError
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.interventions.report import FILLS, WhatIf
from core.interventions.what_if import _intervention
from core.scenes.scene import sample
from core.schema import Answer, Token
from tests.conftest import gradient_picture
from tests.some import some

SCENE = sample(1_900_003, kind="where", objects=3)
PICTURE = load_picture(SCENE.image)
QUESTION = SCENE.question
OTHER = load_picture(gradient_picture(84, 112))


def box_of_object() -> tuple[slice, slice]:
    """Pixels around the object that is asked about, on even ones."""
    rows, columns = (np.flatnonzero(SCENE.masks[SCENE.answer].any(axis)) for axis in (1, 0))
    return slice(rows[0] - 2, rows[-1] + 3), slice(columns[0] - 2, columns[-1] + 3)


def region_of(box: tuple[slice, slice]) -> Region:
    height, width = PICTURE.pixels.shape[:2]
    return Region(((box[1].start / width, box[0].start / height), (box[1].stop / width, box[0].stop / height)))


def greyed(box: tuple[slice, slice], keep: bool) -> np.ndarray:
    """The picture with the mean colour of what lies outside of the box, pixel by pixel."""
    part = np.zeros(PICTURE.pixels.shape[:2], bool)
    part[box] = True
    pixels = PICTURE.pixels.copy()
    colour = np.rint(PICTURE.pixels[~part].mean(0))
    pixels[~part if keep else part] = colour
    return pixels


def forced(explainer: Explainer, pictures, prompt: str, text: str) -> list[float]:
    """Probabilities of a text's tokens by the model's own forward."""
    loaded = explainer.loaded
    return [token.probability for token in force_answer(loaded, prepare(loaded, pictures, prompt), text).tokens]


@pytest.mark.parametrize("keep", [False, True])
def test_it_equals_pixels_replaced_by_hand_and_questions_asked_anew(explainer, keep):
    box = box_of_object()
    found = explainer.what_if(PICTURE, QUESTION, region=region_of(box), keep=keep, fills=["mean"])
    by_hand = load_picture(Image.fromarray(greyed(box, keep)))
    old, new = explainer.answer(PICTURE, QUESTION), explainer.answer(by_hand, QUESTION)
    (each,) = found.interventions
    assert (found.old_answer, each.answer, each.changed) == (old.text, new.text, new.text != old.text)
    before, after = (forced(explainer, picture, QUESTION, old.text) for picture in (PICTURE, by_hand))
    assert [token.text for token in each.tokens] == [token.text for token in old.tokens]
    assert [token.before for token in each.tokens] == pytest.approx(before, rel=1e-4)
    assert [token.after for token in each.tokens] == pytest.approx(after, rel=1e-4, abs=1e-9)
    assert each.log_p_before == pytest.approx(np.log(before).sum(), abs=1e-4)
    assert each.log_p_after == pytest.approx(np.log(after).sum(), rel=1e-4, abs=1e-4)
    part = (box[0].stop - box[0].start) * (box[1].stop - box[1].start) / PICTURE.pixels[..., 0].size
    assert found.share == pytest.approx(1 - part if keep else part)


def test_without_the_object_the_answer_changes_and_with_it_alone_it_stays(explainer):
    region = region_of(box_of_object())
    without, alone = (explainer.what_if(PICTURE, QUESTION, region=region, keep=keep) for keep in (False, True))
    assert without.old_answer == SCENE.answer and without.changed == len(FILLS)
    assert alone.changed == 0 and [each.fill for each in alone.interventions] == list(FILLS)
    for each in some(without.interventions):
        assert each.log_p_after < each.log_p_before - 1
    assert WhatIf.from_dict(json.loads(json.dumps(without.to_dict(), allow_nan=False))) == without


def test_fills_asked_together_equal_those_asked_alone(explainer):
    together = explainer.what_if(PICTURE, QUESTION, cells=[(0, 0), (1, 1)])
    for each in some(together.interventions):
        (alone,) = explainer.what_if(PICTURE, QUESTION, cells=[(1, 1), (0, 0)], fills=[each.fill]).interventions
        assert (alone.answer, alone.changed) == (each.answer, each.changed)
        assert alone.log_p_after == pytest.approx(each.log_p_after, abs=1e-4)


def test_of_several_pictures_one_is_meant(explainer):
    found = explainer.what_if([PICTURE, OTHER], QUESTION, cells=[(0, 0)], picture=1, fills=["mean"])
    pixels = OTHER.pixels.copy()
    rows, columns = prepare(explainer.loaded, OTHER, QUESTION).grids[0]
    part = np.zeros(pixels.shape[:2], bool)
    part[: len(pixels) // rows, : pixels.shape[1] // columns] = True
    pixels[part] = np.rint(pixels[~part].mean(0))
    assert found.picture == 1 and found.share == pytest.approx(1 / (rows * columns))
    changed = [PICTURE, load_picture(Image.fromarray(pixels))]
    after = forced(explainer, changed, QUESTION, found.old_answer)
    assert [token.after for token in found.interventions[0].tokens] == pytest.approx(after, rel=1e-4)
    with pytest.raises(InputError, match="no picture number 3; the prompt has 2"):
        explainer.what_if([PICTURE, OTHER], QUESTION, cells=[(0, 0)], picture=2)


def test_a_sentence_is_followed_in_the_answers_place(explainer):
    found = explainer.what_if(PICTURE, QUESTION, cells=[(0, 0)], fills=["mean"], sentence="top right")
    assert (found.old_answer, found.sentence, found.explained) == (SCENE.answer, "top right", "top right")
    before = forced(explainer, PICTURE, QUESTION, "top right")
    assert [token.before for token in found.interventions[0].tokens] == pytest.approx(before, rel=1e-4)
    assert not found.interventions[0].changed  # by what the model says itself


def test_a_region_smaller_than_a_cell_works(explainer):
    found = explainer.what_if(PICTURE, QUESTION, region=Region(((0.5, 0.5), (0.5001, 0.5001))), fills=["blur"])
    assert found.share == pytest.approx(1 / PICTURE.pixels[..., 0].size) and found.changed == 0


def test_steps_grow_to_the_end_and_stopping_leaves_the_model_free(explainer):
    steps = []
    explainer.what_if(PICTURE, QUESTION, cells=[(0, 0)], on_step=lambda *step: steps.append(step))
    done = [at for _, at, _ in steps]
    assert done == sorted(done) and done[0] == 0 and max(done) <= steps[0][2] and len({all_ for *_, all_ in steps}) == 1

    def stop(doing, done, total):
        if done >= 4:  # while answers are generated
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        explainer.what_if(PICTURE, QUESTION, cells=[(0, 0)], on_step=stop)
    assert not explainer.loaded.lock.locked()
    assert explainer.answer(PICTURE, QUESTION).text == SCENE.answer


def test_drawn_answers_are_those_of_the_same_seed_about_the_changed_picture(explainer):
    drawn = {"temperature": 10.0, "answer_seed": 7, "max_new_tokens": 4}
    box = box_of_object()
    found = explainer.what_if(PICTURE, QUESTION, region=region_of(box), fills=["mean"], **drawn)
    assert found.old_answer == explainer.answer(PICTURE, QUESTION, **drawn).text
    (without,) = found.interventions
    changed = Image.fromarray(greyed(box, keep=False))
    assert without.answer == explainer.answer(load_picture(changed), QUESTION, **drawn).text


def test_a_thought_is_no_part_of_what_changes():
    def thinking(thought: str) -> Answer:
        text = f"{thought}</think>red"
        cut = len(text) - 3
        tokens = (Token(1, text[:cut], 1.0, (), 0, cut), Token(2, "red", 1.0, (), cut, len(text)))
        return Answer(text, tokens, 1)

    old, new = thinking("well"), thinking("hm, hm")
    assert not _intervention("blur", new, old, old, np.zeros(2), np.zeros(2)).changed
