"""Files of one kind: half-written ones are found and dropped once nobody can be writing them, and failures are told."""

import os
import time

import pytest

from cache import StoreError
from cache.files.file_folder import FileFolder
from cache.files.folders import SETTLED


@pytest.fixture
def notes(tmp_path):
    return FileFolder(tmp_path / "notes", ".note", "The folder of notes")


def test_half_written_files_are_dropped_after_an_hour(notes):
    old, new, whole = (notes.folder / name for name in ("a.note.part", "b.note.part", "c.note"))
    for path in (old, new, whole):
        path.write_bytes(b"123")
    for path in (old, whole):
        os.utime(path, (time.time() - SETTLED - 9,) * 2)
    assert notes.unfinished() == {old: 3}
    assert (notes.drop_unfinished(), notes.drop_unfinished()) == (1, 0)
    assert not old.exists() and new.exists() and whole.exists()


def test_a_folder_of_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="The folder of notes in .* holds other files"):
        FileFolder(tmp_path, ".note", "The folder of notes")


@pytest.mark.parametrize("look", ["unfinished", "drop_unfinished"])
def test_what_cannot_be_read_is_one_sentence(notes, monkeypatch, look):
    (notes.folder / "a.note.part").write_bytes(b"")

    def fail(path, **_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(notes.folder), "stat", fail)
    with pytest.raises(StoreError, match="^The folder of notes /"):
        getattr(notes, look)()
