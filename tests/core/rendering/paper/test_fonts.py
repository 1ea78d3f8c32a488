"""Which fonts text is written in, and what is said where there is none."""

import matplotlib
import pytest
from matplotlib.font_manager import fontManager

from core.errors import InputError
from core.rendering.paper.fonts import BASE, why_not, writing


def test_latin_greek_and_arabic_need_no_font_of_the_system(system_fonts):
    assert why_not("Où est le cercle? αβγ Где العربية → “x” 😀\n\u200d\ufe0f") == ""
    with writing("Où?") as font:
        assert [face.name for face in font.faces] == [BASE]


def test_what_no_font_has_is_named(system_fonts):
    assert "图 (U+56FE), 片 (U+7247). Install one, such as Noto Sans CJK" in why_not("a图片b")
    assert "\U00013000 (U+13000). Install one that does" in why_not("\U00013000")
    assert "…" in why_not("一二三四五六") and "四" not in why_not("一二三四五六")  # the first five, by number
    with pytest.raises(InputError, match="No font on this machine"), writing("图"):
        pass


def test_a_font_of_the_system_is_found_where_it_is_needed(tmp_path, write_font, system_fonts):
    assert why_not("图")
    other = write_font(tmp_path / "aaa.ttf", "x图", "Other")
    better = write_font(tmp_path / "NotoSansCJK-Regular.ttc", "图片", "Tiny CJK", postscript=True)
    system_fonts(str(tmp_path / "gone.ttf"), other, better)
    before = list(fontManager.ttflist)
    with writing("a图片") as font:
        assert [face.name for face in font.faces] == [BASE, "Tiny CJK"]
        assert font.faces[1].characters == {"图", "片"}
        assert font.length("图片", 10) == pytest.approx(2 * 10 * 25.4 / 72, rel=0.02)
        assert matplotlib.rcParams["pdf.fonttype"] == 42
    assert fontManager.ttflist == before  # matplotlib knows of it no longer
    system_fonts(other)
    assert why_not("图") == "" and "片" in why_not("图片")


def test_what_is_no_font_is_passed_over(tmp_path, system_fonts):
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    system_fonts(str(tmp_path / "broken.ttf"))
    assert "图" in why_not("图")


def test_settings_of_others_neither_matter_nor_change(system_fonts):
    with matplotlib.rc_context({"text.usetex": True, "font.size": 31.0}):
        with writing("a"):
            assert not matplotlib.rcParams["text.usetex"] and not matplotlib.rcParams["text.parse_math"]
        assert matplotlib.rcParams["text.usetex"] and matplotlib.rcParams["font.size"] == 31.0
