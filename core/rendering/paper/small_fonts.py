"""A font file -> a small one with only the characters that a figure has, its outlines as TrueType.

Chinese and Japanese fonts often have the outlines of PostScript (CFF), which PDF does not take as TrueType: journals
that check their fonts refuse such a file. Cubic curves become quadratic ones within a thousandth of the character's
size.
"""

import io
from collections.abc import Iterable

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

_VARIES = ("avar", "cvar", "fvar", "gvar", "HVAR", "MVAR", "STAT", "VVAR")
"""Tables of fonts of several weights in one file; without them it is the font's default weight."""
_IDLE = ("BDF ", "FFTM", "MERG", "PfEd", "TSIV", "Zapf", "bdat", "bloc", "feat", "kerx", "meta", "morx", "trak")
"""Tables that nothing here reads, of which fontTools says so each time it drops one."""
_PRECISION = 1000


def small_font(path: str, number: int, characters: Iterable[str], name: str, *, packed: bool = False) -> bytes:
    """The bytes of a TrueType file with these characters, and what shapes them, under a name of its own.

    Args:
        number: of the font in a file of several, from 0.
        packed: whether it is a WOFF, which browsers read, a little smaller.

    Raises:
        OSError, fontTools.ttLib.TTLibError: the file cannot be read.
    """
    options = subset.Options(
        font_number=number, layout_features=["*"], hinting=False, notdef_outline=True, recalc_timestamp=False
    )
    options.drop_tables += [*_VARIES, *_IDLE]
    with subset.load_font(path, options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=map(ord, characters))
        cutter.subset(font)
        if "glyf" not in font:
            _as_truetype(font)
        _rename(font, name)
        font.flavor = "woff" if packed else None
        file = io.BytesIO()
        font.save(file, reorderTables=False)
        return file.getvalue()


def _as_truetype(font: TTFont) -> None:
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    tolerance, drawn = font["head"].unitsPerEm / _PRECISION, {}
    for glyph in order:
        pen = TTGlyphPen(None)
        glyphs[glyph].draw(Cu2QuPen(pen, tolerance, reverse_direction=True))
        drawn[glyph] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, drawn
    for glyph in drawn.values():
        glyph.recalcBounds(font["glyf"])
    largest = font["maxp"] = newTable("maxp")
    largest.tableVersion = 0x00010000
    for field in (
        *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
        *("maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints"),
        *("maxCompositeContours", "maxComponentDepth"),
    ):
        setattr(largest, field, 0)
    largest.maxZones, largest.numGlyphs = 1, len(order)
    post = font["post"]
    post.formatType, post.extraNames, post.mapping, post.glyphOrder = 2.0, [], {}, order
    for table in ("CFF ", "CFF2", "VORG"):
        if table in font:
            del font[table]
    font.sfntVersion = "\x00\x01\x00\x00"


def _rename(font: TTFont, name: str) -> None:
    names = font["name"] = newTable("name")
    names.names = []
    for number, text in ((1, name), (2, "Regular"), (4, name), (6, name.replace(" ", "-"))):
        names.setName(text, number, 3, 1, 0x409)
        names.setName(text, number, 1, 0, 0)
