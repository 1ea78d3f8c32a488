"""Every control of the view: what it changes on the page, in the address, and in the pictures."""

from dashboard.ui.viewer.view import View
from tests.dashboard.pages import shows_result


def test_the_threshold_comes_from_the_address_and_colours_less(visit, stored, ask, explain, chosen):
    app = visit("compute", run=stored(), threshold="60")
    assert app.slider(key="threshold").value == 60
    result = explain(ask().request)
    drawn = View(layer=7, threshold=0.6).draw(chosen.picture.pixels, result, 7)
    changed = (drawn != chosen.picture.pixels).any(-1)
    assert changed[:, -10:].all() and not changed[:, :30].any()


def test_the_view_is_read_from_the_address(visit, stored):
    app = visit("compute", run=stored(), layer="5", opacity="0.8", colormap="viridis", cells="blocky", scale="common")
    assert app.select_slider(key="layer").value == 5
    assert app.slider(key="opacity").value == 0.8
    assert app.selectbox(key="colormap").value == "viridis"
    assert app.selectbox(key="cells").value == "blocky"
    assert app.selectbox(key="scale").value == "common"


def test_nonsense_in_the_address_gives_the_usual_view(visit, stored):
    app = visit("compute", run=stored(), layer="999", opacity="NaN", colormap="<b>", cells="💥", scale="", other="1")
    assert shows_result(app)
    assert app.select_slider(key="layer").value == 1  # the first of those that rank the cells as the combined map
    assert app.slider(key="opacity").value == 0.5
    assert app.selectbox(key="colormap").value == "inferno"
