"""Several pictures at once: each becomes a run, and what is wrong with one of them is said about that one."""

import io

import pytest
from PIL import Image

from core.scenes.scene import sample
from dashboard import resources
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.jobs import pictures
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import WAYS
from tests.dashboard.pages import sentences, texts
from tests.dashboard.uploading import PNG, UPLOAD, captions, encoded, png, several


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
    first = app.file_uploader(key=UPLOAD).value[:1]
    app.file_uploader(key=UPLOAD)._files = [(file.file_id, file.name, file.getvalue(), PNG) for file in first]
    app.run()
    assert "picture 0.png" in [text.value for text in app.text]


def test_taking_all_files_out_leaves_no_picture(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    app.file_uploader(key=UPLOAD).clear().run()
    app.button(key="run-button").click().run()
    assert ["There is no picture yet" in error.value for error in app.error] == [True]


def test_a_thin_picture_among_others_names_itself(visit):
    thin = encoded(Image.new("RGB", (1, 4000)))
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("thin *bold*.png", thin, PNG), *several(1)]).run()
    assert [error.value.startswith("thin \\*bold\\*.png: ") for error in app.error] == [True]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("notes.png", b"just text", "not a picture"),
        ("cut.png", encoded(sample(1_600_001).image)[:700], "damaged or cut off"),
        ("thin.png", encoded(Image.new("RGB", (1, 4000))), "Crop it"),
        ("huge.png", encoded(Image.new("1", (12_000, 12_000))), "megapixels"),
        ("empty.png", b"", "empty"),
    ],
)
def test_a_bad_picture_is_one_sentence_and_the_prompt_stays(visit, name, data, words):
    app = visit("compute")
    app.text_area(key=FormKey.PROMPT).set_value("my long question").run()
    app.file_uploader(key=UPLOAD).upload(name, data).run()
    assert not app.exception
    assert [words in error.value for error in app.error] == [True]
    assert app.text_area(key=FormKey.PROMPT).value == "my long question"


def test_a_bad_picture_does_not_take_the_good_one_away(visit):
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    app.file_uploader(key=f"{FormKey.UPLOAD}-1").upload("notes.png", b"just text").run()
    assert "The picture chosen before is kept" in sentences(app)
    assert "Sample scene 1" in texts(app)


def test_what_was_done_to_a_picture_is_said(visit):
    frames = [sample(seed).image.resize((168, 168)) for seed in (1_600_002, 1_600_003)]
    data = io.BytesIO()
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:])
    app = visit("compute")
    app.file_uploader(key=UPLOAD).upload("moving.gif", data.getvalue()).run()
    assert "The file has 2 frames; the first one is used." in sentences(app)


def test_one_question_is_asked_about_all_uploaded_pictures(visit, wait_until, without_model):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    app.radio(key=FormKey.TOGETHER).set_value(WAYS[True]).run()
    assert "2 pictures: Run asks one question about all of them." in captions(app)
    app.text_area(key=FormKey.PROMPT).set_value("what differs").run()
    app.selectbox(key=FormKey.PICTURE_FIRST).set_value(PICTURE_POSITIONS[False]).run()
    app.button(key="run-button").click().run()
    assert "runs" not in app.query_params
    wait_until(lambda: not resources.jobs().active())
    app.run()
    row = resources.storage().runs.get(app.query_params["run"])
    assert row.names == ("picture 0.png", "picture 1.png") and len(row.request["images"]) == 2
    assert row.request["picture_first"] is False and resources.storage().runs.count() == 1
    assert app.segmented_control(key="image").value == "1"
    # Asking the same again reads the store; each picture alone is another question.
    app.button(key="run-button").click().run()
    assert len(without_model.asked) == 1
    app.radio(key=FormKey.TOGETHER).set_value(WAYS[False]).run()
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert resources.storage().runs.count() == 3


def test_more_pictures_than_a_prompt_can_hold_are_refused(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(9)).run()
    app.radio(key=FormKey.TOGETHER).set_value(WAYS[True]).run()
    app.text_area(key=FormKey.PROMPT).set_value("what differs").run()
    app.button(key="run-button").click().run()
    assert "8 pictures at most, and 9 are chosen" in app.error[0].value
