"""The share of the heat that a region holds, in numbers and over depth."""

import pytest

from tests.dashboard.pages import chart


def test_a_region_in_the_address_is_measured_for_every_run(visit, stored):
    names = [stored(), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="Region", region="0.667,0;1,1", at="4")
    lines = [trace for trace in chart(app, 1)["data"] if trace["mode"] == "lines+markers"]
    assert len(lines) == 2
    # Layer l has heat 0.1 in four cells and l + 0.1 in the two of the right column.
    table = next(each.value for each in app.dataframe if "shown" in each.value)
    assert table["shown"].tolist() == pytest.approx([8.2 / 8.6] * 2, rel=0.01)
    assert table["best"].iloc[0].startswith("layer 7")
