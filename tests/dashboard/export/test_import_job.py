"""An import goes on in a thread of its own: one at a time, with its progress, whatever becomes of the page."""

import io
import zipfile

import pytest

from core import InputError
from dashboard.export import import_job
from dashboard.export.bundle import bundle
from dashboard.export.import_job import ImportJob
from dashboard.language import speaking
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage
from dashboard.ui.history import import_button
from tests.waiting import PATIENCE


@pytest.fixture
def elsewhere(tmp_path):
    return open_storage(Settings(data_folder=tmp_path / "elsewhere"))


def test_it_keeps_what_it_read_and_says_how_far_it_is(exported, elsewhere):
    job = ImportJob(bundle([exported(prompt="one?"), exported(prompt="two?")]), elsewhere, "ada")
    assert job.wait(PATIENCE) and job.progress == 1.0
    assert [elsewhere.runs.get(name).who for name in job.outcome().added] == ["ada", "ada"]


def test_what_is_wrong_with_it_is_said_by_its_outcome(elsewhere):
    job = ImportJob(b"no zip", elsewhere, "")
    assert job.wait(PATIENCE)
    with pytest.raises(InputError, match="damaged"):
        job.outcome()


def test_imports_wait_for_each_other(exported, elsewhere):
    data = bundle([exported()])
    with import_job._TURN:
        job = ImportJob(data, elsewhere, "")
        assert not job.wait() and job.progress == 0.0 and elsewhere.runs.count() == 0
    assert job.wait(PATIENCE) and elsewhere.runs.count() == 1


def test_a_page_shows_how_far_an_import_is_and_can_be_used_meanwhile(exported, storage, visit, monkeypatch, wait_until):
    data = bundle([exported()])
    storage.runs.delete(exported().id)
    monkeypatch.setattr(import_button, "_AT_ONCE", 0.0)
    app = visit("history")
    with import_job._TURN:
        app.file_uploader(key="import-0").upload("cam.zip", data).run()
        app.button(key="import-runs").click().run()
        assert not app.exception and app.get("progress")
        app.text_input(key="search").input("anything").run()
        assert not app.exception and app.get("progress") and not app.success
    said = []
    wait_until(lambda: said.extend(each.value for each in app.success) or said or not app.run())
    assert "1 run imported" in said[0] and not app.get("progress")


def test_what_is_wrong_is_said_in_the_language_of_whoever_began_it(elsewhere):
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with speaking("zh_Hans"):
        job = ImportJob(empty.getvalue(), elsewhere, "")
    assert job.wait(PATIENCE)
    with pytest.raises(InputError, match="ZIP 中没有可读取的运行记录"):
        job.outcome()
