"""What tokens rest on, against the model asked token by token."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import InputError
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.interventions.reliance import NEUTRAL, neutral_answer
from core.interventions.report import FILLS
from core.models.hooks import frozen
from core.scenes.scene import sample
from tests.some import some

SCENE = sample(1_900_002, kind="describe_en", objects=2)
PICTURE = load_picture(SCENE.image)


@pytest.fixture(scope="module")
def found(explainer):
    return explainer.reliance(PICTURE, SCENE.question)


@pytest.fixture(scope="module")
def answer(explainer):
    return explainer.answer(PICTURE, SCENE.question)


def log_p(explainer, picture, prompt: str, text: str) -> np.ndarray:
    loaded = explainer.loaded
    tokens = force_answer(loaded, prepare(loaded, picture, prompt), text).tokens
    return np.log([max(token.probability, 1e-38) for token in tokens])


def test_the_picture_against_one_of_its_mean_colour(explainer, found, answer):
    blank = np.empty_like(PICTURE.pixels)
    blank[:] = np.rint(PICTURE.pixels.reshape(-1, 3).mean(0))
    without = log_p(explainer, load_picture(Image.fromarray(blank)), SCENE.question, answer.text)
    wanted = log_p(explainer, PICTURE, SCENE.question, answer.text) - without
    assert found.answer == answer.text and found.fills == FILLS
    mean = FILLS.index("mean")
    assert [token.picture[mean] for token in found.tokens] == pytest.approx(wanted, abs=2e-3)


def test_the_question_against_text_that_says_nothing(explainer, found, answer):
    wanted = log_p(explainer, PICTURE, SCENE.question, answer.text) - log_p(explainer, PICTURE, NEUTRAL, answer.text)
    assert [token.question for token in found.tokens] == pytest.approx(wanted, abs=2e-3)


def test_the_answer_so_far_token_by_token(explainer, found, answer):
    """Each token after as many neutral ones as stand before it, in a pass of its own."""
    loaded = explainer.loaded
    prepared = prepare(loaded, PICTURE, SCENE.question)
    neutral = [token.id for token in neutral_answer(loaded, len(answer.tokens)).tokens]
    for index, token in some(list(enumerate(answer.tokens))[:9]):
        ids, types = prepared.with_answer(torch.tensor(neutral[:index], dtype=torch.long))
        state = loaded.family.remember_positions(loaded.model)
        with loaded.lock, frozen(loaded.model), torch.no_grad():
            logits = loaded.model(
                input_ids=ids, mm_token_type_ids=types, pixel_values=prepared.pixel_values, **prepared.vision
            ).logits[0, -1]
        loaded.family.restore_positions(loaded.model, state)
        without = float(logits.log_softmax(-1)[token.id])
        assert found.tokens[index].so_far == pytest.approx(np.log(token.probability) - without, abs=2e-3)
    assert found.tokens[0].so_far == 0.0


def test_words_say_what_they_rest_on(found):
    kinds = {word.text: word.kind for word in found.words()}
    assert kinds["the"] in ("picture hardly matters", "rests on the answer so far")
    assert "rests on the picture" in kinds.values()


def test_a_sentence_and_fewer_fills(explainer):
    found = explainer.reliance(PICTURE, SCENE.question, fills=["noise"], sentence="nothing at all", seed=3)
    assert found.answer == "nothing at all" and found.fills == ("noise",)
    assert {len(token.picture) for token in found.tokens} == {1}
    with pytest.raises(InputError, match="no fill called 'black'"):
        explainer.reliance(PICTURE, SCENE.question, fills=["black"])


def test_several_pictures_go_together_and_steps_are_told(explainer):
    steps = []
    both = explainer.reliance(
        [PICTURE, PICTURE], "What do you see?", fills=["mean"], on_step=lambda *s: steps.append(s)
    )
    assert len(both.tokens) > 0 and all(np.isfinite([token.question, *token.picture]).all() for token in both.tokens)
    done = [at for _, at, _ in steps]
    assert done == sorted(done) and done[-1] == steps[0][2] - 1 and len({doing for doing, *_ in steps}) == 4


def test_neutral_tokens_say_nothing_whatever_their_number(explainer):
    tokenizer = explainer.loaded.processor.tokenizer
    for length in some([1, 2, 7]):
        ids = [token.id for token in neutral_answer(explainer.loaded, length).tokens]
        assert len(ids) == length and not tokenizer.decode(ids).strip(".")


def test_a_longer_answer_takes_as_many_passes(explainer, monkeypatch):
    """The cost does not grow with the answer's length."""
    from core.interventions import asking_again

    asked = []
    forward = asking_again.answer_logits

    def counted(loaded, sequence, features, indices):
        asked.append(len(features))
        return forward(loaded, sequence, features, indices)

    monkeypatch.setattr(asking_again, "answer_logits", counted)
    for sentence in some(["red", "In the top left is a red ring; in the middle is a blue star; and so on."]):
        asked.clear()
        explainer.reliance(PICTURE, SCENE.question, sentence=sentence)
        assert sum(asked) == len(FILLS) + 3


def test_words_of_a_reliance_are_those_of_the_answer(found, answer):
    from core.schema.words import words_of

    assert [(w.text, w.start, w.stop) for w in found.words()] == [(w.text, w.start, w.stop) for w in words_of(answer)]
    assert replace(found, tokens=()).words() == ()
