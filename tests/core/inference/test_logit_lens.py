"""The logit lens of the embedded model; every family is held against its own logits in tests/core/models/families."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core import Cancelled, ExplainRequest, InputError, OutOfMemoryError, Target
from core.inference.logit_lens import READING, read_lens, top_tokens
from core.inputs.pictures import load_picture
from tests.conftest import gradient_picture
from tests.core.inference.test_forward import QUESTION, SENTENCE, Slow
from tests.some import some


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture(scope="module")
def lens(explainer, picture):
    return explainer.logit_lens(picture, QUESTION)


def test_it_is_the_last_norm_and_the_head_on_what_leaves_each_layer(explainer, picture, lens):
    slow, left = Slow.of(explainer.loaded, picture), {}
    model = explainer.loaded.model
    handles = [
        layer.register_forward_hook(lambda _, __, output, number=number: left.update({number: output}))
        for number, layer in enumerate(explainer.loaded.layers)
    ]
    try:
        with torch.no_grad():
            logits = slow.logits()
            own = {number: model.lm_head(model.model.language_model.norm(each))[0] for number, each in left.items()}
    finally:
        for handle in handles:
            handle.remove()
    torch.testing.assert_close(own[7], logits)  # after the last layer it is what the model says
    for layer, each in some(own.items()):
        best = each[slow.prepared.visual].softmax(-1).topk(5)
        np.testing.assert_allclose(lens.probabilities[layer].reshape(-1, 5), best.values, rtol=1e-3)
        assert (lens.ids[layer].reshape(-1, 5) == best.indices.numpy()).mean() > 0.99  # but for ties


def test_a_few_positions_at_a_time_give_the_same(explainer, picture, lens, monkeypatch):
    seen = []
    handle = explainer.loaded.model.lm_head.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape[1]))
    monkeypatch.setattr("core.inference.logit_lens.LOGIT_BYTES", 5 * 4 * explainer.loaded.model.lm_head.out_features)
    try:
        found = explainer.logit_lens(picture, QUESTION, layers=[5])
    finally:
        handle.remove()
    assert seen == [5] * 10 + [4]  # of 54 visual tokens; the answer's logits are nobody's here
    np.testing.assert_allclose(found.probabilities[0], lens.probabilities[5], rtol=1e-4)


def test_one_cell_alone(explainer, picture, lens):
    one = explainer.logit_lens(picture, QUESTION, cell=(2, 3), layers=[1, -1])
    assert one.layers == (1, 7) and one.grid == lens.grid
    wanted = {layer: lens.at(2, 3)[layer] for layer in (1, 7)}
    for layer, guesses in some(one.at(2, 3).items()):
        assert [each.text for each in guesses] == [each.text for each in wanted[layer]]
        assert [each.probability for each in guesses] == pytest.approx(
            [each.probability for each in wanted[layer]], rel=1e-4
        )
    assert one.at(0, 0) == {1: [], 7: []} and (one.ids >= 0).sum() == 10


def test_neither_answer_nor_noise_matters(explainer, picture, lens):
    noisy = replace(lens.request, num_samples=7, noise_std=0.3, target=Target.text("red"), max_new_tokens=3)
    found = read_lens(explainer, picture, noisy)
    assert np.array_equal(found.ids, lens.ids) and found.request == lens.request


def test_the_prompt_matters_only_where_it_stands_before_the_picture(explainer, picture, lens):
    other = explainer.logit_lens(picture, "What color is the circle?")
    np.testing.assert_allclose(other.probabilities, lens.probabilities, rtol=1e-4)
    after = [explainer.logit_lens(picture, asked, picture_first=False) for asked in (QUESTION, SENTENCE)]
    assert not np.allclose(after[0].probabilities, after[1].probabilities, rtol=1e-3)


def test_control_tokens_and_fragments_have_a_text(explainer, lens):
    tokenizer = explainer.loaded.processor.tokenizer
    for token, text in some(lens.texts.items()):
        assert text == tokenizer.decode([token])
    assert set(lens.texts) == set(np.unique(lens.ids).tolist())


def test_steps_are_told_and_can_stop_it(explainer, picture):
    request, told = explainer.logit_lens(picture, QUESTION, cell=(0, 0), layers=[0]).request, []
    read_lens(explainer, picture, request, (0, 3), (1, 1), on_step=lambda *step: told.append(step))
    assert told == [(READING, 0, 2), (READING, 1, 2), (READING, 2, 2)]

    def stop(doing, done, total):
        if done:
            raise Cancelled("The run was stopped.")

    with pytest.raises(Cancelled):
        read_lens(explainer, picture, request, on_step=stop)
    assert not any(layer._forward_hooks for layer in explainer.loaded.layers)


def test_what_cannot_be_read_is_refused_in_a_sentence(explainer, picture, monkeypatch):
    with pytest.raises(InputError, match="6 rows and 9 columns of cells"):
        explainer.logit_lens(picture, QUESTION, cell=(6, 0))
    with pytest.raises(InputError, match="no cell"):
        explainer.logit_lens(picture, QUESTION, cell="hot")

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("core.inference.logit_lens.top_tokens", full)
    with pytest.raises(OutOfMemoryError, match="too little memory"):
        explainer.logit_lens(picture, QUESTION)


def test_probabilities_are_those_of_a_softmax_over_the_whole_vocabulary(explainer):
    hidden = torch.randn(7, explainer.loaded.model.lm_head.in_features, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ids, chances = top_tokens(explainer.loaded, hidden)
        own = explainer.loaded.model.lm_head(explainer.loaded.model.model.language_model.norm(hidden)).softmax(-1)
    assert ids.shape == chances.shape == (7, 5)
    torch.testing.assert_close(own.gather(1, ids), chances)
    torch.testing.assert_close(own.topk(5).values, chances)


def test_an_explain_request_is_enough(explainer, picture):
    request = ExplainRequest(image=picture.digest, prompt=QUESTION, model="m", layers=(3,), method="attention")
    assert read_lens(explainer, picture, request, (3,), (0, 0)).at(0, 0)[3]
