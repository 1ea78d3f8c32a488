"""The data folder is opened by several servers at once, and cleared of what killed ones left."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cache import StoreError
from cache.files.folders import SETTLED
from dashboard.settings import Settings
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
    with pytest.raises(StoreError, match="a file is in the way"):
        open_storage(Settings(), stand_in=False)
    storage = open_storage(Settings())
    assert storage.folder.parent == tmp_path and storage.folder.name.startswith("smooth-gradcam-")
    assert "a file is in the way" in storage.problem and "may be lost" in storage.problem
    assert (tmp_path / "thesis.txt").read_text() == "mine"


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
