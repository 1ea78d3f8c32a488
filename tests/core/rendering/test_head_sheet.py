"""All heads on one sheet, and which of them lies where."""

import numpy as np
import pytest

from core import Answer, ExplainRequest, HeadMaps, InputError
from core.rendering.head_sheet import head_sheet
from core.rendering.overlay import colorize
from tests.some import some


def make(layers, heads, rows, columns):
    heat = np.random.default_rng(0).random((layers, heads, rows, columns), np.float32)
    agreement = np.arange(layers * heads, dtype=np.float32).reshape(layers, heads) / (layers * heads)
    request = ExplainRequest(image="i", prompt="x", model="m", layers=tuple(range(layers)), method="attention")
    return HeadMaps(request, Answer("a", ()), heat, agreement.copy(), agreement.copy(), agreement, layers)


@pytest.mark.parametrize("order", ["agreement", "picture", "layer"])
def test_every_head_is_found_in_the_middle_of_its_box(order):
    maps = make(3, 4, 2, 3)
    sheet = head_sheet(maps, order)
    for layer, head in some(maps.ordered(order)):
        left, top, width, height = sheet.box(layer, head)
        assert sheet.at(left + width / 2, top + height / 2) == (layer, head)
        assert 0 <= left < left + width <= 1 and 0 <= top < top + height <= 1
    assert sheet.at(0, 0) is None and sheet.at(0.5, 1.0) is None


def test_a_tile_is_its_map_on_a_scale_of_its_own():
    maps = make(2, 2, 2, 3)
    sheet = head_sheet(maps, "layer", "viridis")
    size = np.array(sheet.pixels.shape[1::-1])
    heat = maps.at(1, 0) / maps.at(1, 0).max()
    left, top, width, height = np.array(sheet.box(1, 0)) * np.tile(size, 2)
    for row, column in some(np.ndindex(2, 3)):
        x, y = int(left + (column + 0.5) * width / 3), int(top + (row + 0.5) * height / 2)
        assert sheet.pixels[y, x].tolist() == colorize(heat[row, column : column + 1], "viridis")[0].tolist()


def test_the_heads_of_a_large_model_are_one_picture_of_a_screens_width():
    maps = make(28, 28, 32, 40)
    for order in ("agreement", "layer"):
        sheet = head_sheet(maps, order)
        assert 1000 <= sheet.pixels.shape[1] <= 1120 and sheet.columns == 28 and len(sheet.heads) == 784
    narrow = head_sheet(make(1, 64, 40, 10), "layer")
    assert narrow.tile[0] == 30 and narrow.tile[1] == 60  # no tile is higher than twice its width


def test_unknown_orders_are_refused():
    with pytest.raises(InputError, match="no order of heads"):
        head_sheet(make(1, 1, 1, 1), "colour")
