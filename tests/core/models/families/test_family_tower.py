"""For every family, the vision tower's maps against its model's own forward, a block and a sample at a time."""

import numpy as np
import pytest
import torch

from core.engine.one_pass import explain_chunk
from core.inference.smoothgrad import noisy
from core.methods import attribution
from core.models.checkpoints import describe_model
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow, own_blocks, slow_spread
from tests.some import some

SAMPLES = range(2)
METHODS = ("gradient_norm", "gradient_deviation", "hirescam", "layercam")


def asked(blocks, method, **given):
    values = {"part": "tower", "num_samples": 2, "noise_std": 0.4, "target": Target.answer(sentence=SENTENCE)}
    return ExplainRequest(
        image="i", prompt=QUESTION, model="m", method=method, layers=tuple(range(blocks)), **values | given
    )


def run(slow, requests, samples=SAMPLES):
    with slow.loaded.lock, frozen(slow.loaded.model):
        return explain_chunk(slow.loaded, slow.prepared, slow.answer, requests, samples)


def rows_of_patches(slow):
    """For each patch of the tower's layouts, in their order: where it stands among what enters the first block.

    Nothing mixes patches before that block. So the number of a row's patch can be spelt in bits: one picture for
    each bit, in which the patches that have it are painted.
    """
    loaded, prepared = slow.loaded, slow.prepared
    block, held = own_blocks(loaded.model)[0], {}

    def entering(pixels):
        handle = block.register_forward_pre_hook(lambda _, args: held.update(hidden=args[0]))
        try:
            with torch.no_grad():
                slow.outputs(pixels)
        finally:
            handle.remove()
        return held["hidden"].flatten(0, -2)

    base = entering(prepared.pixel_values)
    total = sum(layout.tokens for layout in prepared.tower_layouts)
    numbers = sum(
        (entering(painted(slow, lambda number, bit=bit: number >> bit & 1)) - base).abs().sum(-1).gt(1e-6).long()
        * 2**bit
        for bit in range(total.bit_length())
    )
    # Number 0 is that of tokens that are no patches, too, so that patches are counted from 1.
    rows = {int(number): row for row, number in enumerate(numbers) if number}
    assert sorted(rows) == list(range(1, total + 1))
    return torch.tensor([rows[number] for number in range(1, total + 1)])


def painted(slow, chosen):
    """The pixels with those patches changed whose number, from 1 in the order of the layouts, is chosen."""
    prepared, patch = slow.prepared, slow.loaded.model.config.vision_config.patch_size
    pixels, number = prepared.pixel_values.clone(), 0
    side = patch if isinstance(patch, int) else patch[0]
    if pixels.ndim == 2:  # Qwen's, patch after patch: the four of a visual token follow each other
        first = 0
        for layout in prepared.tower_layouts:
            rows, columns = layout.grid
            for row in range(rows):
                for column in range(columns):
                    number += 1
                    token = row // 2 * (columns // 2) + column // 2
                    if chosen(number):
                        pixels[first + 4 * token + row % 2 * 2 + column % 2] += 1
            first += rows * columns
        return pixels
    if pixels.ndim == 3:  # Gemma 4's, each picture's patches row by row
        for image, layout in enumerate(prepared.tower_layouts):
            for patch in range(layout.tokens):
                number += 1
                if chosen(number):
                    pixels[image, patch] += 1
        return pixels
    images, image = pixels.flatten(0, -4), 0
    for layout in prepared.tower_layouts:
        for tile in layout.tiles:
            for row in range(tile.rows):
                for column in range(tile.columns):
                    number += 1
                    if chosen(number):
                        images[image, :, row * side : (row + 1) * side, column * side : (column + 1) * side] += 1
            image += 1
    return pixels


@pytest.fixture(scope="module")
def order(slow):
    return rows_of_patches(slow)


def test_the_card_knows_the_depth(folder_of, explainer_of, name):
    card, explainer = describe_model(folder_of(name), "cpu"), explainer_of(name)
    total = len(own_blocks(explainer.loaded.model))
    assert card.depth("tower") == explainer.depth("tower") == (total - 1 if name == "llava" else total)


@pytest.mark.parametrize("tap", ["input", "output"])
def test_maps_of_blocks_equal_the_slow_loop(slow, order, tap):
    total = slow.loaded.depth("tower")
    found = dict(zip(METHODS, run(slow, [asked(total, method, tap=tap) for method in METHODS]), strict=True))
    pixels = list(noisy(slow.prepared.pixel_values, 0.4, 0, SAMPLES))
    for layer, block in some(enumerate(own_blocks(slow.loaded.model)[:total])):
        samples = []
        for each in some(pixels):
            activation, gradient = slow.everywhere(block, tap, each)
            assert gradient.abs().max() > 0
            samples.append([hidden.flatten(0, -2)[order] for hidden in (activation, gradient)])
        parts = max(float((a.norm(dim=-1) * g.norm(dim=-1)).max()) for a, g in samples)
        for method in METHODS:
            heat = [
                slow_spread(slow.prepared.tower_layouts[0], getattr(attribution, method)(*pair)) for pair in samples
            ]
            wanted = torch.stack(heat).mean(0).numpy()
            near = 1e-4 * wanted.max() + 1e-6 * parts
            np.testing.assert_allclose(found[method].mean[layer], wanted, rtol=2e-3, atol=near)


def test_the_decoders_maps_stay_what_they_are(slow):
    total, layers = slow.loaded.depth("tower"), tuple(range(len(slow.loaded.layers)))
    decoder = asked(1, "gradient_norm", part="decoder").for_layers(layers)
    tower = asked(total, "gradient_norm")
    alone = [run(slow, [request])[0] for request in (decoder, tower)]
    for found, wanted in some(zip(run(slow, [decoder, tower]), alone, strict=True)):
        np.testing.assert_allclose(found.mean, wanted.mean, rtol=1e-3, atol=1e-4 * wanted.mean.max())


def test_two_pictures_each_have_their_patches(family, pictures):
    both = Slow.of(family.loaded, pictures)
    order, total = rows_of_patches(both), both.loaded.depth("tower")
    requests = [asked(total, "gradient_norm", noise_std=0.0, images=("i", "j")).of_picture(n) for n in (0, 1)]
    found = run(both, requests, range(1))
    tokens = [layout.tokens for layout in both.prepared.tower_layouts]
    for layer, block in some(enumerate(own_blocks(both.loaded.model)[:total])):
        _, gradient = both.everywhere(block, "input")
        heat = gradient.flatten(0, -2)[order].norm(dim=-1).split(tokens)
        for layout, each, moments in some(zip(both.prepared.tower_layouts, heat, found, strict=True)):
            wanted = slow_spread(layout, each).numpy()
            np.testing.assert_allclose(moments.mean[layer], wanted, rtol=2e-3, atol=1e-4 * wanted.max())
