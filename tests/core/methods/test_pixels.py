"""Methods of the picture itself against pictures painted by hand and loops through the model's own forward."""

import numpy as np
import pytest
import torch

from core.errors import Cancelled
from core.inference.forward import build_sequence, resolve_target
from core.inference.smoothgrad import noisy
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.memory.out_of_memory import CHUNK_TOKENS
from core.methods.pixels import (
    PIXEL_METHODS,
    PixelMap,
    input_gradient,
    integrated_gradients,
    occlusion,
    occlusion_windows,
)
from core.schema import Target
from tests.conftest import gradient_picture
from tests.core.inference.test_forward import QUESTION, Slow
from tests.core.patches import from_picture, to_picture

WORDS = Target.words("red square")
SAID = [6, 7]


def no_tick():
    pass


def small_square():
    """A grey gradient of 5 x 8 cells with a red square that hardly leaves one of them."""
    image = gradient_picture(140, 224).crop((0, 70, 224, 140)).resize((224, 140))
    image.paste((220, 30, 30), (26, 26, 58, 58))
    return image


@pytest.fixture(scope="module")
def slow(explainer):
    return Slow.of(explainer.loaded, load_picture(small_square()))


@pytest.fixture(scope="module")
def sequence(slow):
    return build_sequence(slow.loaded, slow.prepared, slow.answer)


@pytest.fixture(scope="module")
def target(slow):
    return resolve_target(slow.loaded, WORDS, slow.answer)


@pytest.fixture(scope="module")
def pictures(slow):
    """Two samples, patch values [2, patches, values]; both frames differ in the second."""
    noise = torch.randn(slow.prepared.pixel_values.shape, generator=torch.Generator().manual_seed(0))
    return torch.stack([slow.prepared.pixel_values, slow.prepared.pixel_values + 0.3 * noise])


@pytest.fixture(scope="module")
def where(slow, sequence):
    return PixelMap.of(slow.loaded, sequence, slow.prepared.pixel_values)


def slow_score(slow, pixels):
    with torch.no_grad():
        return float(slow.score(slow.logits(pixels), SAID))


def slow_gradient(slow, pixels):
    """Of the score, with respect to the pixels."""
    pixels = pixels.clone().requires_grad_()
    return torch.autograd.grad(slow.score(slow.logits(pixels), SAID), pixels)[0]


def slow_patches(cell):
    """The patches of a cell: four that follow each other."""
    return slice(4 * cell, 4 * cell + 4)


@pytest.mark.parametrize("cell", [(0, 0), (1, 5), (4, 7)])
def test_a_cell_is_the_patches_that_its_pixels_change(explainer, where, cell):
    image = gradient_picture(140, 224)
    row, column = cell
    painted = image.copy()
    painted.paste((1, 99, 250), (28 * column, 28 * row, 28 * column + 28, 28 * row + 28))
    before, after = (prepare(explainer.loaded, load_picture(each), "x") for each in (image, painted))
    assert before.grids[0] == (5, 8)
    changed = (after.pixel_values - before.pixel_values).abs()
    index = 8 * row + column
    assert where.per_cell(changed).nonzero().tolist() == [[index]]
    assert ((changed > 0) == (where.cells == index)).all() and (changed > 0).sum() == 4 * 3 * 2 * 14 * 14


def test_per_cell_by_hand():
    # Of four pixels one lies outside the picture.
    where = PixelMap(torch.tensor([[0, 1], [1, -1]]), torch.zeros(1, 1), torch.zeros(1), 3)
    values = torch.tensor([[[1.0, 2], [3, 4]], [[10, 20], [30, 40]]])
    assert where.per_cell(values).tolist() == [[1, 5, 0], [10, 50, 0]]
    assert where.hides(torch.tensor([False, True, True])).tolist() == [[False, True], [True, False]]


def test_to_picture_is_the_picture_and_from_picture_its_inverse(explainer):
    image = gradient_picture(140, 224)
    pixels = prepare(explainer.loaded, load_picture(image), "x").pixel_values
    processor = explainer.loaded.processor.image_processor
    wanted = (np.asarray(image) / 255 - processor.image_mean) / processor.image_std
    picture = to_picture(pixels, (5, 8))
    assert picture.shape == (140, 224, 3)
    np.testing.assert_allclose(picture, wanted, atol=1e-5)
    assert torch.equal(from_picture(picture, pixels, (5, 8)), pixels)


