"""A packed batch gives each question what it would get alone."""

import torch

from core.embedded.training.ask import inputs_of, read_answer
from core.embedded.training.forward import forward
from tests.core.embedded.training.grids import WIDE


def test_packed_questions_are_answered_as_if_alone(untrained, either):
    with torch.no_grad():
        logits = forward(untrained.model, either.batch).logits.log_softmax(-1)
    start, number = 0, 0
    for clip, group in zip(either.clips, either.exchanges, strict=True):
        for exchange in group:
            alone, tokens = read_answer(untrained, clip, exchange.question, exchange.answer)
            own = slice(start, start + len(tokens))
            assert either.batch.answers[2, own].tolist() == tokens.tolist()
            assert set(either.batch.owners[own].tolist()) == {number} and either.batch.kinds[number] == exchange.kind
            torch.testing.assert_close(logits[own], alone, rtol=1e-4, atol=1e-4)
            start, number = start + len(tokens), number + 1
    assert start == len(logits) and number == len(either.batch.kinds)


def test_positions_are_those_of_the_stock_model(untrained, either):
    clip, exchange, batch = either.clips[0], either.exchanges[0][0], either.batch
    given = inputs_of(untrained, clip, exchange.question)
    grids = {name: value for name, value in given.items() if name.endswith(("_thw", "_ts"))}
    stock, _ = untrained.model.model.get_rope_index(given["input_ids"], given["mm_token_type_ids"], **grids)
    length = stock.shape[-1]
    assert batch.input_ids[0, :length].tolist() == given["input_ids"][0].tolist()
    assert batch.position_ids[:, 0, :length].tolist() == stock[:, 0].tolist()


def test_what_the_losses_read_has_the_shapes_that_they_expect(untrained, either):
    batch = either.batch
    with torch.no_grad():
        activations = forward(untrained.model, batch)
    config = untrained.model.config.text_config
    visual_tokens = either.clips[0].steps * WIDE[0] * WIDE[1]
    assert activations.visual.shape == (len(either.clips), visual_tokens, config.hidden_size)
    assert len(activations.hidden) == config.num_hidden_layers + 1
    assert activations.hidden[0].shape == (*batch.input_ids.shape, config.hidden_size)
    # The merger's output stands where the placeholders were.
    visual_end = batch.visual_start + visual_tokens
    assert torch.equal(activations.hidden[0][:, batch.visual_start : visual_end], activations.visual)
