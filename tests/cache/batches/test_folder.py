"""Batches: found by their content, whole or not at all, and never by a path."""

import os
import time
from pathlib import Path

import pytest

from cache import StoreError
from cache.batches.batch import Batch, Row
from cache.batches.folder import BatchFolder
from core.errors import InputError
from core.schema import ExplainRequest

TEMPLATE = ExplainRequest(image="", prompt="-", model="m", layers=(0, 1))


def batch(*prompts: str, created: float = 1.0, private_to: str = "") -> Batch:
    rows = tuple(Row(n, f"p{n}.png", "ab" * 32, text) for n, text in enumerate(prompts, 1))
    return Batch(created, TEMPLATE, rows, private_to, bool(private_to))


def test_a_batch_is_read_back_and_named_by_its_content(tmp_path):
    folder, asked = BatchFolder(tmp_path / "batches"), batch("one", "größe\udcff")
    folder.put(asked)
    found = folder.get(asked.id)
    assert found == asked and found.run_ids == asked.run_ids and len(set(found.run_ids)) == 2
    folder.put(batch("one", "größe\udcff", created=9.0))  # the same again: the first one stays
    assert folder.get(asked.id).created == 1.0
    assert batch("one").id != batch("two").id
    assert oct(os.stat(tmp_path / "batches").st_mode & 0o777) == "0o700"


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


def test_a_private_batch_is_its_owners(tmp_path):
    folder = BatchFolder(tmp_path / "batches")
    public, adas, bens = batch("same"), batch("same", private_to="ada"), batch("same", private_to="ben")
    assert len({public.id, adas.id, bens.id}) == 3 and public.run_ids == adas.run_ids
    for number, each in enumerate((public, adas, bens)):
        folder.put(each)
        os.utime(folder.folder / f"{each.id}.batch", (1000 + number, 1000 + number))
    for _ in range(2):  # the second time it is known whose they are
        assert folder.get(adas.id, "ada") == adas == folder.get(adas.id, "root", everybodys=True)
        assert folder.get(adas.id) is folder.get(adas.id, "ben") is folder.get(adas.id, "Ada") is None
        assert folder.latest(1, "ada") == [adas] and folder.latest(9, "ben") == [bens, public]
        assert folder.latest(9) == [public] == BatchFolder(folder.folder).latest(1)
    folder.put(batch("hers", private_to="ada"))
    assert folder.pictures(0.0) == {"ab" * 32}  # whoever they belong to
    with pytest.raises(InputError, match="signed in"):
        Batch(1.0, TEMPLATE, public.rows, "", private=True)
    # Nobody makes it public, or somebody else's, by writing into the file: its name is what it says.
    path = folder.folder / f"{adas.id}.batch"
    whole = path.read_bytes()
    for wrong in (
        whole.replace(b'"private": true', b'"private": false'),
        whole.replace(b'"who": "ada"', b'"who": "x"'),
    ):
        assert wrong != whole
        path.write_bytes(wrong)
        assert folder.get(adas.id, "ada") is folder.get(adas.id, "x") is folder.get(adas.id) is None


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


@pytest.mark.parametrize("what", ["folder", "link", "closed"])
def test_what_cannot_be_read_costs_itself_alone(tmp_path, what, monkeypatch):
    folder, asked = BatchFolder(tmp_path / "batches"), batch("one")
    folder.put(asked)
    name = "ab" * 8
    path = tmp_path / "batches" / f"{name}.batch"
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to(tmp_path / "nowhere")
    else:
        path.touch()
        read = Path.read_bytes

        def refuse(file):
            if file == path:
                raise PermissionError(13, "Permission denied")
            return read(file)

        monkeypatch.setattr(Path, "read_bytes", refuse)
    assert folder.get(name) is None and folder.latest(5) == [asked]
    folder.unreadable.clear()
    folder.read_all()
    assert folder.unreadable == {name}
    assert folder.pictures(0.0) == {"ab" * 32}
