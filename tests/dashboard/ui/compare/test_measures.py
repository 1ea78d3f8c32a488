"""Runs as numbers over depth, and what they are called beside each other."""

import pytest

from core.analysis.regions import Region
from dashboard.charts.base import RUN_COLOURS
from dashboard.services.open import open_run
from dashboard.ui.compare.measures import ALL, REGION, depth_line, layers_of, lettered, with_layers


@pytest.fixture
def runs(stored):
    """A with eight layers, B with one map in all, C with two layers."""
    names = stored(prompt="<b>all</b>"), stored(method="tam", layers=()), stored(prompt="two", layers=(2, 5))
    return lettered([open_run(name) for name in names])


def test_runs_have_letters_and_colours_in_their_order(runs):
    assert [(each.letter, each.colour) for each in runs] == list(zip("ABC", RUN_COLOURS, strict=False))
    assert len(lettered([runs[0].run] * 9)) == len(RUN_COLOURS)


def test_a_label_holds_prompt_and_method_and_no_markup(runs):
    assert runs[0].label == "A: &lt;b&gt;all&lt;/b&gt; (Gradient deviation)"


def test_layers_are_those_that_any_run_holds(runs):
    assert [each.letter for each in with_layers(runs)] == ["A", "C"]
    assert layers_of(runs) == list(range(8)) and layers_of(runs[1:]) == [2, 5] and layers_of(runs[1:2]) == []


def test_a_line_holds_the_statistics_that_are_asked_for_and_all_by_default(runs):
    line = depth_line(runs[2])
    assert line.values.keys() == set(ALL) and (line.layers, line.total) == ((2, 5), 8)
    assert all(len(values) == 2 for values in line.values.values())
    few = depth_line(runs[2], names=("entropy",))
    assert "entropy" in few.values and len(few.values) < len(ALL)
    assert few.values["entropy"] == pytest.approx(line.values["entropy"])


def test_the_share_in_a_region_is_measured_where_there_is_one(runs):
    line = depth_line(runs[2], Region(((0.5, 0), (1, 1))), ())
    # Layer l has heat l + 0.1 in the two cells of the right column and 0.1 in the four others, two of them half inside.
    assert line.values.keys() == {REGION.name}
    assert line.values[REGION.name] == pytest.approx([4.3 / 4.6, 10.3 / 10.6], abs=1e-6)
    assert (line.errors[REGION.name] > 0).all()
