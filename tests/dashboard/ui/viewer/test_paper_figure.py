"""Figures for papers of runs, as pages show them."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.schema import gather
from core.schema.run_requests import whole_run
from core.schema.words import words_of
from dashboard.loaded_run import LoadedRun
from dashboard.ui.viewer.paper_figure import PaperFigure, kinds_of
from dashboard.ui.viewer.view import Marks, View

pypdf = pytest.importorskip("pypdf")


@pytest.fixture
def run(ask, explain, chosen):
    question = ask(prompt="Where is it?")
    return LoadedRun(gather([explain(request, "at the right") for request in whole_run(question.request)]), chosen)


@pytest.fixture
def words(run):
    one = run.result.of("combined")
    return {word: one for word in words_of(run.result.answer)}


@pytest.fixture
def film_run(ask_film, explain, film):
    question = ask_film()
    return LoadedRun(gather([explain(request, "late") for request in whole_run(question.request)]), film)


def page_of(figure):
    (page,) = pypdf.PdfReader(io.BytesIO(figure.file())).pages
    return page


def pictures_of(page):
    return [np.asarray(each.image.convert("RGB")) for each in page.images if each.image.height > 1]


def test_the_map_is_drawn_as_it_is_looked_at(run):
    view = View(layer=5, colormap="jet", threshold=0.3, marks=Marks(fade=True, sinks=np.eye(2, 3, dtype=bool)))
    figure = PaperFigure(run, view, "overlay", "pdf", "column", {})
    page = page_of(figure)
    (drawn,) = pictures_of(page)
    assert np.array_equal(drawn, view.draw(run.chosen.picture.pixels, run.result, 5))
    assert "Prompt: Where is it?" in page.extract_text() and "5.1" in page.extract_text()
    latex = figure.latex("a.pdf")
    assert "layer 5 of 8 by Gradient deviation" in latex and "below 30\\%" in latex and "Colours (jet)" in latex
    assert "Colour fades" in latex and "attention sinks, in cyan" in latex and "5.1 logits" in latex


def test_the_combined_map_and_without_text(run):
    figure = PaperFigure(run, View(layer=None), "overlay", "pdf", 120, {}, with_text=False)
    assert "Prompt" not in page_of(figure).extract_text()
    assert "the combined map" in figure.latex("a.pdf") and "kobayashi2020norms" in figure.bibtex()


def test_layers_words_and_depth(run, words):
    view = View(layer=3, maximum=100.0)
    grid = PaperFigure(run, view, "grid", "pdf", "page", {})
    drawn = pictures_of(page_of(grid))
    own = replace(view, maximum=None)
    assert len(drawn) == 9 and np.array_equal(drawn[0], run.chosen.picture.pixels)
    assert np.array_equal(drawn[4], own.draw(run.chosen.picture.pixels, run.result, 3))
    assert "layers 0, 1, 2, 3, 4, 5, 6, 7 of 8" in grid.latex("a.pdf") and "of each map" in grid.latex("a.pdf")
    strip = PaperFigure(run, view, "words", "pdf", "page", words)
    assert page_of(strip).extract_text().startswith("at the right") and len(pictures_of(page_of(strip))) == 3
    assert "a map a word" in strip.latex("a.pdf")
    depth = PaperFigure(run, view, "depth", "svg", "page", {})
    assert b"decoder layer" in depth.file() and "How concentrated" in depth.latex("a.svg")
    assert kinds_of(run, words) == ["overlay", "grid", "depth", "words"] and "words" not in kinds_of(run, {})


def test_steps_of_a_video(film_run, film):
    view = View(layer=2, step=1)
    figure = PaperFigure(film_run, view, "overlay", "pdf", "column", {})
    (drawn,) = pictures_of(page_of(figure))
    assert np.array_equal(drawn, view.draw(film.video.frames[2], film_run.result, 2))
    assert "from 0.50 to 1.00 s of the video" in figure.latex("a.pdf")
    steps = PaperFigure(film_run, view, "grid", "pdf", "page", {})
    assert len(pictures_of(page_of(steps))) == 3 and "0.00 s 0.50 s 1.00 s" in page_of(steps).extract_text()
    assert "at 3 time steps" in steps.latex("a.pdf")
    assert kinds_of(film_run, {}) == ["overlay", "grid", "depth"]


def test_a_preview_is_small(run):
    figure = PaperFigure(run, View(layer=1), "overlay", "png", "column", {}, longest=20)
    assert Image.open(io.BytesIO(figure.file(60))).width == int(85 / 25.4 * 60)
