"""Of a document in the form one page is asked about: chosen by its number or its small picture, and stored alone."""

from importlib.util import find_spec

import pytest

from core import load_picture
from dashboard import resources
from dashboard.jobs.pictures import read_picture
from dashboard.session.keys import FormKey
from dashboard.ui.form.page_field import AROUND, pages_around
from dashboard.ui.form.resolution import FULL_BUTTON
from tests.core.inputs.documents.pdfs import document
from tests.dashboard.pages import sentences
from tests.dashboard.uploading import PNG, UPLOAD, captions, png
from tests.some import some

if not find_spec("pypdfium2"):
    pytest.skip("pypdfium2, which draws PDF pages, is not installed", allow_module_level=True)
PDF = "application/pdf"
COLOURS = (b"1 0 0", b"0 1 0", b"0 0 1")
PAPER = document(*(colour + b" rg 0 0 99 99 re f" for colour in COLOURS), size=(20, 20))


def page_of(app):
    return next(field for field in app.number_input if field.label.startswith("Page, of"))


def chosen_in(app):
    return app.session_state["session"].pictures


def test_the_page_is_chosen_by_its_number(visit, held):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("paper.pdf", PAPER, PDF)]).run()
    assert not app.exception and page_of(app).label == "Page, of 3" and page_of(app).max == 3
    assert "Page 1 of 3 of a PDF document, drawn at 200 dots per inch." in captions(app)
    page_of(app).set_value(3).run()
    (chosen,) = chosen_in(app)
    assert (chosen.page, chosen.name) == (3, "paper.pdf#page=3")
    assert (chosen.picture.pixels == (0, 0, 255)).all()
    app.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    app.button(key="run-button").click().run()
    assert not app.exception
    kept = resources.storage().pictures.get(chosen.digest)
    assert kept[:4] == b"\x89PNG" and load_picture(kept).digest == chosen.digest
    # The choice holds while other things change.
    app.text_area(key=FormKey.PROMPT).set_value("and now").run()
    assert chosen_in(app)[0].digest == chosen.digest and page_of(app).value == 3


def test_the_page_is_chosen_by_its_small_picture(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("paper.pdf", PAPER, PDF)]).run()
    buttons = {button.label: button for button in app.button if f"{FormKey.PAGE}-" in (button.key or "")}
    assert list(buttons) == ["1", "2", "3"] and buttons["1"].disabled
    buttons["2"].click().run()
    assert (chosen_in(app)[0].picture.pixels == (0, 255, 0)).all() and page_of(app).value == 2


def test_of_several_files_each_document_has_its_page(visit):
    app = visit("compute")
    files = [("scene.png", png(1_600_100), PNG), ("paper.pdf", PAPER, PDF), ("one.pdf", document(COLOURS[0]), PDF)]
    app.file_uploader(key=UPLOAD).set_value(files).run()
    page_of(app).set_value(2).run()
    assert not app.exception
    assert [chosen.name for chosen in chosen_in(app)] == ["scene.png", "paper.pdf#page=2", "one.pdf"]
    assert [field.label for field in app.number_input if field.label.startswith("Page")] == ["Page, of 3"]


def test_a_page_that_cannot_be_drawn_is_said_and_the_one_before_stays(visit, monkeypatch):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("paper.pdf", PAPER, PDF)]).run()
    before = chosen_in(app)[0]
    monkeypatch.setattr("core.inputs.documents.process.SECONDS", 0.001)
    page_of(app).set_value(2).run()
    assert "takes longer than" in app.error[0].value
    assert chosen_in(app)[0] is before and page_of(app).value == 1


def test_a_chosen_page_is_decoded_from_its_file_again():
    chosen = read_picture("paper.pdf", lambda: PAPER, "upload", page=2)
    assert chosen._decode().digest == chosen.digest == load_picture(PAPER, page=2).digest
    assert read_picture("paper.pdf", lambda: document(COLOURS[0])).name == "paper.pdf"


def test_the_pages_around_one():
    shown = {(page, 9): list(pages_around(page, 9)) for page in range(1, 10)}
    assert all(page in pages and len(pages) == AROUND for (page, _), pages in some(shown.items()))
    assert shown[1, 9] == [1, 2, 3, 4, 5] and shown[5, 9] == [3, 4, 5, 6, 7] and shown[9, 9] == [5, 6, 7, 8, 9]
    assert list(pages_around(2, 2)) == [1, 2]


def test_print_that_the_usual_resolution_makes_too_small_is_said(visit, roomy):
    app = visit("compute")
    app.selectbox(key=FormKey.MODEL).set_value(str(roomy.folder))
    text = b"BT /F1 8 Tf 72 700 Td (the terms of this contract) Tj ET"
    app.file_uploader(key=UPLOAD).set_value([("letter.pdf", document(text), PDF)])
    app.text_area(key=FormKey.PROMPT).set_value("What are the terms?").run()
    assert "Small print of the document is 11 pixels high then, which is hard to read." in sentences(app)
    app.button(key=FULL_BUTTON).click().run()
    said = sentences(app)
    assert "Small print" not in said and "5,610 visual tokens." in said and "GB" in said
