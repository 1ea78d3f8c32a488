"""Batches: found by their content, whole or not at all, and never by a path."""

import os
import time

import pytest

from cache import StoreError
from cache.batch_folder import BatchFolder
from cache.batches import Batch, Row
from core.schema import ExplainRequest, Target

TEMPLATE = ExplainRequest(image="", prompt="-", model="m", layers=(0, 1))


def batch(*prompts: str, created: float = 1.0) -> Batch:
    return Batch(created, TEMPLATE, tuple(Row(n, f"p{n}.png", "ab" * 32, text) for n, text in enumerate(prompts, 1)))


def test_a_batch_is_read_back_and_named_by_its_content(tmp_path):
    folder, asked = BatchFolder(tmp_path / "batches"), batch("one", "größe\udcff")
    folder.put(asked)
    found = folder.get(asked.id)
    assert found == asked and found.run_ids == asked.run_ids and len(set(found.run_ids)) == 2
    folder.put(batch("one", "größe\udcff", created=9.0))  # the same again: the first one stays
    assert folder.get(asked.id).created == 1.0
    assert batch("one").id != batch("two").id
    assert oct(os.stat(tmp_path / "batches").st_mode & 0o777) == "0o700"


def test_a_row_with_a_phrase_explains_it(tmp_path):
    one = Batch(1.0, TEMPLATE, (Row(1, "p", "ab" * 32, "what?", "red circle"),))
    assert one.requests[0].target == Target.words("red circle")


@pytest.mark.parametrize("name", ["", "0" * 16, "../../etc", "x" * 16, None])
def test_what_is_no_batch_is_none(tmp_path, name):
    assert BatchFolder(tmp_path / "batches").get(name) is None


def test_a_changed_or_damaged_file_is_none(tmp_path):
    folder, asked = BatchFolder(tmp_path / "batches"), batch("one")
    folder.put(asked)
    path = tmp_path / "batches" / f"{asked.id}.batch"
    whole = path.read_bytes()
    for data in (whole[:-9], b"", b"[]", whole.replace(b"one", b"two"), b'{"rows": 1}', b"\xff\xfe"):
        path.write_bytes(data)
        assert folder.get(asked.id) is None and folder.latest(5) == []
    path.write_bytes(whole)
    assert folder.latest(5) == [asked]


def test_the_latest_come_first_and_name_their_pictures(tmp_path):
    folder = BatchFolder(tmp_path / "batches")
    old, new = batch("old"), batch("new")
    for each in (old, new):
        folder.put(each)
    os.utime(tmp_path / "batches" / f"{old.id}.batch", (1000, 1000))
    assert [each.id for each in folder.latest(5)] == [new.id, old.id] and folder.latest(1) == [new]
    assert folder.pictures(time.time() - 60) == {"ab" * 32} and folder.pictures(time.time() + 60) == set()


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(tmp_path, monkeypatch):
    folder = BatchFolder(tmp_path / "batches")
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StoreError, match="disk is full"):
        folder.put(batch("one"))
    assert list((tmp_path / "batches").iterdir()) == []


def test_what_a_killed_process_left_half_written_is_dropped_after_an_hour(tmp_path):
    folder, asked = BatchFolder(tmp_path / "batches"), batch("one")
    folder.put(asked)
    old, new = folder.folder / "tmpold.batch.part", folder.folder / "tmpnew.batch.part"
    for path in (old, new):
        path.write_bytes(b"{")
    for path in (old, folder.folder / f"{asked.id}.batch"):
        os.utime(path, (1000, 1000))
    assert folder.unfinished() == {old: 1}
    assert folder.drop_unfinished() == 1 and folder.drop_unfinished() == 0
    assert new.exists() and folder.latest(5) == [asked]
