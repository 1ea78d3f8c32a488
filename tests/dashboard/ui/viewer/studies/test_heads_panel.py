"""Single heads on the page of a run."""

import json

import pytest

from core.rendering.head_sheet import head_sheet
from dashboard.jobs.studies.readings import HEADS, READINGS
from dashboard.services.open import open_run
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer.studies import heads_panel
from dashboard.ui.viewer.studies.picture_click import checked_place
from tests.dashboard.jobs.studies.test_readings import make_heads
from tests.dashboard.pages import sentences, titles


@pytest.fixture
def read(stored, storage):
    """Stores a run and its heads; its name."""
    name = stored()
    run = open_run(name).result
    READINGS[HEADS].save(make_heads(run.of("combined")), run, storage.results)
    return name


def component(app):
    (found,) = [
        each for each in app.get("bidi_component") if each.proto.component_name == "smooth_gradcam_picture_click"
    ]
    return json.loads(found.proto.json)


def test_the_head_that_agrees_most_comes_first(visit, read):
    app = visit("compute", run=read, tab="Heads")
    assert not app.exception
    assert "**Layer 3, head 1**" in titles(app)
    values = {each.label: each.value for each in app.metric}
    assert values["Agreement with the combined map"] == "1.00" and "Number 1 of 12 heads by it." in sentences(app)
    assert values["Attention on the picture"] == "46.4%" and values["Attention on sinks"] == "11.6%"
    assert "5 layers mix tokens without attention and have no heads." in sentences(app)
    told = component(app)
    assert told["src"].startswith("data:image/jpeg") and len(told["box"]) == 4


def test_a_head_is_chosen_by_its_name_and_kept_in_the_address(visit, read):
    app = visit("compute", run=read, tab="Heads", head="5.2")
    assert "**Layer 5, head 2**" in titles(app)
    app.selectbox(key=ViewKey.HEAD).select("0.0").run()
    assert "**Layer 0, head 0**" in titles(app)
    assert "**Layer 3, head 1**" in titles(visit("compute", run=read, tab="Heads", head="99.0"))


def test_what_a_click_puts_into_the_session_is_shown_without_a_warning(visit, read):
    app = visit("compute", run=read, tab="Heads", head="5.2")
    app.session_state[ViewKey.HEAD] = "0.3"
    app.run()
    assert "**Layer 0, head 3**" in titles(app) and not app.warning and not app.exception


def test_other_orders(visit, read):
    app = visit("compute", run=read, tab="Heads", **{"head-order": "layer by layer"})
    assert app.selectbox(key=ViewKey.HEAD).options[:5] == ["0.0", "0.1", "0.2", "0.3", "3.0"]
    assert visit("compute", run=read, tab="Heads", **{"head-order": "share of attention on the picture"}).selectbox(
        key=ViewKey.HEAD
    ).options[:2] == ["5.3", "5.2"]


def test_without_them_they_are_offered(visit, stored):
    app = visit("compute", run=stored(), tab="Heads")
    assert "Read single heads" in [each.label for each in app.button]


def test_a_click_chooses_the_head_under_it(read, monkeypatch):
    maps = make_heads(open_run(read).result.of("combined"))
    sheet, session = head_sheet(maps), {}
    monkeypatch.setattr(heads_panel.st, "session_state", session)
    left, top, width, height = sheet.box(5, 2)
    heads_panel._choose(sheet, left + width / 2, top + height / 2)
    assert session == {ViewKey.HEAD: "5.2"}
    heads_panel._choose(sheet, 0.0, 0.999)
    assert session == {ViewKey.HEAD: "5.2"}


@pytest.mark.parametrize(
    "told", [None, 7, {}, {"x": 0.5}, {"x": "0.5", "y": 0}, {"x": float("nan"), "y": 0}, {"x": 2, "y": 0}, [0, 0]]
)
def test_a_place_that_is_none_is_passed_over(told):
    assert checked_place(told) is None
    assert checked_place({"x": 0.5, "y": 1}) == (0.5, 1.0)
