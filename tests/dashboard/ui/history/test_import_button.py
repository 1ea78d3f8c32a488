"""Taking in runs that were exported: what is said, and what is refused."""

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.export.bundle import bundle
from dashboard.services.open import open_run


def take_in(app, data: bytes | None):
    """Uploads a file, if there is one, and presses Import."""
    if data is not None:
        (field,) = app.file_uploader
        field.upload("runs.zip", data)
        app.run()
    return app.button(key="import-runs").click().run()


def test_a_file_has_to_be_chosen_first(visit):
    assert [error.value for error in take_in(visit("history"), None).error] == ["Choose a ZIP file first."]


def test_runs_that_are_here_already_stay_as_they_are_and_it_is_said(visit, stored, storage):
    names = [stored(prompt="one?"), stored(prompt="two?")]
    app = take_in(visit("history"), bundle([open_run(name) for name in names]))
    (said,) = [notice.value for notice in app.success]
    assert said == "0 runs imported. 2 were here already, and nothing of them was changed."
    assert storage.runs.count() == 2
    app = take_in(app, bundle([open_run(names[0])]))
    (said,) = [notice.value for notice in app.success]
    assert said == "0 runs imported. 1 was here already, and nothing of it was changed."


def test_what_is_no_export_is_one_sentence_and_the_field_is_empty_again(visit, storage):
    app = take_in(visit("history"), b"no zip")
    assert len(app.error) == 1 and "damaged, cut off" in app.error[0].value
    assert storage.runs.count() == 0
    assert [error.value for error in take_in(app, None).error] == ["Choose a ZIP file first."]


def test_too_large_a_file_is_refused_whatever_the_browser_lets_through(visit, storage, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MAX_UPLOAD_MB", "1")
    app = take_in(visit("history"), bytes(3 * 2**20))
    assert [error.value for error in app.error] == ["The file has 3 MB; at most 1 MB can be uploaded here."]


def test_a_file_that_was_read_is_let_go_of(visit, monkeypatch):
    removed = []
    monkeypatch.setattr(
        MemoryUploadedFileManager, "remove_file", lambda self, session_id, file_id: removed.append(file_id)
    )
    app = take_in(visit("history"), b"no zip")
    assert not app.exception and len(removed) == 1
