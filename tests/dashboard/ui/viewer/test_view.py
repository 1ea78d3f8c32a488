"""How a view draws stored heat, and what it calls the map."""

from dataclasses import replace

import numpy as np

from dashboard.ui.sample_scenes import scenes
from dashboard.ui.viewer.view import Marks, View


def test_on_a_common_scale_only_layers_share_it(ask, explain, chosen):
    result = explain(ask().request)
    own, common = View(layer=2), View(layer=2, maximum=float(result.heat.max()))
    pixels = chosen.picture.pixels
    assert np.array_equal(own.draw(pixels, result, 7), common.draw(pixels, result, 7))
    assert not np.array_equal(own.draw(pixels, result, 2), common.draw(pixels, result, 2))
    assert common.top(None) is None


def test_marks_of_cells_are_left_out_where_a_map_has_other_cells(explain, ask):
    decoder, tower = explain(ask().request), explain(ask(part="tower", layers=(0, 1, 2, 3)).request)
    pixels = np.full((80, 120, 3), 100, np.uint8)
    cells = np.zeros(decoder.grid, bool)
    cells[0, 2] = True
    marked, plain = View(layer=3, marks=Marks(sinks=cells, masked=cells)), View(layer=3)
    assert (marked.draw(pixels, decoder, 3) != plain.draw(pixels, decoder, 3)).any()
    assert np.array_equal(marked.draw(pixels, tower, 3), plain.draw(pixels, tower, 3))


def test_a_view_draws_outlines_and_fades(about_a_scene):
    result, pixels = about_a_scene("bottom left"), scenes()[0].chosen.picture.pixels
    plain = View(layer=7).draw(pixels, result, 7)
    mask = scenes()[0].masks["bottom left"]
    marked = View(layer=7, marks=Marks(true_mask=mask)).draw(pixels, result, 7)
    changed = (plain != marked).any(-1)
    assert changed.any() and (marked[changed].reshape(-1, 3).max(1) > 200).any()
    rows, columns = np.nonzero(changed)
    inside_rows, inside_columns = np.nonzero(mask)
    assert abs(rows.min() - inside_rows.min()) < 5 and abs(columns.max() - inside_columns.max()) < 5

    unknown = replace(result, squared_deviation=np.full_like(result.squared_deviation, 1e9))
    assert np.array_equal(View(layer=7, marks=Marks(fade=True)).draw(pixels, unknown, 7), pixels)
