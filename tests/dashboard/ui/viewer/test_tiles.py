"""All layers as tiles: what the browser is sent, and what it may send back."""

import pytest

from dashboard.loaded_run import LoadedRun
from dashboard.services.open import open_run
from dashboard.ui.viewer import scrubber, tiles
from dashboard.ui.viewer.view import View


def test_tiles_hold_every_layer_as_the_view_draws_it(visit, stored):
    app = visit("compute", run=stored())
    run = open_run(app.query_params["run"])
    drawn = tiles.tiles_of(run, View(layer=None))
    assert [tile["layer"] for tile in drawn["tiles"]] == list(range(8)) and drawn["word"] == "layer"
    assert all(tile["picture"].startswith("data:image/jpeg;base64,") for tile in drawn["tiles"])
    assert tiles.tiles_of(run, View(layer=5)) == drawn  # nothing is sent again for another layer
    assert tiles.tiles_of(run, View(layer=None, maximum=99.0)) != drawn


@pytest.mark.parametrize("sent", [None, "3", 99, -1, True, 3.0, [3]])
def test_what_no_tile_sends_changes_nothing(sent, monkeypatch, ask, explain, chosen):
    run = LoadedRun(explain(ask(layers=(0, 3)).request), chosen)
    monkeypatch.setattr(tiles.st, "session_state", {"tiles": {"layer": sent}})
    monkeypatch.setattr(scrubber, "go_to", lambda layer: pytest.fail("it went somewhere"))
    tiles._chosen(run)
