"""Figures for papers of explanations."""

import pytest

from core import InputError, WordExplanations
from core.explanation.explanation import explained
from core.rendering.paper import depth, figures
from core.rendering.paper.look import FigureLook
from core.schema.words import words_of


def test_figures_are_those_of_the_picture_at_hand(explanation, picture):
    drawn = explanation.figure("overlay", "svg", 60, layer=2, text=False, colormap="jet", threshold=0.2)
    look = FigureLook(colormap="jet", threshold=0.2)
    assert drawn == figures.overlay_figure(explanation, picture.pixels, "svg", 60, layer=2, text=False, look=look)
    assert explanation.figure("grid", width="page") == figures.grid_figure(explanation, picture.pixels)
    assert explanation.figure("depth", "png", dpi=50) == depth.depth_figure(explanation, "png", dpi=50)
    words = WordExplanations(dict.fromkeys(words_of(explanation.answer), explanation))
    assert words.figure() == figures.word_figure(words, picture.pixels)
    latex = explanation.latex(file="a.pdf", model="embedded", layer=2)
    assert "layer 2 of 8" in latex and "Model: embedded." in latex


def test_of_a_video_the_frames_at_hand(of_video, video):
    drawn = of_video.figure(layer=2, step=1, width=60)
    assert drawn == figures.overlay_figure(of_video, video.frames, width=60, layer=2, step=1, times=video.times)


def test_what_cannot_be_drawn_is_said(explanation, result):
    with pytest.raises(InputError, match="no option 'colourmap'. Choose of: colormap, "):
        explanation.figure(colourmap="jet")
    with pytest.raises(InputError, match="no figure of an explanation called 'words'"):
        explanation.figure("words")
    with pytest.raises(InputError, match="not at hand"):
        explained(result, None).figure()
    with pytest.raises(InputError, match="no words"):
        WordExplanations().figure()
