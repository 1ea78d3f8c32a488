"""What the training runs instead of the stock code must compute the same."""

import numpy as np
import pytest
import torch
from transformers.vision_utils import get_vision_window_index

from core.embedded import CHECKPOINT
from core.embedded.training import labels as targets
from core.embedded.training.architecture import build_model
from core.embedded.training.ask import Checkpoint, read_answer
from core.embedded.training.auxiliary_losses import AuxiliaryHeads, pointer_loss, token_loss
from core.embedded.training.batched_vision import encode_pictures
from core.embedded.training.curriculum import Curriculum
from core.embedded.training.forward import forward
from core.embedded.training.packing import PackedBatch, pack
from core.embedded.training.tokenizer import build_image_processor, build_tokenizer
from core.embedded.training.train import Recipe, rate, train
from core.scenes import wording
from core.scenes.drawing import COLORS, GRIDS, compose
from core.scenes.questions import Exchange, ask

WIDE = (7, 10)
"""A grid that no window of four tokens divides."""


@pytest.fixture(scope="module")
def untrained() -> Checkpoint:
    tokenizer = build_tokenizer()
    return Checkpoint(build_model(tokenizer, seed=3).eval(), tokenizer, build_image_processor())


def packed(checkpoint: Checkpoint) -> tuple[list, list[list[Exchange]], PackedBatch]:
    rng = np.random.default_rng(0)
    pictures = [compose(seed, objects=seed + 2, grid=WIDE) for seed in range(2)]
    exchanges = [[ask(picture, kind, rng) for kind in wording.KINDS] for picture in pictures]
    return pictures, exchanges, pack(pictures, exchanges, checkpoint.tokenizer, checkpoint.image_processor)


@pytest.mark.parametrize("grid", [GRIDS[0], WIDE, GRIDS[-1]])
def test_batched_vision_equals_the_stock_tower(untrained, grid):
    images = [compose(seed, grid=grid).image for seed in range(2)]
    pixels = untrained.image_processor(images, return_tensors="pt")
    _, height, width = pixels["image_grid_thw"][0].tolist()
    assert (height, width) == (2 * grid[0], 2 * grid[1])
    visual = untrained.model.model.visual
    with torch.no_grad():
        stock = visual(pixels["pixel_values"], grid_thw=pixels["image_grid_thw"]).pooler_output
        ours = encode_pictures(visual, pixels["pixel_values"].unflatten(0, (2, -1)), (height, width))
    torch.testing.assert_close(ours.flatten(0, 1), stock, rtol=1e-4, atol=1e-5)


def test_the_windows_of_that_test_are_not_all_of_one_size():
    _, borders = get_vision_window_index(torch.tensor([[1, 14, 20]]), 2, 112, 14)
    assert len(set(borders.diff().tolist())) > 1


def test_packed_questions_are_answered_as_if_alone(untrained):
    pictures, exchanges, batch = packed(untrained)
    with torch.no_grad():
        logits = forward(untrained.model, batch).logits.log_softmax(-1)
    start = 0
    for picture, group in zip(pictures, exchanges, strict=True):
        for exchange in group:
            alone, tokens = read_answer(untrained, picture.image, exchange.question, exchange.answer)
            part = slice(start, start + len(tokens))
            assert batch.answers[2, part].tolist() == tokens.tolist()
            torch.testing.assert_close(logits[part], alone, rtol=1e-4, atol=1e-4)
            start += len(tokens)
    assert start == len(logits)


