"""The vision tower of every family: which patch lies where, and gradients there."""

import numpy as np
import pytest
import torch

from core.engine.one_pass import explain_chunk
from core.inference.smoothgrad import noisy
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.methods import attribution
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from tests.conftest import gradient_picture
from tests.core.models.families.painting import painted
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow, own_blocks, slow_spread
from tests.some import some


def blocks_of(loaded):
    """Those whose output becomes features."""
    blocks = list(own_blocks(loaded.model))
    unused = {"llava": 1}.get(loaded.model.config.model_type, 0)  # its features are those before the last block
    return blocks[: len(blocks) - unused]


def entering(block, run):
    """What enters a block while something runs."""
    held = {}

    def record(_, args):
        if args[0].requires_grad:
            args[0].retain_grad()
        held["hidden"] = args[0]

    handle = block.register_forward_pre_hook(record)
    try:
        run()
    finally:
        handle.remove()
    return held["hidden"]


@pytest.mark.parametrize("size", [(130, 203), (168, 90)])
def test_a_bright_patch_changes_the_patches_under_it(family, size):
    """Before the first block no patch knows of another, so that all others stay the same."""
    loaded = family.loaded
    before = prepare(loaded, painted(size), QUESTION)
    (layout,) = before.tower_layouts
    rows, columns = layout.grid
    first = blocks_of(loaded)[0]

    answer = Slow.of(loaded, painted(size)).answer

    def patches(prepared):
        slow = Slow(loaded, prepared, answer)
        with torch.no_grad():
            hidden = entering(first, slow.outputs)
        return loaded.family.patches(loaded.model, hidden, prepared.vision, prepared.tower_layouts)[0]

    still = patches(before)
    assert len(still) == layout.tokens
    for row, column in ((rows // 2, columns // 2), (rows // 3, columns // 2), (rows // 2, columns // 3)):
        (top, bottom), (left, right) = (
            (round(length * at / cells), round(length * (at + 1) / cells))
            for length, at, cells in zip(size, (row, column), layout.grid, strict=True)
        )
        change = (patches(prepare(loaded, painted(size, (left, top, right, bottom)), QUESTION)) - still).norm(dim=-1)
        assert divmod(int(slow_spread(layout, change).argmax()), columns) == (row, column)
        assert (change == 0).float().mean() > 0.5


@pytest.mark.parametrize("several", [False, True])
def test_gradients_in_the_tower_equal_the_slow_loop(family, pictures, several):
    loaded = family.loaded
    slow = Slow.of(loaded, pictures if several else load_picture(gradient_picture(70, 110)))
    blocks, prepared = blocks_of(loaded), slow.prepared
    images = ("i", "j") if several else ()
    request = ExplainRequest(
        image="i",
        images=images,
        prompt=QUESTION,
        model="m",
        part="tower",
        method="gradient_norm",
        layers=tuple(range(len(blocks))),
        target=Target.answer(sentence=SENTENCE),
        num_samples=2,
        noise_std=0.3,
    )
    asked = [request.of_picture(number) for number in range(len(prepared.layouts))]
    with loaded.lock, frozen(loaded.model):
        found = explain_chunk(loaded, prepared, slow.answer, asked, range(2))
    sizes = [layout.cells for layout in prepared.tower_layouts]
    for layer, block in some(enumerate(blocks)):
        heat = []
        for pixels in noisy(prepared.pixel_values, 0.3, 0, range(2)):
            pixels = pixels.clone().requires_grad_()
            hidden = entering(block, lambda pixels=pixels: slow.score(slow.outputs(pixels)).backward())
            gradient = loaded.family.patches(loaded.model, hidden.grad, prepared.vision, prepared.tower_layouts)[0]
            parts = attribution.gradient_norm(gradient, gradient).split([s.tokens for s in prepared.tower_layouts])
            heat.append(torch.cat([slow_spread(*each) for each in zip(prepared.tower_layouts, parts, strict=True)]))
        wanted = torch.stack(heat).mean(0)
        assert wanted.max() > 0
        for moments, part in some(zip(found, wanted.split(sizes), strict=True)):
            np.testing.assert_allclose(moments.mean[layer], part, rtol=2e-3, atol=1e-3 * float(wanted.max()))
