"""An explanation draws what `core.rendering` draws, of the map, step and picture that are meant."""

from copy import copy
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from core import ExplainResult, Explanation, InputError, Target, load_picture
from core.explanation.explanation import explained
from core.rendering.overlay import heatmap, overlay
from core.schema import gather
from tests.conftest import gradient_picture
from tests.core.explanation.results import LAYERS, ask, with_combined


def test_an_explanation_is_a_result_with_its_picture(explanation, result, picture):
    assert isinstance(explanation, ExplainResult) and explanation.picture is picture
    assert explanation.request == result.request and (explanation.heat == result.heat).all()
    assert isinstance(explanation["combined"], Explanation) and explanation["combined"].picture is picture
    assert "combined" in explanation and explanation.request.method in explanation and "tam" not in explanation
    with pytest.raises(FrozenInstanceError):
        explanation.picture = None
    with pytest.raises(TypeError):
        iter(explanation)


def test_its_grid_is_a_size_and_draws_the_sheet(explanation):
    rows, columns = explanation.grid
    assert explanation.grid == (rows, columns) == explanation.heat.shape[-2:] and type(copy(explanation.grid)) is tuple
    assert np.array_equal(explanation.grid([0, 2], columns=2), explanation.sheet([0, 2], columns=2))
    with pytest.raises(InputError, match="no map of layer 77"):
        explanation.grid([77])


def test_what_is_made_of_it_stays_one(explanation, picture):
    assert replace(explanation, num_samples=1).picture is picture
    again = gather([explanation, explanation["combined"]])
    assert isinstance(again, Explanation) and again.picture is picture


def test_each_picture_of_a_prompt_has_its_own():
    pictures = [load_picture(gradient_picture(56, width)) for width in (84, 112)]
    request = ask(pictures[0].digest, images=tuple(each.digest for each in pictures))
    each = [with_combined(request.of_picture(number), 2, 3) for number in (0, 1)]
    both = explained(replace(each[0], pictures=tuple(each)), pictures)
    assert [one.picture.size for one in both.pictures] == [(84, 56), (112, 56)]
    assert [one["combined"].overlay().size for one in both.pictures] == [(84, 56), (112, 56)]
    assert both._repr_html_().count("<figure") == 3 and "2 pictures" in repr(both)
    assert sorted(set(both.to_dataframe()["picture"])) == [0, 1]
    with pytest.raises(InputError, match="prompt: 2; pictures given: 1"):
        explained(both, pictures[:1])


def test_another_kind_of_input_is_refused(result, video):
    with pytest.raises(InputError, match="must be a Picture or None"):
        explained(result, video)


@pytest.mark.parametrize("layer", [None, 2])
def test_an_overlay_is_that_of_the_rendering(explanation, picture, layer):
    heat = explanation.combined if layer is None else explanation.at(layer)
    drawn = explanation.overlay(layer, colormap="jet", opacity=0.5, smooth=False, threshold=0.2, even=True)
    assert (np.asarray(drawn) == overlay(picture.pixels, heat, 0.5, "jet", False, threshold=0.2, even=True)).all()


def test_without_its_picture_the_heat_is_drawn_alone(result):
    drawn = np.asarray(explained(result, None).overlay())
    assert drawn.shape == (299, 448, 3)  # shaped as the picture was
    assert (drawn == heatmap(result.combined, (448, 299))).all()
    assert np.asarray(explained(replace(result, seen=None), None).overlay()).shape == (
        299,
        448,
        3,
    )  # as its 2 x 3 cells


def test_another_method_is_drawn_by_its_name(explanation, picture):
    drawn = np.asarray(explanation["combined"].overlay())
    assert (drawn == overlay(picture.pixels, explanation.combined)).all()


