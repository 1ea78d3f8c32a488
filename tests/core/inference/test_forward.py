"""The steps of a pass against the model's own forward, which takes pixels and token ids."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from core.errors import InputError
from core.inference.attention import record_attention
from core.inference.forward import answer_logits, build_sequence, encode, resolve_target, score_of
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import Prepared, prepare
from core.models.loading import LoadedModel
from core.schema import Answer, Target
from core.schema.target import SCORES
from tests.conftest import gradient_picture
from tests.some import some

QUESTION = "What is there?"
SENTENCE = "In the top left is a red square."


@dataclass(frozen=True)
class Slow:
    """A prompt and its answer through the model's own forward, for others to compare with."""

    loaded: LoadedModel
    prepared: Prepared
    answer: Answer

    @classmethod
    def of(cls, loaded, picture, prompt=QUESTION, sentence=SENTENCE):
        """With a sentence as the answer."""
        prepared = prepare(loaded, picture, prompt)
        return cls(loaded, prepared, force_answer(loaded, prepared, sentence))

    @property
    def ids(self):
        """The answer's."""
        return torch.tensor([token.id for token in self.answer.tokens])

    def logits(self, pixels=None) -> Any:
        """At every position of prompt and answer, [sequence, vocabulary]."""
        ids, types = self.prepared.with_answer(self.ids)
        inner = self.loaded.model.model
        before, inner.rope_deltas = inner.rope_deltas, None
        try:
            return self.loaded.model(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                mm_token_type_ids=types,
                pixel_values=self.prepared.pixel_values if pixels is None else pixels,
                image_grid_thw=self.prepared.vision["image_grid_thw"],
            ).logits[0]
        finally:
            inner.rope_deltas = before

    def score(self, logits, indices, name="logit", rival=None):
        """By its definition, token by token."""
        total = 0
        for index in indices:
            row, said = logits[self.prepared.prompt_length - 1 + index], int(self.ids[index])
            others = torch.cat([row[:said], row[said + 1 :]]).sort(descending=True).values
            if rival is not None:
                total = total + row[said] - row[rival]
            elif name == "logprob":
                total = total + row.softmax(-1)[said].log()
            else:
                strongest = {"logit": 0, "margin": others[0], "rivals": others[:5].sum() / 5}[name]
                total = total + row[said] - strongest
        return total

    def gradient(self, module, site, indices=None, name="logit", rival=None, pixels=None):
        """(activation, gradient) at the visual tokens where `module` is entered or left, weight gradients and all."""
        activation, gradient = self.everywhere(module, site, indices, name, rival, pixels)
        return activation[0, self.prepared.visual], gradient[0, self.prepared.visual]

    def everywhere(self, module, site, indices=None, name="logit", rival=None, pixels=None):
        """As `gradient`, of all that goes through the module, as it is laid out there."""
        held = {}

        def keep(hidden):
            if not hidden.requires_grad:
                hidden.requires_grad_()
            hidden.retain_grad()
            held["activation"] = hidden

        if site == "input":
            handle = module.register_forward_pre_hook(lambda _, args: keep(args[0]))
        else:
            handle = module.register_forward_hook(lambda _, __, output: keep(output))
        model = self.loaded.model.requires_grad_(True)
        try:
            indices = range(len(self.ids)) if indices is None else indices
            self.score(self.logits(pixels), indices, name, rival).backward()
        finally:
            handle.remove()
            model.zero_grad(set_to_none=True)
            model.requires_grad_(False)
        return held["activation"].detach(), held["activation"].grad


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture(scope="module")
def slow(explainer, picture):
    return Slow.of(explainer.loaded, picture)


@pytest.fixture(scope="module")
def pictures(slow):
    """Two of them, patch values [2, patches, values]."""
    pixels = slow.prepared.pixel_values
    return torch.stack([pixels, pixels.flip(0) * 0.5])


@pytest.fixture(scope="module")
def truth(slow, pictures):
    """Their logits, [2, sequence, vocabulary]."""
    with torch.no_grad():
        return torch.stack([slow.logits(pixels) for pixels in pictures])


@pytest.fixture(scope="module")
def sequence(slow):
    return build_sequence(slow.loaded, slow.prepared, slow.answer)


