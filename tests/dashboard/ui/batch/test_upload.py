"""What a batch is made of: pictures, a ZIP of them, a table."""

import io
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from core import Brightness, load_picture
from core.inputs.videos.sampling import Sampling
from dashboard import resources
from tests.core.inputs.documents.pdfs import document
from tests.core.inputs.videos import films
from tests.dashboard.uploading import PNG, captions, encoded, ended, png, several, upload
from tests.some import some


def zipped(files: dict[str, bytes]) -> tuple[str, bytes, str]:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return "photos.zip", data.getvalue(), "application/zip"


def errors(app: AppTest) -> list[str]:
    return [error.value for error in app.error]


def taken(app: AppTest) -> dict[str, str]:
    return app.session_state["session"].batch.pictures


def test_a_table_names_uploaded_files_only(visit, without_model, wait_until):
    table = "\ufeffPicture;Prompt\r\npicture 0.png;one?\r\n/etc/passwd;two?\r\npicture 1.png;\r\n;three?\r\n"
    app = upload(visit("batch"), [*several(2), ("pairs.csv", table.encode(), "text/csv")])
    plan = app.dataframe[0].value
    said = {row: words.split(".")[0] for row, words in zip(plan["row"], plan["problem"], strict=True)}
    assert said == {
        1: "",
        2: "No picture of that name was uploaded",
        3: "The prompt is empty",
        4: "The row names no picture",
    }
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    assert [run.prompt for run in resources.storage().runs.recent(9)] == ["one?"]


def test_a_zip_of_pictures_is_taken_and_a_bad_one_costs_itself_alone(visit):
    files = {f"photos/{name}": content for name, content, _ in several(2)}
    app = upload(
        visit("batch"),
        [
            zipped(
                {
                    **files,
                    "photos/broken.png": b"no picture",
                    "photos/empty.JPG": b"",
                    **{"photos/._picture 0.png": b"shadow", "__MACOSX/photos/._x.jpg": b"shadow"},
                    **{"photos/Thumbs.db": b"thumbs", ".DS_Store": b"store", "photos/notes.txt": b"notes"},
                }
            )
        ],
    )
    assert list(taken(app)) == list(files) and "2 pictures and videos." in captions(app)
    assert [sentence.split(":")[0] for sentence in errors(app)] == ["photos/broken.png", "photos/empty.JPG"]


@pytest.mark.parametrize("packed", [True, False])
def test_the_content_counts_and_not_the_name(visit, packed):
    names = ("photo", "IMG.0042", "x.jfif", "x.MPO", "x.avif", "folder/scan.dat")
    files = {name: png(1_600_100 + number) for number, name in enumerate(names)}
    whole = [zipped(files)] if packed else [(name, data, "") for name, data in files.items()]
    app = upload(visit("batch"), whole)
    assert list(taken(app)) == list(names) and not errors(app)


def test_a_damaged_member_costs_itself_alone(visit):
    name, data, kind = zipped({"a.png": png(1_600_100), "b.png": png(1_600_101), "c.png": png(1_600_102)})
    at = data.index(png(1_600_101)[:40]) + 200
    app = upload(visit("batch"), [(name, data[:at] + b"spoilt" + data[at + 6 :], kind)])
    assert list(taken(app)) == ["a.png", "c.png"]
    assert errors(app) == [
        "b.png: The file is damaged, cut off or encrypted and cannot be read. Save or send it again."
    ]


def test_a_member_that_is_packed_unusually_costs_itself_alone(visit):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("a.png", png(1_600_100))
        file.writestr("b.png", png(1_600_101), zipfile.ZIP_LZMA)
        file.writestr("c.png", png(1_600_102))
    at = data.getvalue().index(b"b.png") + len("b.png") + 20
    spoilt = data.getvalue()[:at] + b"spoilt" + data.getvalue()[at + 6 :]
    app = upload(visit("batch"), [("photos.zip", spoilt, "application/zip")])
    assert list(taken(app)) == ["a.png", "c.png"] and [said.split(":")[0] for said in errors(app)] == ["b.png"]


def test_many_bad_files_are_counted(visit):
    app = upload(visit("batch"), [(f"{number}.png", b"no picture", PNG) for number in range(25)] + several(1))
    assert len(taken(app)) == 1 and len(errors(app)) == 9
    assert errors(app)[-1] == "And 17 more files could not be taken."


def test_more_pictures_than_can_be_asked_about_are_said_once(visit, monkeypatch):
    monkeypatch.setattr("dashboard.ui.batch.upload.MOST_ROWS", 2)
    app = upload(visit("batch"), [zipped({name: content for name, content, _ in several(5)})])
    assert len(taken(app)) == 2
    assert errors(app) == ["photos.zip: 2 pictures and videos are the most that can be asked about at once."]


