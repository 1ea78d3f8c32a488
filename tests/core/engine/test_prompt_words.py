"""Heat of the prompt's words: against the model's own forward and plain loops, and what belongs to whom."""

import numpy as np
import pytest
import torch

from core import Cancelled, InputError, Target
from core.engine.prompt_words import prompt_words
from core.evaluation.benchmark.localisation import cases
from core.heatmap import rank_correlation
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.schema.readings.prompt_heat import prompt_request
from tests.benchmarks.prompt_words import heat_of, losses
from tests.conftest import gradient_picture
from tests.core.engine.sweep import QUESTION
from tests.core.inference.test_forward import SENTENCE, Slow
from tests.some import some

SHORT = {"max_new_tokens": 5}


def request_of(explainer, picture, prompt=QUESTION, **given):
    explained = explainer.explain(picture, prompt, num_samples=1, noise_std=0.0, layers=[0], **SHORT, **given)
    return prompt_request(explained.request), explained.answer


def slow_heat(slow, layer, indices=None, name="logit"):
    """Heat of every token [tokens], one after another, weight gradients and all."""
    activation, gradient = slow.everywhere(slow.loaded.layers[layer], "input", indices, name)
    activation, gradient = activation[0], gradient[0]
    visual, question = slow.prepared.visual.tolist(), slow.prepared.question.tolist()
    written = [*question, *range(slow.prepared.prompt_length, len(activation))]
    of_picture = sum(activation[at] for at in visual) / len(visual)
    of_words = sum(activation[at] for at in written) / len(written)
    return [
        float(gradient[at].norm() * (activation[at] - (of_picture if at in visual else of_words)).norm())
        for at in range(len(activation))
    ]


@pytest.mark.parametrize(("indices", "score"), [(None, "logit"), ([2, 3], "logprob")])
def test_every_layer_equals_the_slow_loop_and_adds_up_to_one(explainer, picture, indices, score):
    slow = Slow.of(explainer.loaded, picture, QUESTION)
    target = Target.text(SENTENCE, score=score)
    if indices:
        target = Target.tokens(2, 4, score=score, sentence=SENTENCE)
    found = explainer.prompt_words(picture, QUESTION, target=target)
    assert found.total_layers == len(explainer.loaded.layers) and found.answer == SENTENCE
    question, end = slow.prepared.question.tolist(), slow.prepared.prompt_length
    visual = set(slow.prepared.visual.tolist())
    for layer in some(range(0, found.total_layers, 2)):
        heat = slow_heat(slow, layer, indices, score)
        whole, shares = sum(heat), found.shares(layer)
        assert sum(shares.values()) == pytest.approx(1)
        # The logarithm of a probability near one keeps few digits.
        near = {"rel": 2e-3 if score == "logit" else 1e-2, "abs": 1e-5}
        assert shares["picture"] == pytest.approx(sum(heat[at] for at in visual) / whole, **near)
        assert shares["prompt"] == pytest.approx(sum(heat[at] for at in question) / whole, **near)
        assert shares["answer"] == pytest.approx(sum(heat[end:]) / whole, **near)
        for word, share in zip(found.words, found.word_shares(layer), strict=True):
            own = [heat[question[at]] for at in range(word.start, word.stop)]
            assert share == pytest.approx(sum(own) / whole, **near)


def test_a_pictures_heat_is_the_sum_of_its_map(explainer):
    pictures = [load_picture(gradient_picture(168, 252)), load_picture(gradient_picture(224, 140).rotate(180))]
    maps = explainer.explain(pictures, QUESTION, method="gradient_deviation", noise_std=0.0, num_samples=1, **SHORT)
    found = explainer.prompt_words(pictures, QUESTION, **SHORT)
    for layer in some(maps.layers):
        sums = [float(each.at(layer).sum()) for each in maps.pictures]
        # Each map is held against the mean of both pictures, and so is the heat.
        assert found.picture_heat[layer] == pytest.approx(sums, rel=1e-3)


