"""Runs about the vision tower: asked from the form, named by what they are, and drawn patch by patch."""

from dashboard.export.parameters import parameter_rows
from dashboard.services.open import open_run
from dashboard.session.keys import FormKey
from dashboard.ui.history.differences import differences
from dashboard.ui.run_rows import columns, label
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.view import View
from tests.dashboard.app_pages.test_compute import wait_for_jobs
from tests.dashboard.pages import fill_in, viewer_head

TOWER = {"part": "tower", "layers": (0, 1, 2, 3)}


def said(app):
    elements = (app.markdown, app.caption, app.text)
    return "\n".join(element.value for kind in elements for element in kind)


def test_blocks_are_asked_for_computed_and_shown(visit, wait_until):
    app = visit("compute")
    fill_in(app)
    app.number_input(key=FormKey.MAX_NEW_TOKENS).set_value(3)
    app.selectbox(key=FormKey.SAMPLES).set_value("Quick 4")
    app.segmented_control(key=FormKey.WHERE).set_value("tower").run()
    assert app.selectbox(key=FormKey.LAYERS).label == "Blocks"
    app.selectbox(key=FormKey.LAYERS).set_value("late").run()
    app.button(key="run-button").click().run()
    wait_for_jobs(wait_until)
    app.run()
    run = open_run(app.query_params["run"])
    assert run.request.part == "tower" and run.request.layers == (2, 3)
    assert run.result.grid == tuple(2 * side for side in run.result.of("combined").grid)
    assert not app.exception and "2 blocks of the vision tower" in said(app)
    head = viewer_head(app)
    first = head["maps"][head["first"]]
    assert first["part"] == "block" and first["layer"] in (2, 3)  # what was asked for, and not the combined map
    assert [first["rows"], first["columns"]] == list(run.result.grid)
    assert [each["name"] for each in head["maps"]] == ["gradient_deviation-2", "gradient_deviation-3", "combined"]


def test_a_stored_run_is_shown_and_fills_the_form(visit, stored):
    app = visit("compute", run=stored(**TOWER), layer="2")
    assert viewer_head(app)["maps"][2] | {"part": "block", "rows": 4, "columns": 6} == viewer_head(app)["maps"][2]
    assert app.segmented_control(key=FormKey.WHERE).value == "tower"
    assert app.selectbox(key=FormKey.LAYERS).value == "all"
    for tab in ("Words", "Concentration over depth", "Parameters", "Methods", "Trust"):
        assert not visit("compute", run=stored(**TOWER), layer="2", tab=tab).exception


def test_files_and_tables_say_block(tower_run):
    view = View(layer=3, part="tower")
    assert exports.caption_of(tower_run, view)["Map"].startswith("block 3 of 4, Gradient deviation")
    assert exports.map_name(view) == "block-03"
    rows = parameter_rows(tower_run)
    assert (rows["Part"], rows["Tap"], rows["Blocks"]) == ("Vision tower", "the block's input", "0-3 (of 4)")
    assert rows["Patches"] == "4 rows × 6 columns" and "Layers" not in rows


def test_history_tells_such_runs_apart(stored, storage, visit):
    names = [stored(), stored(**TOWER)]
    decoder, tower = (storage.runs.get(name) for name in names)
    assert columns([tower, decoder])["method"] == ["Gradient deviation, vision tower", "Gradient deviation"]
    assert "vision tower" in label(tower) and "vision tower" not in label(decoder)
    assert differences([decoder, tower])["Part"] == ["decoder", "tower"]
    app = visit("compare", runs=",".join(names))
    assert not app.exception
    app = visit("compare", runs=",".join(names), at="2")
    assert "**A**, layer 2" in said(app) and "**B**, block 2" in said(app)


def test_a_block_is_not_taken_off_a_layer(visit, stored):
    app = visit("compare", runs=f"{stored()},{stored(**TOWER)}", baseline="A")
    assert "Not drawn, since they are of another part of a model, or of another number of layers: B." in said(app)
