"""Two models on one question: one sentence, and the difference of their maps, layer by layer and word by word."""

import numpy as np
import pytest

from core import Explainer, InputError, Target, compare_models
from core.heatmap import per_even_cell
from core.schema.words import words_of
from tests.conftest import gradient_picture
from tests.core.models.lora import write_adapter

QUESTION = "Where is the red square?"
OPTIONS = {"num_samples": 2, "max_new_tokens": 6}


@pytest.fixture(scope="module")
def tuned(explainer, tmp_path_factory):
    """The embedded model with a random LoRA."""
    folder = tmp_path_factory.mktemp("adapters") / "tuned"
    layers = range(5, explainer.total_layers)
    modules = [f"model.language_model.layers.{layer}.mlp.down_proj" for layer in layers]
    write_adapter(folder, explainer.loaded.model, modules, base="embedded", lora_alpha=10)
    return Explainer.from_pretrained(folder, device="cpu")


@pytest.fixture(scope="module")
def picture():
    return gradient_picture(112, 140)


@pytest.fixture(scope="module")
def compared(explainer, tuned, picture):
    return compare_models(explainer, tuned, picture, QUESTION, words=True, **OPTIONS)


def test_both_explain_what_the_tuned_one_says(compared, explainer, tuned, picture):
    said = {name: each.answer(picture, QUESTION, max_new_tokens=6).text for name, each in
            (("base", explainer), ("tuned", tuned))}  # fmt: skip
    assert said["base"] != said["tuned"] == compared.sentence
    assert compared.base.answer.text == compared.tuned.answer.text
    probabilities = [[token.probability for token in each.tokens] for each in (compared.base, compared.tuned)]
    assert probabilities[0] != probabilities[1]
    asked = [each.request for each in (compared.base, compared.tuned)]
    assert asked[0].target == asked[1].target == Target.text(compared.sentence)
    other = compare_models(explainer, tuned, picture, QUESTION, answer_of="base", **OPTIONS)
    assert other.sentence == said["base"] and not other.words


def test_each_result_is_the_model_s_own(compared, explainer, tuned, picture):
    target = Target.text(compared.sentence)
    for each, result in ((explainer, compared.base), (tuned, compared.tuned)):
        alone = each.explain(picture, QUESTION, target=target, **OPTIONS)
        assert np.array_equal(alone.heat, result.heat) and np.array_equal(alone.combined, result.combined)


def test_the_difference_is_the_tuned_map_less_the_base_s(compared):
    raw = compared.difference(3, scale="raw")
    assert np.allclose(raw, compared.tuned.at(3) - compared.base.at(3))
    share = compared.difference(3)
    assert np.allclose(share, per_even_cell(compared.tuned.at(3)) - per_even_cell(compared.base.at(3)))
    assert abs(share.sum()) < 1e-6 and abs(share).max() > 0.01
    combined = per_even_cell(compared.tuned.combined) - per_even_cell(compared.base.combined)
    assert np.allclose(compared.difference(), combined)
    with pytest.raises(InputError, match="no map of layer 99"):
        compared.difference(99)


def test_every_word_has_its_difference(compared, explainer, tuned, picture):
    words = [word for word in words_of(compared.tuned.answer) if word in compared.words]
    assert words and list(compared.words) == words
    base, after = (
        each.explain_words(picture, QUESTION, sentence=compared.sentence)[words[0]] for each in (explainer, tuned)
    )
    expected = per_even_cell(after.at()) - per_even_cell(base.at())
    assert np.allclose(compared.word_difference(words[0]), expected)


def test_words_that_were_not_asked_for(explainer, tuned, picture, compared):
    other = compare_models(explainer, tuned, picture, QUESTION, target=Target.text("Top left."), **OPTIONS)
    assert other.sentence == "Top left."
    with pytest.raises(InputError, match="words=True"):
        other.word_difference(next(iter(compared.words)))


def test_what_is_no_model(explainer, picture):
    with pytest.raises(InputError, match="A model to compare must be an Explainer"):
        compare_models(explainer, "tuned", picture, QUESTION)
    with pytest.raises(InputError, match="no model whose answer is explained called 'mine'"):
        compare_models(explainer, explainer, picture, QUESTION, answer_of="mine")
