"""Words, sentences and other targets of an answer, through `Explainer`."""

import numpy as np
import pytest

from core import InputError, Target, WordExplanations
from core.schema.words import words_of
from tests.core.engine.sweep import QUESTION, SHORT

SENTENCE = "A red square: it's in the top left, the top!"

WORDS = ["A", "red", "square", "it's", "in", "the", "top", "left", "the", "top"]


@pytest.mark.parametrize("method", ["combined", "gradient_deviation", "attention"])
def test_every_word_has_the_map_of_its_tokens(explainer, picture, method):
    found = explainer.explain_words(picture, QUESTION, method=method, layers=[2, 6], sentence=SENTENCE)
    assert [word.text for word in found] == WORDS  # ":", "," and "!" are left out
    for word, each in found.items():
        target = Target.tokens(word.start, word.stop, sentence=SENTENCE)
        alone = explainer.explain(
            picture, QUESTION, method=method, layers=[2, 6], target=target, num_samples=1, noise_std=0.0
        )
        assert each.request == alone.request and each.answer == alone.answer
        np.testing.assert_allclose(each.heat, alone.heat, rtol=1e-3, atol=1e-4 * alone.heat.max())
    spoken = found[next(word for word in found if word.text == "it's")]
    assert "".join(spoken.tokens[i].text for i in spoken.request.target.indices(spoken.answer)).strip() == "it's"
    assert len({each.heat.tobytes() for each in found.values()}) == len(WORDS)


def test_the_words_of_the_models_own_answer(explainer, picture, result):
    found = explainer.explain_words(picture, QUESTION, score="margin", num_samples=2, noise_std=0.4, **SHORT)
    assert tuple(found) == words_of(result.answer)
    for word, each in found.items():
        assert each.answer == result.answer and each.num_samples == 2 and each.picture is picture
        assert each.request.target == Target.tokens(word.start, word.stop, score="margin")


def test_an_answer_without_words_has_no_maps(explainer, picture):
    found = explainer.explain_words(picture, QUESTION, sentence="...!")
    assert found == {} and isinstance(found, WordExplanations)


def test_a_phrase_is_a_target_wherever_one_is_taken(explainer, picture, result):
    phrase = words_of(result.answer)[0].text
    target = Target.words(phrase)
    fast = {"num_samples": 1, "noise_std": 0.0, "layers": [3], **SHORT}
    assert explainer.explain(picture, QUESTION, target=phrase, **fast).request.target == target
    assert explainer.heads(picture, QUESTION, target=phrase, layers=[3], **SHORT).request.target == target
    told, wanted = (explainer.prompt_words(picture, QUESTION, target=each, **SHORT) for each in (phrase, target))
    assert told == wanted
    with pytest.raises(InputError, match='"green moon" are not in the answer'):
        explainer.explain(picture, QUESTION, target="green moon", **fast)
    with pytest.raises(InputError, match="a phrase of the answer, or None"):
        explainer.explain(picture, QUESTION, target=7, **fast)


def test_the_models_own_sentence_gives_the_models_own_maps(explainer, picture, result):
    own = explainer.explain(
        picture, QUESTION, target=Target.text(result.answer.text), num_samples=3, noise_std=0.4, **SHORT
    )
    assert [token.id for token in own.tokens] == [token.id for token in result.tokens]
    assert np.array_equal(own.heat, result.heat) and np.array_equal(own.combined, result.combined)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Target.words("blue"), 'The words "blue" are not in the answer, which is "top left"'),
        (Target.words("left", 2), "are in the answer once; occurrence 2"),
        (Target.tokens(1, 4), r"The answer has 2 tokens \(0 to 1\); the target asks for 1 to 3"),
        (Target.contrast(5, "blue"), "the target asks for 5"),
        (Target.contrast(1, "left"), "The model said just that"),
    ],
)
def test_a_target_that_is_not_in_the_answer(explainer, picture, target, message):
    with pytest.raises(InputError, match=message):
        explainer.explain(picture, QUESTION, target=target, **SHORT)
    assert not explainer.loaded.lock.locked()