@pytest.mark.parametrize("files", [{}, {"notes.txt": b"notes"}, {"__MACOSX/._x.jpg": b"shadow"}])
def test_a_zip_without_pictures_is_said(visit, files):
    app = upload(visit("batch"), [zipped(files)])
    assert errors(app) == ["photos.zip: There are no pictures and no videos in it."]


def test_files_are_let_go_of_once_they_are_stored(visit, monkeypatch):
    removed = []
    monkeypatch.setattr(
        MemoryUploadedFileManager, "remove_file", lambda self, session_id, file_id: removed.append(file_id)
    )
    upload(visit("batch"), [*several(2), zipped({"a.png": png(1_600_100)})])
    assert len(removed) == 3


def test_one_brightness_is_chosen_for_all_pictures_that_have_it(visit):
    values = np.linspace(100, 4095, 60 * 40).reshape(40, 60).astype(np.uint16)
    deep = {f"deep {n}.png": encoded(Image.fromarray(values + np.uint16(n))) for n in range(2)}
    app = upload(visit("batch"), [*several(1), zipped(deep)])
    before = dict(taken(app))
    assert "For 2 pictures with more than 8 bits a channel." in captions(app)
    app.selectbox(key="batch-brightness").set_value("full").run()
    after = dict(taken(app))
    assert after["picture 0.png"] == before["picture 0.png"] and list(after) == list(before)
    for name, data in deep.items():
        expected = load_picture(data, Brightness("full"))
        assert after[name] == expected.digest
        assert np.array_equal(load_picture(resources.storage().pictures.get(after[name])).pixels, expected.pixels)
    # What comes later is read with the same choice, and going back finds what was there before.
    app = upload(app, [("later.png", deep["deep 0.png"], PNG)])
    assert taken(app)["later.png"] == after["deep 0.png"]
    app.selectbox(key="batch-brightness").set_value("auto").run()
    assert {name: digest for name, digest in taken(app).items() if name in before} == before
    app.button(key="batch-clear").click().run()
    assert not taken(app) and "batch-brightness" not in [box.key for box in app.selectbox]


def test_a_video_of_which_a_small_copy_would_be_kept_is_refused(visit, film, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORED_FRAMES", "small")
    app = upload(visit("batch"), [("walk.mp4", film.data, "video/mp4"), *several(1)])
    assert list(taken(app)) == ["picture 0.png"]
    assert any("no row can be computed" in error for error in errors(app))
    monkeypatch.setenv("SMOOTHCAM_STORED_FRAMES", "exact")
    app = upload(visit("batch"), [("walk.mp4", film.data, "video/mp4")])
    assert taken(app) == {"walk.mp4": film.digest} and not errors(app)


@pytest.mark.skipif(not find_spec("pypdfium2"), reason="pypdfium2, which draws PDF pages, is not installed")
def test_each_page_of_a_document_becomes_a_row(visit):
    colours = (b"1 0 0", b"0 0 1")
    paper = document(*(colour + b" rg 0 0 99 99 re f" for colour in colours), size=(20, 20))
    table = "picture,prompt\npaper.pdf,one?\npaper.pdf#page=2,two?\npaper.pdf#page=3,three?\n"
    app = upload(visit("batch"), [("paper.pdf", paper, "application/pdf"), ("pairs.csv", table.encode(), "text/csv")])
    expected = {f"paper.pdf#page={page}": load_picture(paper, page=page).digest for page in (1, 2)}
    assert not errors(app) and taken(app) == expected
    assert all(resources.storage().pictures.get(digest)[:4] == b"\x89PNG" for digest in some(expected.values()))
    plan = app.dataframe[0].value
    problems = {row for row, words in zip(plan["row"], plan["problem"], strict=True) if words}
    assert problems == {3}


def test_a_table_that_comes_with_a_video_says_how_it_is_sampled(visit):
    table = "picture,prompt,frames\nwalk.mp4,one?,\nwalk.mp4,two?,2\n"
    app = upload(visit("batch"), [("walk.mp4", films.film(), "video/mp4"), ("pairs.csv", table.encode(), "text/csv")])
    assert not errors(app) and not any(app.dataframe[0].value["problem"])
    batch = app.session_state["session"].batch
    ((name, sampling),) = batch.sampled
    assert (name, sampling) == ("walk.mp4", Sampling(count=2))
    assert sorted(batch.frames.values()) == [2, 4] and batch.frames[batch.sampled[name, sampling]] == 2
