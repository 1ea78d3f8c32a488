"""Maps of the vision tower's blocks: each patch in its place, and the same as one block at a time."""

import numpy as np
import pytest
import torch
from PIL import Image

from core import ExplainRequest, Target
from core.engine.one_pass import explain_chunk
from core.inference.smoothgrad import noisy
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.methods.attribution import ATTRIBUTIONS
from core.models.hooks import frozen
from core.schema.methods import METHODS
from tests.conftest import gradient_picture
from tests.core.inference.test_forward import QUESTION, SENTENCE, Slow
from tests.some import some

PATCH = 14
SIZES = {"wide": (112, 364), "high": (308, 140), "near a square": (168, 252)}
"""(height, width) of pictures that the processor leaves as they are; windows of 112 pixels divide none of them."""
READABLE = [name for name, method in METHODS.items() if method.has_tap]
TARGET = Target.text(SENTENCE)


def entering(loaded, image):
    """What enters the first block, [patches, width], as the block sees it."""
    held, pixels = {}, prepare(loaded, load_picture(image), QUESTION)
    handle = loaded.model.model.visual.blocks[0].register_forward_pre_hook(lambda _, args: held.update(hidden=args[0]))
    try:
        with torch.no_grad():
            loaded.model.model.visual(pixels.pixel_values, pixels.vision["image_grid_thw"])
    finally:
        handle.remove()
    return held["hidden"]


def patches_of(loaded, size):
    """Which patch of the picture each row of what enters the first block is of, int64 [patches].

    Nothing mixes patches before that block. So the number of a row's patch can be spelt in bits: one picture for
    each bit, in which the patches that have it are painted.
    """
    rows, columns = size[0] // PATCH, size[1] // PATCH
    numbers = np.arange(rows * columns).reshape(rows, columns)
    black, found = entering(loaded, Image.new("RGB", size[::-1])), 0
    for bit in range(int(numbers.max()).bit_length()):
        painted = np.kron((numbers >> bit & 1).astype(np.uint8) * 255, np.ones((PATCH, PATCH), np.uint8))
        image = Image.fromarray(np.repeat(painted[:, :, None], 3, axis=2))
        found = found + ((entering(loaded, image) - black).abs().sum(-1) > 0).long() * 2**bit
    assert sorted(found.tolist()) == numbers.ravel().tolist()
    return found


@pytest.fixture(scope="module", params=SIZES)
def slow(request, explainer):
    return Slow.of(explainer.loaded, load_picture(gradient_picture(*SIZES[request.param])))


@pytest.fixture(scope="module")
def in_place(slow):
    """Hidden states as a block sees them -> [patches, width] in the order of the picture."""
    rows, columns = slow.prepared.tower_layouts[0].grid
    order = patches_of(slow.loaded, (rows * PATCH, columns * PATCH)).argsort()
    return lambda hidden: hidden[order]


def asked(method="gradient_deviation", layers=(0, 1, 2, 3), **given):
    values = {"part": "tower", "num_samples": 2, "noise_std": 0.4, "target": TARGET, **given}
    return ExplainRequest(image="i", prompt=QUESTION, model="m", method=method, layers=layers, **values)


def run(slow, requests, samples=range(2)):
    with slow.loaded.lock, frozen(slow.loaded.model):
        return explain_chunk(slow.loaded, slow.prepared, slow.answer, requests, samples)


def assert_alike(found, wanted):
    for got, want in ((found.mean, wanted.mean), (found.squared_deviation, wanted.squared_deviation)):
        np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-4 * want.max())


