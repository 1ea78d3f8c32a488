"""A packed batch gives each question what it would get alone."""

import torch

from core.embedded.training.ask import read_answer
from core.embedded.training.forward import forward
from tests.core.embedded.training.grids import WIDE


def test_packed_questions_are_answered_as_if_alone(untrained, packed):
    pictures, exchanges, batch = packed
    with torch.no_grad():
        logits = forward(untrained.model, batch).logits.log_softmax(-1)
    start = 0
    for picture, group in zip(pictures, exchanges, strict=True):
        for exchange in group:
            alone, tokens = read_answer(untrained, picture.image, exchange.question, exchange.answer)
            own = slice(start, start + len(tokens))
            assert batch.answers[2, own].tolist() == tokens.tolist()
            torch.testing.assert_close(logits[own], alone, rtol=1e-4, atol=1e-4)
            start += len(tokens)
    assert start == len(logits)


def test_what_the_losses_read_has_the_shapes_that_they_expect(untrained, packed):
    pictures, _, batch = packed
    with torch.no_grad():
        activations = forward(untrained.model, batch)
    config = untrained.model.config.text_config
    assert activations.visual.shape == (len(pictures), WIDE[0] * WIDE[1], config.hidden_size)
    assert len(activations.hidden) == config.num_hidden_layers + 1
    assert activations.hidden[0].shape == (*batch.input_ids.shape, config.hidden_size)
    # The merger's output stands where the placeholders were.
    visual_end = batch.visual_start + activations.visual.shape[1]
    assert torch.equal(activations.hidden[0][:, batch.visual_start : visual_end], activations.visual)