def test_mean_colour_by_hand():
    # Two patches of one picture, one of another, one outside; two channels.
    where = PixelMap(
        cells=torch.tensor([[0], [1], [2], [-1]]),
        channels=torch.tensor([0, 1]),
        first_cells=torch.tensor([0, 2]),
        count=3,
    )
    pixels = torch.tensor([[1.0, 10], [5, 30], [7, 8], [100, 200]])
    wanted = [[3.0, 20], [3, 20], [7, 8], [100, 200]]
    assert where.mean_colour(pixels).tolist() == wanted
    both = where.mean_colour(torch.stack([pixels, 2 * pixels]))
    assert both[0].tolist() == wanted and torch.equal(both[1], 2 * both[0])


def test_mean_colour_is_that_of_the_picture(pictures, where):
    picture = to_picture(pictures[0], (5, 8))
    flat = to_picture(where.mean_colour(pictures[0]), (5, 8))
    np.testing.assert_allclose(flat, np.broadcast_to(picture.mean((0, 1)), flat.shape), atol=1e-5)
    assert np.ptp(flat[0, 0]) > 0.01  # not the same for all channels


def test_input_gradient_by_hand():
    # Two cells of two patches: sqrt(9 + 16), sqrt(1 + 1 + 4 + 0)
    gradient = torch.tensor([[3.0, 0], [0, -4], [1, -1], [2, 0]])
    where = PixelMap(torch.tensor([[0], [0], [1], [1]]), torch.zeros(1), torch.zeros(1), 2)
    torch.testing.assert_close(input_gradient(gradient, where), torch.tensor([5, 6**0.5]))
    # And where a patch's values are of two cells.
    where = PixelMap(torch.tensor([[0, 0], [0, 0], [1, 1], [1, 1]]), torch.zeros(1), torch.zeros(1), 2)
    torch.testing.assert_close(input_gradient(gradient, where), torch.tensor([5, 6**0.5]))


def test_input_gradient_equals_autograd(explainer, slow):
    target = Target.words("red square", sentence=slow.answer.text)
    found = explainer.explain(
        small_square(), QUESTION, method="input_gradient", target=target, num_samples=2, noise_std=0.4
    )
    samples = []
    for pixels in noisy(slow.prepared.pixel_values, 0.4, 0, range(2)):
        gradient = slow_gradient(slow, pixels)
        samples.append([float(gradient[slow_patches(cell)].norm()) for cell in range(40)])
    np.testing.assert_allclose(found.at().ravel(), np.mean(samples, 0), rtol=1e-3)


