"""Questions put to a checkpoint with the stock library."""

import pytest
import torch

from core.embedded.training.ask import Checkpoint, answer, answer_probability, load, read_answer
from core.scenes.scene import EVALUATION_SEEDS, sample

FIRST, SECOND = (sample(seed, "where") for seed in EVALUATION_SEEDS[-2:])


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load()


def test_an_answer_does_not_depend_on_the_question_before(checkpoint):
    alone = answer(checkpoint, FIRST.image, FIRST.question)
    answer(checkpoint, SECOND.image, SECOND.question)
    assert answer(checkpoint, FIRST.image, FIRST.question) == alone


def test_an_answer_that_is_read_ends_with_the_end_of_the_turn(checkpoint):
    said = answer(checkpoint, FIRST.image, FIRST.question)
    log_probabilities, tokens = read_answer(checkpoint, FIRST.image, FIRST.question, said)
    assert checkpoint.tokenizer.decode(tokens[:-1]) == said
    assert tokens[-1] == checkpoint.tokenizer.eos_token_id
    assert log_probabilities.argmax(-1).tolist() == tokens.tolist()
    assert log_probabilities.exp().sum(-1).tolist() == pytest.approx([1] * len(tokens), abs=1e-4)


def test_the_probability_of_an_answer_is_the_product_over_its_tokens(checkpoint):
    log_probabilities, tokens = read_answer(checkpoint, FIRST.image, FIRST.question, "upper left")
    product = 1.0
    for row, token in zip(log_probabilities, tokens, strict=True):
        product *= float(torch.exp(row[token]))
    found = answer_probability(checkpoint, FIRST.image, FIRST.question, "upper left")
    assert found == pytest.approx(product, rel=1e-4)
