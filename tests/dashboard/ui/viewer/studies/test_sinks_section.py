"""Figures with attention sinks: shown under the model's benchmark, whatever was measured of the run."""

from core.evaluation.benchmark.sinks.shipped import shipped
from core.evaluation.benchmark.sinks.summary import table


def test_the_trust_tab_shows_which_maps_hold_against_sinks(visit, stored):
    app = visit("compute", run=stored(), tab="Trust")
    assert not app.exception
    (shown,) = [element.value for element in app.dataframe if "as shipped" in element.value.columns]
    assert list(shown.columns)[:3] == ["Method", "as shipped", "mild"] and len(shown.columns) == 7
    assert shown["Method"].tolist()[:3] == ["Combined map", "Gradient deviation", "Attention"]
    pointing, energy = (table(shipped(), measure)["attention"] for measure in ("pointing", "energy"))
    assert shown["strong"].tolist()[2] == f"{pointing[3]:.2f}, {energy[3]:.2f}"
    captions = "\n".join(element.value for element in app.caption)
    assert "called sinks" in captions and shipped()["day"] in captions and "python -m core evaluate --sinks" in captions
