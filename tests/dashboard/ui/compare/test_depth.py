"""The chart over depth with its controls."""

import json
from dataclasses import replace

from dashboard.ui.compare import measures
from tests.dashboard.pages import chart, sentences


def test_a_statistic_is_drawn_for_every_run_in_its_colour(visit, stored):
    names = [stored(), stored(prompt="and where?")]
    app = visit("compare", runs=",".join(names), statistic="Effective area")
    drawn = [trace for trace in chart(app)["data"] if trace["mode"] == "lines+markers"]
    assert [trace["line"]["color"] for trace in drawn] == ["#2a8fbd", "#e08a1e"]
    assert "share of the cells, 0 to 1" in json.dumps(chart(app)["layout"])


def test_the_band_can_be_taken_away(visit, stored):
    app = visit("compare", runs=stored())
    assert len(chart(app)["data"]) == 2
    app.toggle(key="errors").set_value(False).run()
    assert len(chart(app)["data"]) == 1


def test_the_difference_from_a_pinned_run(visit, stored):
    names = [stored(), stored(prompt="and where?")]
    app = visit("compare", runs=",".join(names), baseline="B")
    (trace,) = [trace for trace in chart(app)["data"] if trace["mode"] == "lines+markers"]
    assert trace["name"].startswith("A:")
    assert "difference from B" in json.dumps(chart(app)["layout"])


def test_the_median_of_the_runs(visit, stored):
    names = [stored(prompt=f"question {number}") for number in range(3)]
    app = visit("compare", runs=",".join(names), lines="median and quartiles")
    assert "median and quartiles of 3 runs" in [trace.get("name") for trace in chart(app)["data"]]


def test_runs_of_models_of_another_depth_are_not_subtracted(visit, stored, monkeypatch):
    names = [stored(), stored(prompt="again?"), stored(prompt="deep?")]
    measured = measures.depth_line
    monkeypatch.setattr(
        measures,
        "depth_line",
        lambda each, region, names: replace(measured(each, region, names), total=36 if each.letter == "C" else 8),
    )
    app = visit("compare", runs=",".join(names), baseline="A")
    assert "another number of layers: C." in sentences(app)
    assert [trace["name"][0] for trace in chart(app)["data"] if trace["mode"] == "lines+markers"] == ["B"]


def test_runs_with_one_map_in_all_have_no_depth_and_it_is_said(visit, stored):
    app = visit("compare", runs=stored(method="tam", layers=()))
    assert "have one map each" in sentences(app)


def test_the_region_is_a_statistic_of_the_depth_chart(visit, stored):
    app = visit("compare", runs=stored(), statistic="Heat in the region", region="0,0;0.5,0.5")
    assert app.selectbox(key="statistic").value == "region_share"