def test_the_order_of_windows_is_not_that_of_the_picture(slow, in_place):
    """Else undoing it would show nothing."""
    patches = torch.arange(slow.prepared.tower_layouts[0].cells)
    assert (in_place(patches) != patches).float().mean() > 0.8


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_bright_patch_is_hot_where_it_stands(explainer, size):
    loaded, (rows, columns) = explainer.loaded, (size[0] // PATCH, size[1] // PATCH)
    black = Image.new("RGB", size[::-1])
    prepared = prepare(loaded, load_picture(black), QUESTION)
    assert prepared.grids_of("tower") == ((rows, columns),)
    assert prepared.grids == ((rows // 2, columns // 2),)
    dark = entering(loaded, black)
    places = [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1), (1, 8), (7, 3), (rows // 2, 5)]
    for row, column in places:
        image = black.copy()
        image.paste((255, 255, 255), (column * PATCH, row * PATCH, (column + 1) * PATCH, (row + 1) * PATCH))
        change = (entering(loaded, image) - dark).norm(dim=-1, keepdim=True)
        for batch in (1, 3):
            seen = loaded.family.patches(
                loaded.model, change.repeat(batch, 1), prepared.vision, prepared.tower_layouts
            ).reshape(batch, rows, columns)
            hot = [divmod(int(each.argmax()), columns) for each in seen]
            assert hot == [(row, column)] * batch and int((seen > 0).sum()) == batch


@pytest.mark.parametrize("tap", ["input", "output"])
def test_one_pass_equals_one_block_at_a_time(slow, in_place, tap):
    # Grad-CAM++ divides by what comes near 0 here, so that rounding of A and G shows; they are those of the others.
    methods = [name for name in READABLE if name != "gradcam_plus_plus"]
    pixels = list(noisy(slow.prepared.pixel_values, 0.4, 0, range(2)))
    found = dict(zip(methods, run(slow, [asked(method, tap=tap) for method in methods]), strict=True))
    for layer, block in some(enumerate(slow.loaded.model.model.visual.blocks)):
        samples = [[in_place(each) for each in slow.everywhere(block, tap, pixels=each)] for each in pixels]
        # What is nothing but rounding is held against that which cancels in it.
        parts = max(float((a.norm(dim=-1) * g.norm(dim=-1)).max()) for a, g in samples)
        for method in some(methods):
            wanted = np.mean([ATTRIBUTIONS[method](*sample).numpy() for sample in samples], axis=0)
            near = 1e-4 * wanted.max() + 1e-6 * parts
            np.testing.assert_allclose(found[method].mean[layer], wanted, rtol=2e-3, atol=near)


def test_behind_the_last_block_products_are_rounding(slow):
    """A norm follows, which is blind to a patch's scale: A . G = 0 for each patch (Euler)."""
    first, last = (
        run(slow, [asked("abs_activation_gradient", layers=(layer,), tap="output")])[0].mean.max() for layer in (0, 3)
    )
    assert last < 1e-4 * first


def test_the_last_blocks_output_has_a_map(slow):
    (found,) = run(slow, [asked(tap="output", layers=(3,))])
    assert (found.mean > 0).all()


def test_every_block_is_the_next_ones_input(slow):
    above, below = run(slow, [asked(layers=(1, 2, 3)), asked(layers=(0, 1, 2), tap="output")])
    assert_alike(below, above)


def test_each_request_equals_itself_alone(slow):
    """The decoder's maps and the tower's share a pass, whatever is cut off where."""
    decoder = {"part": "decoder", "layers": (1, 6)}
    requests = [
        asked(),
        asked("gradient_norm", layers=(2,), tap="output"),
        asked("activation_peak"),
        asked("gradient_norm", **decoder),
        asked("gradient_deviation", part="decoder", layers=(0, 2)),
        asked("attention_gradient", **decoder),
        asked("combined", part="decoder", layers=()),
        asked("input_gradient", part="decoder", layers=()),
        asked("tam", part="decoder", layers=()),
        asked("gradient_norm", layers=(3,), target=Target.tokens(6, 8, sentence=SENTENCE)),
    ]
    alone = [run(slow, [request])[0] for request in requests]
    for chosen in (requests, requests[::-1], requests[:7], [requests[2], requests[3]], [requests[2], requests[8]]):
        for request, found in some(zip(chosen, run(slow, chosen), strict=True)):
            assert_alike(found, alone[requests.index(request)])


def test_samples_may_be_cut_anywhere(slow):
    whole = run(slow, [asked()], range(4))[0]
    parts = [run(slow, [asked()], each)[0] for each in (range(0, 1), range(1, 4))]
    assert_alike(parts[0].merge(parts[1]), whole)


def test_nothing_below_the_lowest_block_is_on_the_graph(slow):
    graded, handles = [], []
    for block in slow.loaded.blocks:
        handles.append(block.register_forward_hook(lambda _, __, output: graded.append(output.requires_grad)))
    try:
        run(slow, [asked(layers=(2, 3))])
        run(slow, [asked("gradient_norm", part="decoder", layers=(0,))])
        run(slow, [asked("activation_peak", layers=(0,))])
    finally:
        for handle in handles:
            handle.remove()
    assert graded == [False, False, True, True] + [False] * 8


def test_two_pictures_each_have_their_patches(explainer):
    pictures = [load_picture(gradient_picture(*SIZES[name])) for name in ("wide", "high")]
    slow = Slow.of(explainer.loaded, pictures)
    requests = [asked("gradient_norm", noise_std=0.0, images=("i", "j")).of_picture(number) for number in (0, 1)]
    found = run(slow, requests, range(1))
    blocks, first = slow.loaded.model.model.visual.blocks, 0
    for picture, each in some(zip(pictures, found, strict=True)):
        size = picture.pixels.shape[:2]
        order = patches_of(slow.loaded, size).argsort()
        for layer in (0, 2, 3):
            _, gradient = slow.everywhere(blocks[layer], "input")
            wanted = gradient.norm(dim=-1)[first : first + len(order)][order].numpy()
            np.testing.assert_allclose(each.mean[layer], wanted, rtol=1e-3, atol=1e-4 * wanted.max())
        first += len(order)
