"""Why rows failed: kept beside the batch, from several processes, whatever is cut off."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from cache import StoreError
from cache.batches import failures as module
from cache.batches.failures import SUFFIX, failures, note_failure
from cache.batches.folder import BatchFolder
from tests.cache.batches.test_folder import batch

NAME = "0123456789abcdef"


def test_the_last_sentence_of_each_row_counts(tmp_path):
    assert failures(tmp_path, NAME) == {}
    for row, words in ((1, "No memory."), (2, "größe\udcff\n"), (1, "The picture is gone.")):
        note_failure(tmp_path, NAME, row, words)
    note_failure(tmp_path, "f" * 16, 1, "Another batch's.")
    assert failures(tmp_path, NAME) == {1: "The picture is gone.", 2: "größe\udcff\n"}
    assert oct(os.stat(tmp_path / f"{NAME}{SUFFIX}").st_mode & 0o777) == "0o600"


def test_what_a_killed_process_left_half_written_costs_nothing_else(tmp_path):
    note_failure(tmp_path, NAME, 1, "one")
    with (tmp_path / f"{NAME}{SUFFIX}").open("ab") as file:
        file.write(b'\n[2, "tw')
    note_failure(tmp_path, NAME, 3, "three")
    with (tmp_path / f"{NAME}{SUFFIX}").open("ab") as file:
        file.write(b'\n{}\n["4", "x"]\n[5, 5]\n\xff\n7\n')
    assert failures(tmp_path, NAME) == {1: "one", 3: "three"}


def test_several_may_write_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda row: note_failure(tmp_path, NAME, row, f"row {row} " + "x" * 500), range(200)))
    assert {row: words.split(" x")[0] for row, words in failures(tmp_path, NAME).items()} == {
        row: f"row {row}" for row in range(200)
    }


def test_the_file_does_not_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_BYTES", 100)
    for row in range(50):
        note_failure(tmp_path, NAME, row, "x" * 10_000)
    assert (tmp_path / f"{NAME}{SUFFIX}").stat().st_size < 2_000 and list(failures(tmp_path, NAME)) == [49]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(StoreError):
        note_failure(tmp_path / "nowhere", NAME, 1, "x")


def test_it_is_no_batch(tmp_path):
    folder, asked = BatchFolder(tmp_path / "batches"), batch("one")
    folder.put(asked)
    note_failure(folder.folder, asked.id, 1, "x")
    assert folder.latest(5) == [asked] and folder.get(asked.id) == asked
    assert BatchFolder(tmp_path / "batches").latest(5) == [asked]
