"""Figures for papers: what is in the files, read by other programs."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from core.errors import InputError
from core.rendering.overlay import overlay
from core.rendering.paper.figures import grid_figure, overlay_figure, word_figure
from core.rendering.paper.look import FigureLook
from core.schema.words import words_of

pypdf = pytest.importorskip("pypdf")

HOSTILE = r"Where is $x_1$? \input{a} <b>&amp; 100% ]]>"
SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"


@pytest.fixture(scope="module")
def pdf(with_combined, pixels):
    return overlay_figure(with_combined, pixels)


@pytest.fixture(scope="module")
def svg(make_result, pixels):
    return overlay_figure(make_result(prompt=HOSTILE), pixels, "svg", 120, layer=2)


def page_of(data):
    (page,) = pypdf.PdfReader(io.BytesIO(data)).pages
    return page


def millimetres(page):
    return [round(float(side) * 25.4 / 72, 2) for side in page.mediabox[2:]]


def text_of(page):
    return page.extract_text().split("\n")


def rasters(page):
    """(width, height) of the pictures in a page, without colour bars, which are a pixel high."""
    found = [each.get_object() for each in page["/Resources"]["/XObject"].values()]
    sizes = [(each["/Width"], each["/Height"]) for each in found if each["/Subtype"] == "/Image"]
    return sorted(size for size in sizes if size[1] > 1)


def fonts_of(page):
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_a_pdf_is_one_column_wide_and_has_prompt_and_answer_as_text(pdf):
    page = page_of(pdf)
    width, height = millimetres(page)
    assert width == 85 and 85 * 60 / 90 < height < 85
    lines = text_of(page)
    assert "Prompt: Where is it?" in lines and "Answer: at the left" in lines
    assert any("logits x activation" in line for line in lines) and any("40" in line for line in lines)


def test_its_picture_has_the_pixels_of_the_overlay(pdf, with_combined, pixels):
    page = page_of(pdf)
    assert rasters(page) == [(90, 60)]
    (drawn,) = [each.image for each in page.images if each.image.size == (90, 60)]
    assert np.array_equal(np.asarray(drawn.convert("RGB")), overlay(pixels, with_combined.combined))


def test_its_fonts_are_truetype_and_inside_and_it_names_nothing_outside(pdf):
    fonts = fonts_of(page_of(pdf))
    assert fonts
    inside = [font["/DescendantFonts"][0].get_object() for font in fonts]
    assert {font["/Subtype"] for font in inside} == {"/CIDFontType2"} and all("/ToUnicode" in font for font in fonts)
    assert all(len(font["/FontDescriptor"]["/FontFile2"].get_data()) > 100 for font in inside)
    assert b"/URI" not in pdf and b"http" not in pdf and not page_of(pdf)["/Annots"]


def test_the_same_figure_has_the_same_bytes(pdf, with_combined, pixels):
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda _: overlay_figure(with_combined, pixels), range(2))) == [pdf, pdf]
    assert b"Date" not in pdf and b"atplotlib" not in pdf


def test_chinese_is_text_in_a_font_of_the_system_whatever_its_outlines(
    make_result, pixels, tmp_path, write_font, system_fonts
):
    said = "图片左上角。"
    system_fonts(write_font(tmp_path / "NotoSansCJK-Regular.ttc", said, postscript=True))
    page = page_of(overlay_figure(make_result(prompt=said), pixels))
    assert f"Prompt: {said}" in text_of(page)
    inside = [font["/DescendantFonts"][0].get_object() for font in fonts_of(page)]
    files = [TTFont(io.BytesIO(font["/FontDescriptor"]["/FontFile2"].get_data())) for font in inside]
    assert len(files) == 2 and all("glyf" in file for file in files)


def test_without_such_a_font_a_sentence_says_so_and_the_figure_can_do_without(make_result, pixels, system_fonts):
    result = make_result(prompt="图片左上角。")
    with pytest.raises(InputError, match="No font on this machine has the characters"):
        overlay_figure(result, pixels)
    page = page_of(overlay_figure(result, pixels, text=False))
    assert not any("Prompt" in line or "Answer" in line for line in text_of(page))


def test_an_svg_has_its_size_in_millimetres_and_text_as_it_was_typed(svg):
    root = ElementTree.fromstring(svg)
    assert root.get("width") == "120mm" and root.get("height").endswith("mm")
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert f"Prompt: {HOSTILE}" in texts and "Answer: at the left" in texts and "logits" in texts
    assert b"<script" not in svg and not list(root.iter(f"{SVG}foreignObject"))


def test_its_font_is_inside_with_the_characters_that_it_needs(svg):
    root = ElementTree.fromstring(svg)
    style = "".join(element.text or "" for element in root.iter(f"{SVG}style"))
    (data,) = re.findall(r"@font-face\{font-family:'DejaVu Sans';src:url\(data:font/woff;base64,([^)]+)\)", style)
    font = TTFont(io.BytesIO(base64.b64decode(data)))
    typed = set("".join(element.text for element in root.iter(f"{SVG}text"))) - {" "}
    assert typed <= {chr(code) for code in font.getBestCmap()}
    assert {name for name in re.findall(r"font-family: ('[^']+')", svg.decode())} == {"'DejaVu Sans'"}


def test_its_picture_has_its_own_pixels_and_nothing_is_fetched(svg, make_result, pixels):
    root = ElementTree.fromstring(svg)
    images = [element.get(f"{LINK}href") for element in root.iter(f"{SVG}image")]
    drawn = [Image.open(io.BytesIO(base64.b64decode(each.split(",", 1)[1]))) for each in images]
    assert [each.size for each in drawn] == [(90, 60), (1024, 1)]
    assert np.array_equal(np.asarray(drawn[0].convert("RGB")), overlay(pixels, make_result().at(2)))
    assert all(each.startswith("data:image/png") for each in images)
    assert b"<!DOCTYPE" not in svg and b"pixelated" not in svg
    assert set(re.findall(rb"https?://[^\"' <]+", svg)) <= {
        b"http://www.w3.org/2000/svg",
        b"http://www.w3.org/1999/xlink",
    }


def test_a_png_has_the_pixels_of_its_resolution(make_result, pixels):
    picture = Image.open(io.BytesIO(overlay_figure(make_result(), pixels, "png", layer=2, dpi=100)))
    assert picture.width == int(85 / 25.4 * 100) and not {"Software", "Creation Time"} & picture.info.keys()


def test_a_grid_has_the_picture_and_every_layer(make_result, pixels):
    page = page_of(grid_figure(make_result(), pixels, look=FigureLook(colormap="viridis")))
    assert millimetres(page)[0] == 175 and rasters(page) == [(90, 60)] * 4
    lines = text_of(page)
    assert lines[0] == "Picture Layer 0 Layer 2 Layer 5"
    assert any("heat over the map's maximum" in line for line in lines)


def test_words_stand_over_their_maps(make_result, pixels):
    answer = make_result().answer
    results = {word: make_result(layers=(), method="combined") for word in words_of(answer)}
    page = page_of(word_figure(results, pixels, width="column"))
    assert text_of(page)[0] == "at the left" and rasters(page) == [(90, 60)] * 3
    assert "Prompt: Where is it?" in text_of(page) and not any("Answer" in line for line in text_of(page))


def test_of_a_video_steps_are_drawn_over_their_frames(make_result, pixels):
    film = make_result(frames=6)
    frames = np.stack([pixels // (number + 1) for number in range(6)])
    times = np.arange(6) / 2
    page = page_of(overlay_figure(film, frames, layer=2, times=times))
    (drawn,) = [each.image for each in page.images if each.image.size == (90, 60)]
    assert np.array_equal(np.asarray(drawn.convert("RGB")), overlay(frames[4], film.at(2)[2]))  # the hottest
    assert text_of(page)[0] == "2.00 to 3.00 s"
    page = page_of(grid_figure(film, frames, layer=2, times=times))
    assert text_of(page)[0] == "0.00 s 1.00 s 2.00 s" and rasters(page) == [(90, 60)] * 3
    assert any(line.startswith("0 36") for line in text_of(page))  # one scale for all steps
    with pytest.raises(InputError, match="needs the times of its frames"):
        overlay_figure(film, frames, layer=2)


@pytest.mark.parametrize(
    "wrong", [None, "photo.jpg", np.zeros((60, 90)), np.zeros((60, 90, 4), np.uint8), np.zeros((0, 9, 3), np.uint8)]
)
def test_what_are_no_pixels_is_refused(make_result, wrong):
    with pytest.raises(InputError, match="The pixels of a figure are a uint8 array"):
        overlay_figure(make_result(), wrong)


def test_what_cannot_be_drawn_is_refused(make_result, pixels):
    result = make_result()
    with pytest.raises(InputError, match="no words"):
        word_figure({}, pixels)
    with pytest.raises(InputError, match="what explain_words gives"):
        word_figure(result, pixels)
    with pytest.raises(InputError, match="a FigureLook"):
        overlay_figure(result, pixels, look={"colormap": "jet"})
    with pytest.raises(InputError, match="The tiles in a row"):
        grid_figure(result, pixels, columns=0)
    with pytest.raises(InputError, match="format of a figure"):
        overlay_figure(result, pixels, "gif")
