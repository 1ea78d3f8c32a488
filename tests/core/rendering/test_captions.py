"""Captions and colour bars below pictures."""

import numpy as np
import pytest

from core.rendering import captions, fonts
from core.rendering.captions import NARROWEST, ColourBar, with_caption, wrap
from core.rendering.fonts import find_font
from core.rendering.overlay import colorize

LINES = {"Prompt": "Where is the red circle?", "Answer": "在左上角。"}


@pytest.mark.parametrize("size", [(20, 30), (300, 900), (1600, 40)])
def test_the_pictures_own_pixels_stay(size):
    height, width = size
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    drawn = with_caption(pixels, LINES, ColourBar("viridis", 3.0, "logits"))
    left = (max(width, NARROWEST) - width) // 2
    assert np.array_equal(drawn[:height, left : left + width], pixels)
    assert drawn.shape[0] > height and drawn.shape[1] == max(width, NARROWEST)


def test_what_cannot_be_seen_in_a_text_is_named():
    blank = np.full((10, NARROWEST, 3), 255, np.uint8)
    named = with_caption(blank, {"Prompt": "photo⟪U+202E⟫gnp"})
    assert np.array_equal(with_caption(blank, {"Prompt": "photo\u202egnp"}), named)
    assert not np.array_equal(with_caption(blank, {"Prompt": "photognp"}), named)


def test_a_bar_has_the_maps_colours_and_none_below_the_threshold():
    blank = np.full((10, NARROWEST, 3), 255, np.uint8)
    bar = ColourBar("inferno", 3.0, "logits", threshold=0.5)
    row = with_caption(blank, {}, bar)[10 + 14 + 5]
    coloured = np.nonzero((row != 255).any(-1))[0]
    first, last = coloured[1], coloured[-2]  # without the frame
    assert (row[first - 5 : first] == 255).all()
    assert np.abs(row[last].astype(int) - colorize(np.ones((1, 1)), "inferno")[0, 0]).max() < 6


@pytest.mark.parametrize(
    "text", ["many short words " * 20, "oneverylongword" * 30, "图中有一个红色的圆形" * 20, "mixed 图中有 " * 30, "a"]
)
def test_long_texts_are_wrapped_without_losing_a_character(text):
    font = find_font(16, cjk=True)
    rows = wrap(text, font, 300, most=1_000)
    assert all(font.getlength(row) <= 300 for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


def test_rows_break_between_words_where_there_are_some():
    assert wrap("red circle here", find_font(16), round(find_font(16).getlength("red circle h"))) == [
        "red circle",
        "here",
    ]


def test_what_does_not_fit_ends_in_an_ellipsis():
    rows = wrap("word " * 4_000, find_font(16), 300)
    assert len(rows) == 12 and rows[-1].endswith("…")
    assert find_font(16).getlength(rows[-1]) <= 300


def test_without_any_font_pillows_own_is_used(monkeypatch):
    monkeypatch.setattr(fonts, "_PLAIN_FONTS", ("no such font",))
    monkeypatch.setattr(fonts, "CJK_FONTS", ())
    find_font.cache_clear()
    try:
        assert with_caption(np.zeros((10, 10, 3), np.uint8), LINES).shape[0] > 10
        fonts.has_cjk_font.cache_clear()
        assert not fonts.has_cjk_font()
    finally:
        find_font.cache_clear()
        fonts.has_cjk_font.cache_clear()


@pytest.mark.parametrize(
    ("lines", "unit", "cjk"),
    [
        ({"Prompt": "Where?"}, "logits", False),
        ({"Prompt": "在哪里？"}, "logits", True),
        ({"提示词": "Where?"}, "logits", True),
        ({}, "概率", True),
    ],
)
def test_headings_and_units_get_a_font_that_has_their_characters(monkeypatch, lines, unit, cjk):
    asked = []
    monkeypatch.setattr(captions, "find_font", lambda size, cjk=False: asked.append(cjk) or find_font(size, cjk))
    with_caption(np.full((10, NARROWEST, 3), 255, np.uint8), lines, ColourBar("inferno", 1.0, unit))
    assert set(asked) == {cjk}
