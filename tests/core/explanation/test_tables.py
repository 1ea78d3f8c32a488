"""Tables hold every number of a result once, under the name that it has elsewhere."""

import sys

import numpy as np
import pytest

from core import InputError
from core.analysis.concentration import STATISTICS, progression
from tests.core.explanation.results import LAYERS


def test_a_row_for_each_map(explanation):
    table = explanation.to_dataframe()
    assert list(table.columns) == ["method", "layer", *STATISTICS]
    assert table["layer"].to_list()[:3] == list(LAYERS) and table["layer"].isna().to_list() == [False] * 3 + [True]
    assert table["method"].to_list() == ["gradient_deviation"] * 3 + ["combined"]
    assert np.allclose(table["gini"][:3], progression(explanation.heat)["gini"])


def test_a_row_for_each_cell(explanation):
    table = explanation.to_dataframe("cells")
    assert list(table.columns) == ["method", "layer", "row", "column", "heat", "stderr"] and len(table) == 4 * 6
    one = table[(table["layer"] == 2) & (table["row"] == 1) & (table["column"] == 2)]
    assert one["heat"].item() == explanation.at(2)[1, 2] and one["stderr"].item() == explanation.stderr_at(2)[1, 2]
    assert table[table["layer"].isna()]["heat"].to_list() == explanation.combined.ravel().tolist()


def test_a_row_for_each_cell_and_step_of_a_video(of_video):
    table = of_video.to_dataframe("cells")
    one = table[(table["layer"] == 5) & (table["step"] == 1) & (table["row"] == 0) & (table["column"] == 0)]
    assert len(table) == 4 * 12 and one["heat"].item() == of_video.at(5)[1, 0, 0]
    assert (one["start"].item(), one["end"].item()) == (1.0, 2.0)


def test_a_row_for_each_token(explanation):
    table = explanation.to_dataframe("tokens")
    assert table["text"].to_list() == ["Top", " left"] and table["probability"].to_list() == [0.9, 0.25]
    assert table.index.name == "token"


def test_xarray_names_the_axes(explanation, of_video):
    pytest.importorskip("xarray")
    data = explanation.to_xarray()
    assert data["heat"].dims == ("layer", "row", "column") and data["heat_combined"].dims == ("row", "column")
    assert float(data["heat"].sel(layer=2, row=1, column=2)) == explanation.at(2)[1, 2]
    assert (data["stderr"].values == explanation.stderr).all() and data.attrs["answer"] == "Top left"
    moving = of_video.to_xarray()
    assert moving["heat"].dims == ("layer", "time", "row", "column") and moving["time"].values.tolist() == [0.0, 1.0]
    assert float(moving["heat_combined"].sel(time=1.0, row=0, column=0)) == of_video.combined[1, 0, 0]


def test_a_companion_on_another_grid_has_axes_of_its_own(explanation):
    pytest.importorskip("xarray")
    from dataclasses import replace

    fine = np.ones((1, 4, 6), np.float32)
    combined = replace(explanation["combined"], heat=fine, squared_deviation=fine.copy())
    data = replace(explanation, companions={"combined": combined}).to_xarray()
    assert data["heat"].shape == (3, 2, 3) and data["heat_combined"].dims == ("row_combined", "column_combined")


@pytest.mark.parametrize(("library", "call"), [("pandas", "to_dataframe"), ("xarray", "to_xarray")])
def test_a_library_that_is_missing_is_named(explanation, monkeypatch, library, call):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputError, match=f"needs {library}, which is not installed: pip install {library}"):
        getattr(explanation, call)()
