"""The data folder is opened by several servers at once, and cleared of what killed ones left."""

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cache import StoreError
from cache.batches.batch import Batch, Row
from cache.batches.failures import note_failure
from cache.files.folders import SETTLED
from cache.results.disk import results_database
from core import temporary
from core.schema import ExplainRequest
from dashboard.settings import Settings
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import (
    audit_folder,
    batches_folder,
    count_stored,
    history_file,
    jobs_file,
    open_storage,
    pictures_folder,
    results_folder,
)
from dashboard.storage.recovery import recover_all

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["pictures/tmpx.picture.part", "batches/tmpx.batch.part"])
def test_a_server_that_starts_drops_what_a_killed_one_left_half_written(storage, data_folder, name):
    assert storage.batches.latest(1) == []  # which makes their folder
    half = data_folder / name
    half.write_bytes(b"half")
    open_storage(Settings())
    assert half.exists()  # it may be another server's, which is writing it just now
    os.utime(half, (time.time() - SETTLED - 9,) * 2)
    storages = [open_storage(Settings()) for _ in range(2)]
    assert not half.exists() and all(each.problem is None for each in storages)


def test_two_servers_that_start_at_once_are_both_fine(storage, data_folder):
    for number in range(50):
        half = storage.pictures.folder / f"tmp{number}.picture.part"
        half.write_bytes(b"half")
        os.utime(half, (time.time() - SETTLED - 9,) * 2)
    code = (
        "from dashboard.settings import Settings; from dashboard.storage.data_folder import open_storage\n"
        "storage = open_storage(Settings()); assert storage.problem is None, storage.problem"
    )
    env = {**os.environ, "SMOOTHCAM_DATA_FOLDER": str(data_folder)}
    servers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env) for _ in range(3)]
    assert [server.wait(60) for server in servers] == [0, 0, 0]
    assert storage.pictures.digests() == {} == storage.pictures.unfinished()


def test_everything_has_its_place_in_the_folder(storage, data_folder):
    assert storage.folder == data_folder and storage.problem is None
    assert storage.results.folder == results_folder(data_folder)
    assert storage.pictures.folder == pictures_folder(data_folder)
    assert history_file(data_folder).is_file() and jobs_file(data_folder).is_file()
    assert not batches_folder(data_folder).exists() and not audit_folder(data_folder).exists()
    assert storage.batches.folder == batches_folder(data_folder) and batches_folder(data_folder).is_dir()


def test_where_the_folder_cannot_be_used_a_temporary_one_stands_in_and_says_so(tmp_path, monkeypatch):
    (tmp_path / "thesis.txt").write_text("mine")
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(tmp_path / "thesis.txt"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(temporary, "_own", None)
    with pytest.raises(StoreError, match="a file is in the way"):
        open_storage(Settings(), stand_in=False)
    storage = open_storage(Settings())
    own = temporary.own_folder()
    assert own.parent == tmp_path and storage.folder.parent == own
    assert "a file is in the way" in storage.problem and "deleted when the server ends" in storage.problem
    temporary.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def modes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*")}


def test_everything_is_its_owners_alone_whatever_the_umask(tmp_path, monkeypatch, picture_bytes, stored_batch):
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(tmp_path / "data"))
    before = os.umask(0)
    try:
        storage = open_storage(Settings())
        fill(storage, picture_bytes, stored_batch)
        found = modes(storage.folder)
    finally:
        os.umask(before)
    files = {name: mode for name, mode in found.items() if (storage.folder / name).is_file()}
    assert {Path(name).name for name in files} >= {
        *("cache.db", "cache.db-wal", "cache.db-shm", "runs.sqlite", "runs.sqlite-wal", "runs.sqlite-shm"),
        *("jobs.sqlite", "jobs.sqlite-wal", "audit.jsonl", f"{'0' * 32}.picture"),
    }
    assert any(name.endswith(".batch") for name in files) and any(name.endswith(".batch.failed") for name in files)
    assert set(files.values()) == {"0o600"}
    assert {mode for name, mode in found.items() if name not in files} == {"0o700"}