def test_integrated_gradients_equal_the_slow_loop(slow, sequence, target, where, pictures, monkeypatch):
    monkeypatch.setattr("core.methods.pixels.PATH_STEPS", 5)
    found = integrated_gradients(slow.loaded, sequence, target, pictures, no_tick)
    assert found.shape == (2, 40)
    for pixels, heat in zip(pictures, found, strict=True):
        baseline = where.mean_colour(pixels)
        slopes = [slow_gradient(slow, baseline + share * (pixels - baseline)) for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
        parts = (pixels - baseline) * sum(slopes) / 5
        wanted = torch.stack([parts[slow_patches(cell)].sum().abs() for cell in range(40)])
        torch.testing.assert_close(heat, wanted, rtol=2e-3, atol=1e-3 * float(wanted.max()))


def test_integrated_gradients_add_up_to_the_change_of_the_score(slow, sequence, target, where, pictures, monkeypatch):
    """Completeness: over the whole picture as one cell, the parts sum to S(x) - S(mean colour)."""
    monkeypatch.setattr("core.methods.pixels.PATH_STEPS", 128)
    monkeypatch.setattr(PixelMap, "per_cell", lambda self, values: values.flatten(1).sum(1, keepdim=True))
    picture = pictures[:1]
    found = float(integrated_gradients(slow.loaded, sequence, target, picture, no_tick))
    wanted = slow_score(slow, picture[0]) - slow_score(slow, where.mean_colour(picture[0]))
    assert abs(wanted) > 1
    assert found == pytest.approx(abs(wanted), rel=0.02)


def slow_occlusion(slow, pixels, side):
    """The picture is painted over window by window; what falls goes to all cells of the window."""
    picture, whole = to_picture(pixels, (5, 8)), slow_score(slow, pixels)
    total, count = np.zeros((5, 8)), np.zeros((5, 8))
    for row in range(5):
        for column in range(8):
            top, left = max(0, row - side // 2), max(0, column - side // 2)
            bottom, right = row + side - side // 2, column + side - side // 2
            painted = picture.copy()
            painted[28 * top : 28 * bottom, 28 * left : 28 * right] = picture.mean((0, 1))
            drop = whole - slow_score(slow, from_picture(painted, pixels, (5, 8)))
            total[top:bottom, left:right] += drop
            count[top:bottom, left:right] += 1
    return np.maximum(total / count, 0).ravel()


@pytest.mark.parametrize(("windows_per_side", "side"), [(8, 1), (2, 2)])  # round(5 / 8), round(5 / 2)
def test_occlusion_equals_the_slow_loop(slow, sequence, target, pictures, monkeypatch, windows_per_side, side):
    monkeypatch.setattr("core.methods.pixels.WINDOWS_PER_SIDE", windows_per_side)
    turned = from_picture(to_picture(pictures[0], (5, 8))[::-1, ::-1].copy(), pictures[0], (5, 8))
    found = occlusion(slow.loaded, sequence, target, torch.stack([pictures[0], turned]), no_tick)
    assert found.shape == (2, 40)
    for pixels, heat in zip((pictures[0], turned), found, strict=True):
        wanted = slow_occlusion(slow, pixels, side)
        # A drop is a difference of scores, which float32 knows to a few parts in a million.
        unsure = 4e-6 * abs(slow_score(slow, pixels))
        np.testing.assert_allclose(heat, wanted, rtol=1e-4, atol=unsure)
        assert wanted.max() > 1000 * unsure and 0 < (wanted > 0).sum() < 40  # some cells speak against the words


def test_windows_of_one_cell():
    assert torch.equal(occlusion_windows((2, 3)), torch.eye(6, dtype=torch.bool))
    assert torch.equal(occlusion_windows((1, 1)), torch.ones(1, 1, dtype=torch.bool))


def test_windows_of_two_cells_lean_to_the_upper_left():
    windows = occlusion_windows((16, 16)).reshape(16, 16, 16, 16)
    cells = {(row, column): windows[row, column].nonzero().tolist() for row in (0, 5) for column in (0, 9)}
    assert cells == {
        (0, 0): [[0, 0]],  # cut at the border
        (0, 9): [[0, 8], [0, 9]],
        (5, 0): [[4, 0], [5, 0]],
        (5, 9): [[4, 8], [4, 9], [5, 8], [5, 9]],
    }


def test_windows_of_three_cells_are_centred():
    windows = occlusion_windows((24, 30)).reshape(24, 30, 24, 30)
    rows, columns = windows[7, 29].nonzero().T
    assert set(rows.tolist()) == {6, 7, 8} and set(columns.tolist()) == {28, 29}
    assert windows[7, 12].sum() == 9 and windows[:, :, 7, 12].sum() == 9


@pytest.mark.parametrize("name", PIXEL_METHODS)
@pytest.mark.parametrize("at_once", [1, 7])
def test_smaller_chunks_give_the_same(slow, sequence, target, pictures, monkeypatch, name, at_once):
    monkeypatch.setattr("core.methods.pixels.PATH_STEPS", 5)  # 10 mixtures of two samples
    large, small = [], []
    wanted = PIXEL_METHODS[name](slow.loaded, sequence, target, pictures, lambda: large.append(1))
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", sequence.ids.shape[1] * at_once)
    found = PIXEL_METHODS[name](slow.loaded, sequence, target, pictures, lambda: small.append(1))
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4 * float(wanted.max()))
    passes = {"integrated_gradients": [10], "occlusion": [40, 40]}[name]
    assert len(small) == sum(-(-total // at_once) for total in passes) > len(large)


@pytest.mark.parametrize("name", PIXEL_METHODS)
def test_samples_do_not_mix(slow, sequence, target, pictures, monkeypatch, name):
    monkeypatch.setattr("core.methods.pixels.PATH_STEPS", 3)
    together = PIXEL_METHODS[name](slow.loaded, sequence, target, pictures, no_tick)
    alone = torch.cat(
        [PIXEL_METHODS[name](slow.loaded, sequence, target, picture[None], no_tick) for picture in pictures]
    )
    torch.testing.assert_close(together, alone, rtol=1e-3, atol=1e-4 * float(alone.max()))
    assert (together[0] - together[1]).abs().max() > 0.01


@pytest.mark.parametrize("name", PIXEL_METHODS)
def test_raising_from_the_tick_stops_the_work(slow, sequence, target, pictures, monkeypatch, name):
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", sequence.ids.shape[1])
    ticks = []

    def stop():
        ticks.append(1)
        if len(ticks) == 3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        PIXEL_METHODS[name](slow.loaded, sequence, target, pictures, stop)
    assert len(ticks) == 3