def test_a_video_is_drawn_at_a_step(of_video, video):
    top = float(of_video.combined.max())
    first = np.asarray(of_video.overlay(step=0))
    assert (first == overlay(video.frames[0], of_video.combined[0], maximum=top)).all()
    hottest = np.asarray(of_video.overlay())  # the second step, which begins with the third frame
    assert (hottest == overlay(video.frames[2], of_video.combined[1], maximum=top)).all()


def test_sheets_hold_what_is_asked(explanation, of_video):
    """Widths and heights tell how many tiles lie in a row, and how many rows there are."""
    tile, row = 336, 263  # with the margin; 213 pixels of picture, caption and margin
    heights = {name: sheet.size for name, sheet in (("all", explanation.sheet()), ("two", explanation.sheet([0, 5])))}
    assert heights == {"all": (4 * tile + 16, 16 + 56 + row), "two": (2 * tile + 16, 16 + 56 + row)}
    assert explanation.sheet(columns=2).size == (2 * tile + 16, 16 + 56 + 2 * row)
    assert of_video.sheet().size == (2 * tile + 16, 16 + 56 + row)  # its two steps
    assert of_video.sheet(LAYERS).size == (2 * tile + 16, 16 + 56 + 3 * row)
    assert of_video.sheet(step=1).size == (4 * tile + 16, 16 + 56 + row)  # asked and three layers, at one step


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda it: it.overlay(1), "no map of layer 1"),
        (lambda it: it.overlay(True), "no map of layer True"),
        (lambda it: it.overlay(step=0), "has no time steps"),
        (lambda it: it.overlay(colormap="rainbow"), "no colour map called 'rainbow'"),
        (lambda it: it.overlay(opacity=2), "opacity must be a number from 0 to 1"),
        (lambda it: it.overlay(threshold=float("nan")), "threshold must be a number"),
        (lambda it: it.overlay(smooth=1), "true or false"),
        (lambda it: it.sheet([]), "No layer was named"),
        (lambda it: it.sheet(3), "Give a list"),
        (lambda it: it.sheet(columns=0), "number of columns"),
        (lambda it: it["nothing"], "There is no method"),
        (lambda it: it["tam"], "was not asked for"),
        (lambda it: it.plot_depth("beauty"), "no statistic called 'beauty'"),
        (lambda it: it.plot_depth([]), "No statistic was named"),
        (lambda it: it["combined"].plot_depth(), "gives one map"),
        (lambda it: it.to_dataframe("rows"), "no kind of rows called 'rows'"),
    ],
)
def test_what_cannot_be_drawn_is_said(explanation, call, sentence):
    with pytest.raises(InputError, match=sentence):
        call(explanation)


def test_a_step_of_a_video_that_it_does_not_have(of_video):
    with pytest.raises(InputError, match="from 0 to 1, not 2"):
        of_video.overlay(step=2)


def test_a_line_says_where_the_heat_lies(explanation, of_video):
    assert "heat at the upper left" in repr(explanation) and "2 time steps" in repr(of_video)
    assert repr(explanation).startswith('<Explanation: "Top left"; gradient_deviation, combined; layers 0, 2, 5;')
    assert len(repr(of_video)) < 200


def test_depth_is_plotted_with_errors(explanation):
    figure = explanation.plot_depth(["entropy", "gini"])
    assert [tuple(trace.x) for trace in figure.data] == [LAYERS, LAYERS]
    assert all(np.asarray(trace.error_y.array).shape == (3,) for trace in figure.data)
    assert figure.data[0].y[0] > figure.data[0].y[-1]  # deeper maps are more concentrated
    assert explanation.plot_depth("gini").data[0].y[-1] == pytest.approx(figure.data[1].y[-1])


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(None, Target.answer()), ("red circle", Target.words("red circle")), (Target.tokens(0, 2), Target.tokens(0, 2))],
)
def test_text_is_a_phrase_as_target(given, wanted):
    assert Target.of(given) == wanted


def test_what_is_no_target_is_said():
    with pytest.raises(InputError, match="a phrase of the answer, or None"):
        Target.of(7)