@pytest.mark.parametrize("indices", [range(9), [0], [8], [2, 3, 7]])
def test_the_logits_are_the_models_own(slow, sequence, pictures, truth, indices):
    indices = torch.tensor(indices)
    with torch.no_grad():
        logits = answer_logits(slow.loaded, sequence, encode(slow.loaded, sequence, pictures), indices)
    torch.testing.assert_close(logits, truth[:, slow.prepared.prompt_length - 1 + indices], rtol=1e-3, atol=1e-3)
    assert (logits[0] - logits[1]).abs().max() > 0.1  # each has its own picture


def test_features_are_those_of_each_picture_alone(slow, sequence, pictures):
    with torch.no_grad():
        together = encode(slow.loaded, sequence, pictures)
        for pixels, features in some(zip(pictures, together, strict=True)):
            alone = slow.loaded.model.model.get_image_features(pixels, **slow.prepared.vision).pooler_output[0]
            torch.testing.assert_close(features, alone, rtol=1e-4, atol=1e-4)


def test_what_is_laid_out(slow, sequence):
    assert sequence.prompt_length == slow.prepared.prompt_length and sequence.layouts[0].grid == (6, 9)
    assert sequence.ids[0, sequence.prompt_length :].tolist() == sequence.answer.tolist() == slow.ids.tolist()
    assert (sequence.ids[0, sequence.visual] == slow.loaded.processor.image_token_id).all() and len(
        sequence.visual
    ) == 54
    decoded = slow.loaded.processor.tokenizer.decode(sequence.ids[0, sequence.question])
    assert decoded == QUESTION
    # The token after a row is the one that is predicted there.
    assert sequence.ids[0, sequence.rows(torch.arange(9)) + 1].tolist() == slow.ids.tolist()


@pytest.mark.parametrize("name", SCORES)
def test_scores_are_those_of_the_models_own_logits(slow, sequence, pictures, truth, name):
    target = resolve_target(slow.loaded, Target.words("red square", score=name), slow.answer)
    assert target.indices.tolist() == [6, 7]
    with torch.no_grad():
        scores = score_of(slow.loaded, sequence, encode(slow.loaded, sequence, pictures), target)
    wanted = [float(slow.score(logits, [6, 7], name)) for logits in truth]
    assert scores.tolist() == pytest.approx(wanted, rel=1e-3, abs=1e-3) and scores.dtype == torch.float32


def test_a_contrast_is_a_difference_of_two_logits(slow, sequence, pictures, truth):
    target = resolve_target(slow.loaded, Target.contrast(6, "blue"), slow.answer)
    (blue,) = slow.loaded.processor.tokenizer(" blue")["input_ids"]
    assert target.rival == blue and target.indices.tolist() == [6]
    with torch.no_grad():
        scores = score_of(slow.loaded, sequence, encode(slow.loaded, sequence, pictures), target)
    rows = truth[:, slow.prepared.prompt_length + 5]
    torch.testing.assert_close(scores, rows[:, slow.ids[6]] - rows[:, blue], rtol=1e-3, atol=1e-3)


def test_targets_that_are_not_in_the_answer(slow):
    with pytest.raises(InputError, match='"green".*not in the answer, which is "In the top left is a red square."'):
        resolve_target(slow.loaded, Target.words("green"), slow.answer)
    with pytest.raises(InputError, match=r"has 9 tokens \(0 to 8\); the target asks for 9"):
        resolve_target(slow.loaded, Target.contrast(9, "blue"), slow.answer)
    with pytest.raises(InputError, match="The model said just that"):
        resolve_target(slow.loaded, Target.contrast(6, "red"), slow.answer)


@pytest.mark.parametrize("recorded", [False, True])
def test_attention_is_given_no_dense_mask(slow, sequence, pictures, monkeypatch, recorded):
    """With one, fused kernels that skip what is masked could not be used."""
    calls, real = [], torch.nn.functional.scaled_dot_product_attention

    def attend(*tensors, **options):
        calls.append((options["attn_mask"], options["is_causal"]))
        return real(*tensors, **options)

    with torch.no_grad():
        features = encode(slow.loaded, sequence, pictures)
        monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", attend)
        config = slow.loaded.family.decoder_config(slow.loaded.model)
        with record_attention(config) if recorded else nullcontext():
            answer_logits(slow.loaded, sequence, features, torch.tensor([0]))
    assert calls == [(None, True)] * len(slow.loaded.layers)
