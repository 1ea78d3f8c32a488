"""Results and pictures of which figures are drawn, and fonts of a few characters."""

from dataclasses import replace

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

from core.rendering.paper import fonts
from core.schema import Answer, ExplainRequest, ExplainResult, TimeStep, Token

CHINESE = "请描述图片左上角。"


@pytest.fixture(scope="session")
def pixels():
    """A picture of 90 x 60 pixels with more colours than a palette has."""
    return np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)


@pytest.fixture(scope="session")
def make_result():
    """Makes a result of 2 x 3 cells without a model; with `frames`, of a video whose last step is the hottest."""

    def make(prompt="Where is it?", text="at the left", layers=(0, 2, 5), method="hirescam", frames=0, **changes):
        request = ExplainRequest(
            image="i", prompt=prompt, model="m", layers=layers, method=method, frames=frames, **changes
        )
        heat = np.arange(1, 1 + 6 * len(request.maps), dtype=np.float32).reshape(-1, 2, 3)
        steps = tuple(TimeStep(float(number), number + 1.0) for number in range(frames // 2))
        if steps:
            heat = heat[:, None] * np.arange(1, len(steps) + 1, dtype=np.float32)[:, None, None]
        tokens, start = [], 0
        for number, word in enumerate(text.split()):
            start = text.index(word, start)
            tokens.append(Token(number, word, 0.9, (), start, start + len(word)))
            start += len(word)
        return ExplainResult(request, Answer(text, tuple(tokens)), heat, heat / 50, 10, 8, {}, steps=steps)

    return make


@pytest.fixture(scope="session")
def with_combined(make_result):
    """A result with the combined map beside it, as runs have it."""
    result = make_result(method="gradient_deviation")
    combined = replace(make_result(layers=(), method="combined"), heat=np.full((1, 2, 3), 40, np.float32))
    return replace(result, companions={"combined": combined})


@pytest.fixture(scope="session")
def write_font():
    """Writes a font file whose characters are squares; of outlines as TrueType has them, or as PostScript."""

    def write(path, characters, name="Tiny Sans", postscript=False):
        names = [".notdef", *(f"uni{ord(each):04X}" for each in characters)]
        builder = FontBuilder(1000, isTTF=not postscript)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({ord(each): f"uni{ord(each):04X}" for each in characters})
        pens = [T2CharStringPen(1000, None) if postscript else TTGlyphPen(None) for _ in names]
        for pen in pens:
            pen.moveTo((100, 0))
            for at in ((100, 800), (900, 800), (900, 0)):
                pen.lineTo(at)
            pen.closePath()
        if postscript:
            drawn = {each: pen.getCharString() for each, pen in zip(names, pens, strict=True)}
            builder.setupCFF(name.replace(" ", ""), {}, drawn, {})
        else:
            builder.setupGlyf({each: pen.glyph() for each, pen in zip(names, pens, strict=True)})
        builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 100)))
        builder.setupHorizontalHeader(ascent=900, descent=-200)
        builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name.replace(" ", "")})
        builder.setupOS2()
        builder.setupPost()
        builder.save(path)
        return str(path)

    return write


@pytest.fixture
def system_fonts(monkeypatch):
    """Sets which font files the system has, besides those of matplotlib."""

    def have(*paths):
        monkeypatch.setattr(fonts.font_manager, "findSystemFonts", lambda: list(paths))

    have()
    return have
