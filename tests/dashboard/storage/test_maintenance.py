"""What is of no use any more is found, told by kind, and dropped; all else stays."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from cache import PictureFolder, StoreError
from cache.batches.batch import Batch, Row
from cache.files.folders import SETTLED
from cache.results.change_log import dropped
from dashboard.storage.maintenance import BATCH_SECONDS, clean, plan_cleaning, size_on_disk, stored_results


@pytest.fixture
def closed(stored, storage):
    """Three runs in storage that no process uses any more; their ids."""
    names = [stored(prompt=prompt) for prompt in ("one?", "two?", "three?")]
    storage.results.lookups()
    return names


def harm(folder, statement):
    with closing(sqlite3.connect(folder / "results" / "cache.db")) as connection, connection:
        return connection.execute(statement).rowcount


@pytest.mark.parametrize("loss", ["gone", "set aside"])
def test_without_its_history_no_picture_is_an_orphan(closed, storage, data_folder, loss):
    (picture,) = storage.pictures.folder.glob("*.picture")
    os.utime(picture, (time.time() - SETTLED - 9,) * 2)
    for name in closed:
        storage.runs.delete(name)
    if loss == "gone":
        storage.runs.close()
        for file in (data_folder / "history").iterdir():
            file.unlink()
    else:
        (data_folder / "history" / "runs.sqlite.broken-20260101T000000.0Z").write_bytes(b"x")
    assert plan_cleaning(data_folder, None).orphans == {}
    clean(data_folder, plan_cleaning(data_folder, None))
    assert picture.exists()


def picture(folder: PictureFolder, digest: str, age: float = SETTLED + 9) -> Path:
    """A picture that was stored so many seconds ago."""
    folder.put(digest, b"12345")
    path = folder.folder / f"{digest}.picture"
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_a_folder_without_results_has_nothing_to_clean(data_folder):
    for look in (stored_results, lambda folder: plan_cleaning(folder, None)):
        with pytest.raises(StoreError, match="Nothing is stored in"):
            look(data_folder)
    assert not data_folder.exists()


def test_what_would_be_dropped_is_told_by_kind(closed, storage, data_folder):
    assert [name for name, _ in plan_cleaning(data_folder, None).items()] == [
        "layers that no request finds",
        "half-written files",
        "pictures that no run names",
    ]
    orphan = picture(storage.pictures, "ab" * 32)
    half = storage.pictures.folder / "tmpx.picture.part"
    half.write_bytes(b"123")
    os.utime(half, (time.time() - SETTLED - 9,) * 2)
    harm(data_folder, "UPDATE Cache SET store_time = store_time - 864000 WHERE rowid <= 10")
    plan = plan_cleaning(data_folder, 9)
    told = dict(plan.items())
    assert len(told["results older than 9 days"]) == 10 and told["layers that no request finds"] == []
    assert (told["half-written files"], told["pictures that no run names"]) == ([3], [5])
    assert orphan.exists() and half.exists()
    clean(data_folder, plan)
    assert not orphan.exists() and not half.exists()
    assert (len(plan_cleaning(data_folder, 9).old), plan_cleaning(data_folder, 9).orphans) == (0, {})
    gone = {(each.reason, each.kind): (each.entries, each.size) for each in dropped(storage.results.folder, 100)}
    assert gone["cleaned", "picture"] == (1, 5)
    assert sum(entries for (_, kind), (entries, _) in gone.items() if kind != "picture") == 10


def test_a_picture_that_somebody_asked_about_meanwhile_stays(closed, storage, data_folder, ask):
    wanted, orphan = picture(storage.pictures, "ab" * 32), picture(storage.pictures, "cd" * 32)
    plan = plan_cleaning(data_folder, None)
    assert set(plan.orphans) == {"ab" * 32, "cd" * 32}
    storage.batches.put(Batch(1.0, ask().request, (Row(1, "a.png", "ab" * 32, "what?"),)))
    clean(data_folder, plan)
    assert wanted.exists() and not orphan.exists()


def test_a_batch_holds_its_pictures_for_a_month(closed, storage, data_folder, ask):
    asked = Batch(1.0, ask().request, (Row(1, "a.png", "ab" * 32, "what?"),))
    storage.batches.put(asked)
    picture(storage.pictures, "ab" * 32)
    file = storage.batches.folder / f"{asked.id}.batch"
    for age, orphans in ((BATCH_SECONDS - 60, set()), (BATCH_SECONDS + 60, {"ab" * 32})):
        os.utime(file, (time.time() - age,) * 2)
        assert set(plan_cleaning(data_folder, None).orphans) == orphans


def test_no_picture_goes_while_a_batch_cannot_be_read_that_may_name_it(closed, storage, data_folder, ask):
    asked = Batch(1.0, ask().request, (Row(1, "a.png", "ab" * 32, "what?"),))
    storage.batches.put(asked)
    pictures = [picture(storage.pictures, "ab" * 32), picture(storage.pictures, "cd" * 32)]
    (storage.batches.folder / f"{asked.id}.batch").write_bytes(b"{")
    clean(data_folder, plan_cleaning(data_folder, None))
    assert all(file.exists() for file in pictures)


def test_the_size_of_a_database_counts_its_logs_and_no_broken_file(tmp_path):
    for name, size in (("runs.sqlite", 5), ("runs.sqlite-wal", 7), ("runs.sqlite.broken-20260101T000000.0Z", 100)):
        (tmp_path / name).write_bytes(b"x" * size)
    assert size_on_disk(tmp_path / "runs.sqlite") == 12