def test_files_that_an_older_version_left_open_are_closed_when_they_are_opened(
    tmp_path, monkeypatch, picture_bytes, stored_batch
):
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(tmp_path / "data"))
    storage = open_storage(Settings())
    fill(storage, picture_bytes, stored_batch)
    for path in storage.folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    again = open_storage(Settings())
    fill(again, picture_bytes, stored_batch)
    assert {mode for name, mode in modes(again.folder).items() if (again.folder / name).is_file()} == {"0o600"}


def fill(storage, picture: bytes, batch) -> None:
    """Something of every kind."""
    storage.pictures.put("0" * 32, picture)
    storage.batches.put(batch)
    note_failure(storage.batches.folder, batch.id, 1, "It did not work.")
    storage.results.put_report("a" * 64, {"what": 1})
    AuditLog(audit_folder(storage.folder)).write("signed in", "ann")
    for check in (storage.runs, storage.jobs, storage.results, storage.pictures):
        check.check()


@pytest.fixture
def stored_batch():
    template = ExplainRequest(image="", prompt="Where?", model="m", layers=(1,))
    return Batch(time.time(), template, (Row(1, "a.png", "0" * 32, "Where?"),), "")


def test_limits_are_those_of_the_settings(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_STORE_GIGABYTES", "0.5")
    assert open_storage(Settings()).size_limit == 2**29


def test_stored_sizes_are_brought_up_to_date(stored, storage):
    name = stored()
    count_stored(storage)
    assert storage.runs.get(name).stored > 0
    storage.results._cache.clear()
    count_stored(storage)
    assert storage.runs.get(name).stored is None


def close(storage):
    for opened in (storage.runs, storage.results, storage.jobs):
        opened.close()


PARTS = {"history": history_file, "results": lambda folder: results_database(results_folder(folder)), "jobs": jobs_file}


@pytest.mark.parametrize(
    ("part", "how"),
    [
        *((part, how) for part in ("history", "results") for how in ("folder", "file", "cut")),
        *(("jobs", "cut"), ("pictures", "folder")),
    ],
)
def test_what_was_deleted_while_no_server_ran_is_said_once(data_folder, stored, storage, part, how):
    stored()
    close(storage)
    if how == "folder":
        shutil.rmtree(data_folder / part)
    else:
        for file in (data_folder / part).glob(f"{PARTS[part](data_folder).name}*"):
            file.unlink()
        if how == "cut":
            PARTS[part](data_folder).touch()
    again = open_storage(Settings())
    assert [(one.part, one.kind) for one in again.damage()] == [(part, "lost")]
    (sentence,) = again.damage_in_words()
    assert "deleted" in sentence and ("--stored-for" in sentence) == (part == "history")
    again.acknowledge_damage()
    close(again)
    assert open_storage(Settings()).damage() == []


def test_a_loss_that_is_like_an_earlier_one_is_said_again(data_folder, stored, storage):
    stored()
    close(storage)
    for _ in range(2):
        shutil.rmtree(data_folder / "history")
        again = open_storage(Settings())
        assert [one.part for one in again.damage()] == ["history"]
        again.acknowledge_damage()
        close(again)


@pytest.mark.parametrize("missing", [("history", "results", "jobs", "pictures"), ("jobs",), ()])
def test_a_new_folder_and_that_of_an_older_version_lack_nothing(data_folder, stored, storage, missing):
    if len(missing) < 4:
        stored()
    close(storage)
    for part in missing:
        shutil.rmtree(data_folder / part)
    assert open_storage(Settings()).damage() == []


def test_the_command_that_recovers_says_that_a_history_is_gone_before_it_begins_one(data_folder, stored, storage):
    stored()
    close(storage)
    shutil.rmtree(data_folder / "history")
    assert list(recover_all(data_folder)) == []
    assert [(one.part, one.kind) for one in open_storage(Settings()).damage()] == [("history", "lost")]
