"""Several pictures at once: each becomes a run, and what is wrong with one of them is said about that one."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from core import Brightness, Picture, load_picture
from core.scenes.scene import sample
from dashboard import resources
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.jobs import pictures
from dashboard.jobs.decoded import PixelCache
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
    monkeypatch.setattr(pictures, "load_picture", lambda *_: pytest.fail("a known file was decoded again"))
    first = app.file_uploader(key=UPLOAD).value[:1]
    app.file_uploader(key=UPLOAD)._files = [(file.file_id, file.name, file.getvalue(), PNG) for file in first]
    app.run()
    assert "picture 0.png" in [text.value for text in app.text]


@pytest.mark.parametrize("name", ["photo", "PHOTO.PNG", "x.jfif", "x.mpo", "x.avif", "notes.txt"])
def test_the_content_counts_and_not_the_name(visit, name):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([(name, png(1_600_100), "application/octet-stream")]).run()
    assert not app.exception and not app.error
    assert name in [text.value for text in app.text]


def test_an_upload_that_is_gone_is_said(visit, monkeypatch):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(1)).run()
    monkeypatch.setattr(MemoryUploadedFileManager, "get_files", lambda *_, **__: [])  # the server let go of it
    app.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    assert not app.exception and not app.session_state["session"].pictures
    assert "An uploaded file is no longer on the server. Upload it again." in sentences(app)


def test_taking_another_picture_lets_go_of_the_uploaded_ones(visit, without_model, monkeypatch):
    removed, remove = [], MemoryUploadedFileManager.remove_file
    monkeypatch.setattr(
        MemoryUploadedFileManager,
        "remove_file",
        lambda self, session_id, file_id: removed.append(file_id) or remove(self, session_id, file_id),
    )
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    app.button(key="open-gallery").click().run()
    app.button(key="dialog-use-0").click().run()
    assert len(removed) == 2 and "Sample scene 1" in texts(app)


def test_a_session_holds_neither_files_nor_decoded_pixels(visit, monkeypatch):
    nothing_kept = PixelCache(0)
    monkeypatch.setattr(pictures, "decoded", lambda: nothing_kept)
    wide = encoded(sample(1_600_100).image.resize((2000, 1000)))
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("wide.png", wide, PNG)]).run()
    (chosen,) = app.session_state["session"].pictures
    assert max(chosen.preview.shape) == pictures.PREVIEW and chosen.size == (2000, 1000)
    assert not [held for held in vars(chosen).values() if isinstance(held, bytes | Picture | np.ndarray)]


def test_what_is_queued_is_read_from_where_it_is_stored(visit, held):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    app.radio(key=FormKey.TOGETHER).set_value(WAYS[True]).run()
    app.text_area(key=FormKey.PROMPT).set_value("what differs").run()
    app.button(key="run-button").click().run()
    (job,) = resources.jobs().active()
    assert [chosen.is_stored for chosen in (job.question.chosen, *job.question.pictures)] == [True] * 3
    assert [chosen.name for chosen in job.question.pictures] == ["picture 0.png", "picture 1.png"]
    assert job.question.chosen is job.question.pictures[0]


@pytest.fixture
def deep() -> bytes:
    """A picture of 16 bits a channel, of which 12 are used."""
    file = io.BytesIO()
    Image.fromarray(np.linspace(0, 4095, 60 * 40).reshape(40, 60).astype(np.uint16)).save(file, "PNG")
    return file.getvalue()


def test_brightness_can_be_chosen_for_each_picture_that_has_it(visit, deep, held):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("plain.png", png(1_600_100), PNG), ("deep.png", deep, PNG)]).run()
    (choice,) = [box for box in app.selectbox if box.label == "Brightness"]
    before = [chosen.digest for chosen in app.session_state["session"].pictures]
    choice.set_value("range").run()
    low, high = (next(field for field in app.number_input if field.label == name) for name in ("Black", "White"))
    high.set_value(1000.0).run()
    plain, chosen = app.session_state["session"].pictures
    assert chosen.brightness == Brightness("range", low.value, 1000.0)
    assert plain.digest == before[0] and chosen.digest != before[1]
    assert chosen.preview[0, 0, 0] == 0 and chosen.preview[-1, -1, 0] == 255
    assert "1000" in "\n".join(text.value for text in app.text)  # the note has the numbers
    app.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    app.button(key="run-button").click().run()
    kept = resources.storage().pictures.get(chosen.digest)
    assert np.array_equal(load_picture(kept).pixels, chosen.picture.pixels)
    # The choice holds while other things change.
    app.text_area(key=FormKey.PROMPT).set_value("and now").run()
    assert app.session_state["session"].pictures[1].digest == chosen.digest


def test_a_range_that_is_none_is_said_and_the_choice_before_stays(visit, deep):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("deep.png", deep, PNG)]).run()
    next(box for box in app.selectbox if box.label == "Brightness").set_value("range").run()
    (before,) = app.session_state["session"].pictures
    next(field for field in app.number_input if field.label == "White").set_value(-5.0).run()
    assert not app.exception and "is no range" in sentences(app)
    assert app.session_state["session"].pictures == (before,)


def test_a_picture_of_8_bits_has_no_choice(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(1)).run()
    assert "Brightness" not in [box.label for box in app.selectbox]


def test_taking_all_files_out_leaves_no_picture(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    app.file_uploader(key=UPLOAD).clear().run()
    app.button(key="run-button").click().run()
    assert ["There is no picture or video yet" in error.value for error in app.error] == [True]


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


def test_a_bad_picture_does_not_take_the_good_one_away(visit, without_model):
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    app.session_state[FormKey.ANOTHER] = True
    app.run().file_uploader(key=f"{FormKey.UPLOAD}-1").upload("notes.png", b"just text").run()
    assert "What was chosen before is kept" in sentences(app)
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


def test_whoever_opens_a_run_finds_its_picture_and_a_way_to_another_one(visit, stored):
    app = visit("compute", run=stored())
    assert "two-halves.png" in texts(app) and not app.file_uploader
    app.session_state[FormKey.ANOTHER] = True
    (field,) = app.run().file_uploader
    field.set_value(several(1)).run()
    assert "two-halves.png" not in texts(app) and "picture 0.png" in texts(app)
    # Streamlit lets go of the files of a widget that is not drawn.
    app.session_state[FormKey.ANOTHER] = False
    assert app.run().file_uploader and "picture 0.png" in texts(app)


def test_a_picture_from_elsewhere_puts_the_upload_away(visit, without_model):
    app = visit("compute")
    assert app.file_uploader
    app.button(key="start-use-0").click().run()
    assert not app.file_uploader and "Another picture or video" in [box.label for box in app.expander]
