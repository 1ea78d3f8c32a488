"""Scores: worked by hand, and against loops that say what they do."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.inference.scores import rival_id, score
from core.schema import Answer, Token
from core.schema.target import SCORES, Target

CONTRAST = Target.contrast(0, "x")


def by_loops(logits, said, target, rival=None) -> list[float]:
    """The definitions, one number at a time."""
    totals = []
    for sample in logits.double().tolist():
        total = 0.0
        for row, y in zip(sample, said.tolist(), strict=True):
            others = sorted((value for v, value in enumerate(row) if v != y), reverse=True)
            if target.kind == "contrast":
                total += row[y] - row[rival]
            elif target.score == "logit":
                total += row[y]
            elif target.score == "logprob":
                total += math.log(math.exp(row[y]) / sum(math.exp(value) for value in row))
            elif target.score == "margin":
                total += row[y] - others[0]
            else:
                total += row[y] - sum(others[:5]) / len(others[:5])
        totals.append(total)
    return totals


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target.answer(), 3 + 1),
        (Target.answer(score="logprob"), 2 * -math.log(1 + math.exp(-2)) - 2),
        (Target.answer(score="margin"), (3 - 1) + (1 - 3)),
        (Target.answer(score="rivals"), (3 - 1) + (1 - 3)),
    ],
)
def test_by_hand_with_two_words(target, expected):
    """Logits 3 and 1: said once the likelier, once the other. Log-probabilities -log(1 + e^-2), and 2 less."""
    logits, said = torch.tensor([[[3.0, 1.0], [3.0, 1.0]]]), torch.tensor([0, 1])
    assert score(logits, said, target).tolist() == pytest.approx([expected])


def test_by_hand_with_many_rivals():
    logits = torch.tensor([[[9.0, 7, 6, 5, 4, 3, -100]]])
    assert score(logits, torch.tensor([0]), Target.answer(score="rivals")).item() == 9 - (7 + 6 + 5 + 4 + 3) / 5
    assert score(logits, torch.tensor([6]), Target.answer(score="rivals")).item() == pytest.approx(-100 - 31 / 5)
    assert score(logits, torch.tensor([6]), Target.answer(score="margin")).item() == -109
    assert score(logits, torch.tensor([2]), CONTRAST, rival=5).item() == 3


def test_equal_logits():
    """The said token is left out by its id, not by its value."""
    for name in ("margin", "rivals"):
        assert score(torch.full((1, 1, 8), 2.0), torch.tensor([3]), Target.answer(score=name)).item() == 0


@settings(max_examples=60)
@given(st.data())
def test_like_the_loops(data):
    samples, tokens, vocabulary = (data.draw(st.integers(low, high)) for low, high in ((1, 3), (1, 4), (2, 12)))
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 10**6)))
    # Few distinct values, so that ties are common.
    logits = torch.randint(-6, 6, (samples, tokens, vocabulary), generator=generator).float() / 2
    said = torch.randint(0, vocabulary, (tokens,), generator=generator)
    for name in SCORES:
        target = Target.answer(score=name)
        got = score(logits, said, target)
        assert got.dtype == torch.float32 and got.tolist() == pytest.approx(by_loops(logits, said, target), abs=1e-4)
    rival = data.draw(st.integers(0, vocabulary - 1))
    got = score(logits[:, :1], said[:1], CONTRAST, rival)
    assert got.tolist() == pytest.approx(by_loops(logits[:, :1], said[:1], CONTRAST, rival))


def test_half_precision_is_left_before_anything_is_subtracted():
    """In bfloat16 256 + 1 is 256: differences and sums of such numbers must not be taken there."""
    logits = torch.tensor([[[256.0, 1.0], [1.0, 256.0]]], dtype=torch.bfloat16)
    got = score(logits, torch.tensor([0, 0]), Target.answer())
    assert got.dtype == torch.float32 and got.item() == 257
    assert score(logits[:, :1], torch.tensor([0]), CONTRAST, 1).item() == 255


@pytest.mark.parametrize(
    ("target", "gradient"),
    [
        (Target.answer(), [0, 1, 0, 0, 0, 0, 0]),
        (Target.answer(score="margin"), [-1, 1, 0, 0, 0, 0, 0]),
        (Target.answer(score="rivals"), [-0.2, 1, -0.2, -0.2, -0.2, -0.2, 0]),
        (CONTRAST, [0, 1, 0, 0, -1, 0, 0]),
    ],
)
def test_gradients_by_hand(target, gradient):
    logits = torch.tensor([[[9.0, 8, 7, 6, 5, 4, 3]]], requires_grad=True)
    before = logits.detach().clone()
    got = torch.autograd.grad(score(logits, torch.tensor([1]), target, rival=4).sum(), logits)[0]
    assert got[0, 0].tolist() == pytest.approx(gradient)
    assert torch.equal(logits, before)


def test_the_gradient_of_a_log_probability():
    logits = torch.randn(2, 3, 5, requires_grad=True)
    got = torch.autograd.grad(score(logits, torch.tensor([0, 4, 2]), Target.answer(score="logprob")).sum(), logits)[0]
    expected = torch.nn.functional.one_hot(torch.tensor([0, 4, 2]), 5) - logits.detach().softmax(-1)
    torch.testing.assert_close(got, expected, atol=1e-6, rtol=0)


def test_a_contrast_is_the_difference_of_log_probabilities():
    logits = torch.randn(4, 1, 9)
    by_probability = logits.log_softmax(-1)[:, 0, 2] - logits.log_softmax(-1)[:, 0, 7]
    torch.testing.assert_close(score(logits, torch.tensor([2]), CONTRAST, 7), by_probability, atol=1e-5, rtol=0)


def test_a_contrast_without_rival_is_a_mistake():
    with pytest.raises(ValueError, match="rival"):
        score(torch.zeros(1, 1, 3), torch.tensor([0]), CONTRAST)


@pytest.fixture
def tokenizer(explainer):
    return explainer.loaded.processor.tokenizer


def answer_of(tokenizer, text: str) -> Answer:
    ids = tokenizer(text)["input_ids"]
    return Answer(text, tuple(Token(i, tokenizer.decode([i]), 0.5) for i in ids))


def test_a_rival_is_written_as_the_said_token_is(tokenizer):
    answer = answer_of(tokenizer, "red red")
    assert [token.text for token in answer.tokens] == ["red", " red"]
    bare, spaced = (rival_id(tokenizer, Target.contrast(place, "circle"), answer) for place in (0, 1))
    assert bare == tokenizer("circle")["input_ids"][0] and spaced == tokenizer(" circle")["input_ids"][0]
    assert bare != spaced


def test_special_tokens_as_rivals_are_plain_text(tokenizer):
    answer = answer_of(tokenizer, "red red")
    rival = rival_id(tokenizer, Target.contrast(0, "<|im_end|>"), answer)
    assert tokenizer.decode([rival]) == "<"
    assert tokenizer("<|im_end|>")["input_ids"] == [tokenizer.eos_token_id]  # and the tokenizer is as before


def test_what_was_said_is_no_rival(tokenizer):
    answer = answer_of(tokenizer, "red red")
    with pytest.raises(InputError, match="The model said just that: \"red\" begins with token 1 of the answer, ' red'"):
        rival_id(tokenizer, Target.contrast(1, "red"), answer)
    with pytest.raises(InputError, match="has 2 tokens"):
        rival_id(tokenizer, Target.contrast(2, "red"), answer)
