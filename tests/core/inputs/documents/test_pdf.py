"""A page of a PDF is a picture: which page, how large, and what is said of those that cannot be drawn."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from core import ImageError, InputError, load_picture
from core.inputs.documents import pdf, process
from core.inputs.documents.renderer import dots_per_inch, pixel_size
from core.inputs.pictures import load_pictures, read_picture
from core.inputs.stored import as_it_was, as_png
from tests.core.inputs.documents.pdfs import TEXT, document, stream
from tests.some import some

if not find_spec("pypdfium2"):
    pytest.skip("pypdfium2, which draws PDF pages, is not installed", allow_module_level=True)
RED, BLUE = b"1 0 0 rg 0 0 612 792 re f", b"0 0 1 rg 0 0 612 396 re f"
A4 = (595, 842)


@pytest.fixture(scope="module")
def two_pages():
    return document(RED, BLUE)


def test_the_page_that_is_asked_for_is_the_picture(two_pages):
    first, second = load_picture(two_pages), load_picture(two_pages, page=2)
    assert (first.pixels == (255, 0, 0)).all()
    assert (second.pixels[:1000] == 255).all() and (second.pixels[-1000:] == (0, 0, 255)).all()
    assert (second.page, second.pages) == (2, 2) and first.digest != second.digest
    assert second.notes == ("Page 2 of 2 of a PDF document, drawn at 200 dots per inch.",)
    assert second.size == (1700, 2200) and not second.pixels.flags.writeable
    assert [each.page for each in load_pictures([two_pages, two_pages], page=2)] == [2, 2]


def test_the_digest_is_of_the_pixels_and_what_is_stored_has_them(two_pages):
    picture = load_picture(two_pages, page=2)
    again = load_picture(as_png(picture))
    assert again.digest == picture.digest == load_picture(picture.to_pil()).digest and again.pages == 0
    assert as_it_was(two_pages, load_picture(two_pages).digest).page == 1
    assert as_it_was(two_pages, picture.digest) is None  # of the file alone, its first page is meant


def test_a_path_and_bytes_after_something_else_are_read(two_pages, tmp_path):
    (tmp_path / "paper.pdf").write_bytes(b"\n" * 500 + two_pages)
    assert load_picture(tmp_path / "paper.pdf").pages == 2


@pytest.mark.parametrize("page", [0, -1, 1.0, "2", None, True])
def test_what_is_no_page_is_said(two_pages, page):
    with pytest.raises(InputError, match="A page is a number from 1 on"):
        load_picture(two_pages, page=page)


def test_a_page_that_is_not_there_is_said(two_pages, picture_bytes):
    with pytest.raises(ImageError, match="This PDF document has 2 pages; there is no page 3"):
        load_picture(two_pages, page=3)
    with pytest.raises(ImageError, match="has one page; there is no page 2"):
        load_picture(document(RED), page=2)
    for source in some([picture_bytes, Image.new("RGB", (9, 9))]):
        with pytest.raises(ImageError, match="no PDF document, so there is no page 2"):
            load_picture(source, page=2)


@pytest.mark.parametrize(
    ("points", "small_print", "dpi"),
    [
        (A4, 0, 200),  # a scan
        (A4, 8, 216),
        (A4, 10, 172.8),
        (A4, 40, 150),
        (A4, 2, 300),
        ((2384, 3370), 8, 91.0),  # A0: as large as a model sees it
        ((1e6, 1e6), 0, 0.258),
    ],
)
def test_small_print_decides_how_large_a_page_is_drawn_within_what_models_see(points, small_print, dpi):
    found = dots_per_inch(*points, small_print, process.MOST_PIXELS)
    assert found == pytest.approx(dpi, rel=2e-3)
    width, height = pixel_size(*points, found / 72)
    assert width * height <= process.MOST_PIXELS * 1.001


@pytest.mark.parametrize(
    "drawn",
    [
        b"BT /F1 1 Tf 8 0 0 8 72 700 Tm (small) Tj ET",
        b"BT /F1 8 Tf 0 1 -1 0 72 500 Tm (turned) Tj ET",
        b"q 2 0 0 2 0 0 cm BT /F1 4 Tf 1 0 0 1 72 100 Tm (scaled) Tj ET Q",
        b"BT /F1 40 Tf 72 500 Td (A) Tj ET BT /F1 8 Tf 72 700 Td (nearly all of it) Tj ET",
    ],
    ids=["by its matrix", "turned", "by the page's", "most of it"],
)
def test_print_is_as_large_as_it_is_drawn(drawn):
    picture = load_picture(document(drawn))
    assert picture.notes == ("A PDF document of one page, drawn at 216 dots per inch.",)
    assert picture.size == (1836, 2376)


def test_print_that_is_too_small_on_a_large_page_is_said():
    picture = load_picture(document(TEXT, size=(5000, 5000)))
    assert picture.notes[1].startswith("The page is very large, and its small print 7 pixels high, which is hard to")
    assert picture.pixels.size // 3 <= process.MOST_PIXELS * 1.001


def test_a_turned_page_stands_upright():
    assert load_picture(document(RED, page=b"/Rotate 90")).size == (2200, 1700)


def test_what_is_filled_into_a_form_is_seen():
    box = b"[0 0 612 792]"
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /Rect %s /F 4 /AP << /N 7 0 R >> >>" % box
    looks = stream(RED, b"/Type /XObject /Subtype /Form /BBox %s" % box)
    form = {"catalogue": b"/AcroForm << /Fields [6 0 R] >>", "page": b"/Annots [6 0 R]", "more": (field, looks)}
    pixels = load_picture(document(b"", **form)).pixels
    assert (np.abs(pixels[900:1100, 700:900].astype(int) - (255, 0, 0)) < 80).mean() > 0.9


def test_no_script_of_a_file_is_run():
    script = b"/OpenAction << /S /JavaScript /JS (while \\(true\\) {}) >>"
    assert (load_picture(document(RED, catalogue=script)).pixels == (255, 0, 0)).all()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (document(RED)[:300], "a PDF document that is damaged or cut off"),
        (b"%PDF-1.7\n" + bytes(500), "a PDF document that is damaged or cut off"),
        (document(), "PDF document"),
        (document(RED, password=b"secret"), "is locked with a password"),
        (document(RED, size=(9000, 9)), "more than 200 times as long as it is wide"),
    ],
    ids=["cut", "nothing", "no page", "locked", "thin"],
)
def test_what_cannot_be_read_is_a_sentence(data, said):
    with pytest.raises(ImageError, match=said) as raised:
        load_picture(data)
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize("size", [(1e30, 1e30), (-5, -5), (0, 0), (1, 1), (14_400, 14_400)])
def test_odd_sizes_of_pages_are_drawn_small(size):
    width, height = load_picture(document(b"", size=size)).size
    assert 0 < width * height <= process.MOST_PIXELS * 1.001


def test_a_page_that_takes_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 1)
    with pytest.raises(ImageError, match="takes longer than 1 seconds"):
        load_picture(document(b"0 0 612 792 re f " * 200_000))


def test_a_process_that_dies_costs_the_page_alone(monkeypatch, two_pages):
    monkeypatch.setattr(process, "MEMORY", 2**20)  # in which no Python runs
    with pytest.raises(ImageError, match="damaged, or takes too much memory"):
        load_picture(two_pages)
    monkeypatch.undo()
    assert load_picture(two_pages).pages == 2


def test_what_the_process_did_not_come_to_is_said_of_that_page():
    said = b'{"count": 3}\n{"width": 1, "height": 1, "dpi": 72, "small_print": 0}\nabc{"width": 9, "height": 9, "dpi'
    count, (first, second) = process._read(said, 2)
    assert count == 3 and first.pixels.tolist() == [[[97, 98, 99]]]
    assert isinstance(second, ImageError) and "cannot be drawn" in str(second)


def test_thumbnails_of_pages_and_none_for_those_that_are_not_there(two_pages):
    red, blue, missing = pdf.thumbnails(two_pages, (1, 2, 9), 110)
    assert red.shape == blue.shape == (110, 85, 3) and missing is None
    assert (red == (255, 0, 0)).all() and (blue[-50:] == (0, 0, 255)).all()
    assert pdf.count_pages(two_pages) == 2


def test_names_of_pages():
    assert pdf.split_name(pdf.page_name("a#1.pdf", 12)) == ("a#1.pdf", 12)
    for name in some(["a.pdf", "a.pdf#page=", "a.pdf#page=0", "a.pdf#page=x", "#3"]):
        assert pdf.split_name(name) == (name, None)


def test_without_the_package_it_is_said_how_to_do_without(monkeypatch, two_pages):
    monkeypatch.setattr(process, "find_spec", lambda name: None)
    with pytest.raises(ImageError, match="PDF document. Export the page as PNG.*install pypdfium2"):
        load_picture(two_pages)


def test_earlier_versions_read_none(two_pages):
    with pytest.raises(ImageError, match="a PDF document, not a picture"):
        read_picture(two_pages, as_before=True)


def test_the_process_is_told_nothing_of_this_one_and_brings_nothing_of_it(monkeypatch, two_pages, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('foreign module')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("SMOOTHCAM_SECRET", "x")
    given = []
    run = process.subprocess.run
    monkeypatch.setattr(process.subprocess, "run", lambda *args, **named: given.append(named) or run(*args, **named))
    assert load_picture(two_pages).pages == 2
    assert given[0]["env"].keys().isdisjoint({"PYTHONPATH", "SMOOTHCAM_SECRET"})
    assert "pypdfium2_raw" not in sys.modules  # what is written in C++ runs there alone
