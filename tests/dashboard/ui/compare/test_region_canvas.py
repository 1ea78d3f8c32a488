"""The picture on which a region is drawn."""

from core.analysis.regions import Region
from dashboard.services.open import open_run
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.region_canvas import canvas_figure


def test_the_picture_lies_under_points_that_can_be_selected(stored):
    figure = canvas_figure(lettered([open_run(stored())])[0], None)
    (points,) = figure.data
    assert len(points.x) == len(points.y) == 40 * 40 and points.marker.opacity == 0
    assert (min(points.x), max(points.x), min(points.y), max(points.y)) == (0, 1, 0, 1)
    (picture,) = figure.layout.images
    assert picture.source.startswith("data:image/") and (picture.sizex, picture.sizey) == (1, 1)
    # y runs downwards as in the picture, whose 84 x 56 pixels are square.
    assert figure.layout.yaxis.range == (1, 0) and abs(figure.layout.yaxis.scaleratio - 56 / 84) < 0.01
    assert figure.layout.dragmode == "select" and not figure.layout.shapes


def test_a_region_is_drawn_dark_and_light_so_that_it_is_seen_on_any_picture(stored):
    figure = canvas_figure(lettered([open_run(stored())])[0], Region(((0.25, 0.5), (0.75, 1.0))))
    assert [shape.path for shape in figure.layout.shapes] == ["M0.25,0.5L0.75,0.5L0.75,1.0L0.25,1.0Z"] * 2
    assert [shape.line.color for shape in figure.layout.shapes] == ["rgb(0,0,0)", "rgb(255,255,255)"]
