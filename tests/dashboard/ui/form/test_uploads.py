"""Several pictures at once: each becomes a run, and what is wrong with one of them is said about that one."""

import io

import pytest
from PIL import Image

from dashboard import resources
from dashboard.jobs import pictures
from dashboard.session.keys import FormKey
from tests.dashboard.uploading import PNG, captions, png, several

UPLOAD = f"{FormKey.UPLOAD}-0"


def test_several_pictures_give_several_runs(visit, wait_until, without_model):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(3)).run()
    assert "3 pictures: Run asks about each of them." in captions(app)
    app.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    assert "Not stored yet: 3 to compute" in "\n".join(mark.value for mark in app.markdown)
    app.button(key="run-button").click().run()
    names = app.query_params["runs"].split(",")
    assert len(set(names)) == 3 and app.query_params["run"] == names[0]
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert not app.exception
    assert "Asked at once: 3 pictures, 3 done." in captions(app)
    assert [resources.storage().runs.get(name).picture_name for name in names] == [
        "picture 0.png",
        "picture 1.png",
        "picture 2.png",
    ]

    # Another one of them comes on display; the form still holds all three.
    app.button(key=f"show-{names[2]}").click().run()
    assert app.query_params["run"] == names[2]
    assert "3 pictures: Run asks about each of them." in captions(app)
    app.button(key="run-button").click().run()
    assert len(without_model.asked) == 3  # everything was stored

    # Whoever gets the address sees the strip, too.
    other = visit("compute", run=names[1], runs=",".join(names))
    assert "Asked at once: 3 pictures, 3 done." in captions(other)


def test_a_run_of_one_picture_has_no_strip(visit, stored):
    name, other = stored(), stored(prompt="another")
    app = visit("compute", run=name, runs=f"{other},{'0' * 16}")
    assert "Asked at once" not in captions(app)
    assert "runs" not in app.query_params


def test_the_same_picture_twice_is_one_picture(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("a.png", png(1_600_100), PNG), ("b.png", png(1_600_100), PNG)]).run()
    assert [text.value for text in app.text if text.value.endswith(".png")] == ["a.png"]


def test_what_is_wrong_is_said_for_each_file_and_the_others_are_taken(visit):
    app = visit("compute")
    files = [("notes.png", b"just text", PNG), *several(2), ("empty.png", b"", PNG)]
    app.file_uploader(key=UPLOAD).set_value(files).run()
    assert not app.exception
    assert [error.value.split(":")[0] for error in app.error] == ["notes.png", "empty.png"]
    assert "2 pictures: Run asks about each of them." in captions(app)


def test_too_many_at_once_are_cut_and_said(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(pictures.MOST_AT_ONCE + 1)).run()
    assert [error.value for error in app.error] == ["13 pictures are too many at once: the first 12 are taken."]
    assert "12 pictures: Run asks about each of them." in captions(app)


def test_a_file_is_decoded_once(visit, monkeypatch):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    monkeypatch.setattr(
        "dashboard.ui.form.uploads.load_picture", lambda data: pytest.fail("a known file was decoded again")
    )
    kept = app.file_uploader(key=UPLOAD).value[:1]
    app.file_uploader(key=UPLOAD)._files = [(file.file_id, file.name, file.getvalue(), PNG) for file in kept]
    app.run()
    assert "picture 0.png" in [text.value for text in app.text]


def test_taking_all_files_out_leaves_no_picture(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    app.file_uploader(key=UPLOAD).clear().run()
    app.button(key="run-button").click().run()
    assert ["There is no picture yet" in error.value for error in app.error] == [True]


def test_a_thin_picture_among_others_names_itself(visit):
    data = io.BytesIO()
    Image.new("RGB", (1, 4000)).save(data, "PNG")
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("thin *bold*.png", data.getvalue(), PNG), *several(1)]).run()
    assert [error.value.startswith("thin \\*bold\\*.png: ") for error in app.error] == [True]