def test_descriptions_point_at_the_object_about_to_be_named(untrained):
    picture = compose(1, objects=3, grid=WIDE)
    exchange = ask(picture, "describe_en", np.random.default_rng(0))
    batch = pack([picture], [[exchange]], untrained.tokenizer, untrained.image_processor)
    targets_at = dict(zip(batch.pointers[1].tolist(), batch.pointer_targets, strict=True))
    _, positions, tokens = batch.answers
    words = dict(zip(positions.tolist(), untrained.tokenizer.convert_ids_to_tokens(tokens), strict=True))
    colors = {f"Ġ{name}": index for index, name in enumerate(COLORS)}
    naming = [position for position, word in words.items() if word in colors]
    assert len(naming) == len(picture.things) == 3
    shares = targets.coverage(picture, *WIDE)
    for position, thing, share in zip(naming, picture.things, shares, strict=True):
        assert colors[words[position]] == thing.color
        torch.testing.assert_close(targets_at[position][:-1], share / share.sum())
    (stop,) = (position for position, word in words.items() if word == ".")
    assert targets_at[stop][-1] == 1


def test_token_labels_follow_the_masks():
    picture = compose(1, grid=WIDE)
    shares = targets.coverage(picture, *WIDE)
    colors, shapes = targets.labels_of(picture, shares)
    for thing, share in zip(picture.things, shares, strict=True):
        assert share.sum() * 28 * 28 == pytest.approx(thing.mask.sum())
        assert colors[share.argmax()] == thing.color + 1 and shapes[share.argmax()] == thing.shape + 1
        assert targets.cells_of(*WIDE)[share.argmax()] == thing.cell
    assert (colors[shares.sum(0) == 0] == 0).all()


def test_auxiliary_losses_reach_the_weights_below_them(untrained):
    _, _, batch = packed(untrained)
    heads = AuxiliaryHeads(untrained.model.config.text_config.hidden_size)
    activations = forward(untrained.model, batch)
    visual = activations.hidden[3][:, batch.visual_start : batch.visual_start + WIDE[0] * WIDE[1]]
    loss = token_loss(heads, activations.visual, visual, batch) + pointer_loss(heads, activations.hidden[5], batch)
    layers = untrained.model.model.language_model.layers
    below, above = layers[4].mlp.up_proj.weight, layers[5].mlp.up_proj.weight
    seen = untrained.model.model.visual.blocks[0].attn.qkv.weight
    gradients = torch.autograd.grad(loss, [below, seen, above], allow_unused=True)
    assert gradients[0].abs().max() > 0 and gradients[1].abs().max() > 0 and gradients[2] is None


def test_batches_depend_on_seed_and_step_only(untrained):
    def batch(seed: int, step: int) -> PackedBatch:
        return Curriculum(10, seed, untrained.tokenizer, untrained.image_processor)[step]

    first, again, other = batch(0, 1), batch(0, 1), batch(1, 1)
    assert torch.equal(first.input_ids, again.input_ids)
    assert torch.equal(first.pixel_values, again.pixel_values)
    assert first.input_ids.shape != other.input_ids.shape or not torch.equal(first.input_ids, other.input_ids)


def test_the_learning_rate_rises_stays_and_falls():
    recipe = Recipe(steps=1000, warmup=100)
    assert rate(0, recipe) == pytest.approx(0.01)
    assert rate(100, recipe) == rate(499, recipe) == 1.0
    assert rate(750, recipe) == pytest.approx(0.5)
    assert rate(1000, recipe) == pytest.approx(0.0)


def test_a_run_of_one_step_writes_a_checkpoint_that_differs_from_its_start(tmp_path):
    model = train(Recipe(steps=1, warmup=1), tmp_path)
    start = build_model(build_tokenizer(), Recipe.seed)
    assert (tmp_path / "model.safetensors").exists()
    moved = [not torch.equal(a, b) for a, b in zip(model.parameters(), start.parameters(), strict=True)]
    assert np.mean(moved) > 0.9


def test_the_vocabulary_is_the_one_of_the_checkpoint(untrained, tmp_path):
    untrained.tokenizer.save_pretrained(tmp_path)
    for name in ("tokenizer.json", "chat_template.jinja"):
        assert (tmp_path / name).read_bytes() == (CHECKPOINT / name).read_bytes()
