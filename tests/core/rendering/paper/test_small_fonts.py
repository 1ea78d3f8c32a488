"""Fonts cut down to some characters, as TrueType."""

import io

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from core.rendering.paper.small_fonts import small_font


@pytest.mark.parametrize("postscript", [False, True])
def test_the_characters_asked_for_keep_their_shapes(tmp_path, write_font, postscript):
    path = write_font(tmp_path / "font.otf", "图片左", postscript=postscript)
    assert ("CFF " in TTFont(path)) == postscript
    font = TTFont(io.BytesIO(small_font(path, 0, "图左", "Figure 1")))
    assert sorted(font.getBestCmap()) == sorted(map(ord, "图左"))
    assert "glyf" in font and "CFF " not in font and font.sfntVersion == "\x00\x01\x00\x00"
    assert font["name"].getDebugName(1) == "Figure 1"
    pen = BoundsPen(font.getGlyphSet())
    font.getGlyphSet()[font.getBestCmap()[ord("图")]].draw(pen)
    assert pen.bounds == (100, 0, 900, 800)
    assert font["hmtx"][font.getBestCmap()[ord("左")]] == (1000, 100)


def test_the_bytes_are_the_same_each_time_and_a_woff_for_browsers(tmp_path, write_font):
    path = write_font(tmp_path / "font.otf", "图片", postscript=True)
    assert small_font(path, 0, "图", "A") == small_font(path, 0, "图", "A")
    assert small_font(path, 0, "图", "A", packed=True)[:4] == b"wOFF"