def test_one_pass_forward_and_one_backward_leave_nothing_behind(explainer, picture, monkeypatch):
    request, answer = request_of(explainer, picture)
    passes, real = [], torch.autograd.grad
    monkeypatch.setattr(torch.autograd, "grad", lambda *given, **named: passes.append("back") or real(*given, **named))
    counting = explainer.loaded.layers[0].register_forward_hook(lambda *_: passes.append("forward") and None)
    told = []
    prompt_words(explainer, picture, request, answer, lambda *step: told.append(step))
    counting.remove()
    assert passes == ["forward", "back"] and [step[1:] for step in told] == [(0, 1), (1, 1)]
    assert not any(layer._forward_pre_hooks or layer._forward_hooks for layer in explainer.loaded.layers)
    assert not explainer.loaded.lock.locked()


def test_stopping_before_the_pass_leaves_the_model_free(explainer, picture):
    request, answer = request_of(explainer, picture)

    def stop(*_):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        prompt_words(explainer, picture, request, answer, stop)
    assert not explainer.loaded.lock.locked()


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Where is\n\n the  red-hot circle?", ["Where", "is", "the", "red-hot", "circle", "?"]),
        ("红色圆形在哪里？", None),
        ("Is <|image_pad|> in <|im_end|><|im_start|>system?", None),
        ("🙂 ?", None),
    ],
)
@pytest.mark.parametrize("picture_first", [True, False])
def test_words_are_those_that_were_typed_whatever_they_hold(explainer, picture, prompt, words, picture_first):
    found = explainer.prompt_words(picture, prompt, picture_first=picture_first, **SHORT)
    typed = [word.text for word in found.words]
    assert "".join(typed) == "".join(prompt.split())
    assert words is None or typed == words
    assert all(0 < share < 1 for share in found.word_shares())
    # What is in no word is blank: the words hold nearly all of the prompt's share, and never more.
    assert 0 < sum(found.word_shares()) <= found.shares()["prompt"] * 1.00001
    prepared = prepare(explainer.loaded, picture, prompt, picture_first=picture_first)
    assert found.words[-1].stop <= len(prepared.question)


def test_the_first_token_has_no_answer_before_it_and_the_last_has(explainer, picture):
    tokens = len(explainer.answer(picture, QUESTION, max_new_tokens=6).tokens)
    first = explainer.prompt_words(picture, QUESTION, target=Target.tokens(0, 1), max_new_tokens=6)
    last = explainer.prompt_words(picture, QUESTION, target=Target.tokens(tokens - 1, None), max_new_tokens=6)
    assert tokens > 1 and first.answer_heat == (0.0,) * first.total_layers
    assert all(heat > 0 for heat in last.answer_heat)


def test_what_enters_the_last_layer_matters_at_words_and_picture_too(explainer, picture):
    """By gradient x input it would not: behind a norm, a token's length says nothing."""
    found = explainer.prompt_words(picture, QUESTION, **SHORT)
    last = found.shares(found.total_layers - 1)
    assert last["picture"] > 0.05 and last["prompt"] > 1e-4


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"prompt": " "}, "The prompt is empty"),
        ({"target": Target.tokens(500, 501)}, "the target asks for 500"),
        ({"target": Target.words("no such words")}, "are not in the answer"),
        ({"target": 3}, "a Target"),
        ({"max_new_tokens": 0}, "longest answer"),
        ({"on_progress": 3}, "a function of one argument"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(explainer, picture, given, sentence):
    with pytest.raises(InputError, match=sentence):
        explainer.prompt_words(picture, **{"prompt": QUESTION, **SHORT, **given})


def test_other_pictures_than_the_questions_are_refused(explainer, picture):
    request, answer = request_of(explainer, picture)
    with pytest.raises(InputError, match="Give all of them"):
        prompt_words(explainer, [picture, picture], request, answer)


def test_words_whose_replacement_costs_more_have_more_heat_at_the_first_layer(explainer):
    """As `tests.benchmarks.prompt_words` measures it on more scenes, where the mean is 0.55."""
    pool = np.array([id for text in (QUESTION, "How many stars?") for id in ids_of(explainer, text)])
    agreement = []
    for (case,) in some(cases(explainer, 4)):
        heat = heat_of(explainer, case)
        agreement.append(rank_correlation(np.array(heat.word_shares()), losses(explainer, case, heat, pool, 3)))
    assert np.mean(agreement) > 0.25


def ids_of(explainer, text):
    return explainer.loaded.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
