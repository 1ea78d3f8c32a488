"""What is measured outlives a kill: lines that are whole, in a file that one run writes at a time."""

import json

import pytest

from core.errors import InputError
from core.evaluation.protocol.log import EntryLog

KEY = "ab" * 16


def entry(number: int) -> dict:
    return {"number": number, "rows": 1, "cases": []}


def test_entries_are_there_again(tmp_path):
    with EntryLog(tmp_path / "new", KEY, {"data": "x"}) as log:
        assert log.done == set() and list(log.entries()) == []
        log.add(entry(0))
        log.add(entry(2))
    with EntryLog(tmp_path / "new", KEY, {"data": "x"}) as log:
        assert log.done == {0, 2} and list(log.entries()) == [entry(0), entry(2)]
    with EntryLog(tmp_path / "new", "cd" * 16, {}) as other:
        assert other.done == set()


CUTS = [b'{"number": 1, "ro', b'{"number": 1, "rows": 1, "cases": []}', b"{\n", b"[]\n", b"\0\0"]


@pytest.mark.parametrize("cut", CUTS)
def test_a_last_line_that_was_cut_off_is_dropped(tmp_path, cut):
    with EntryLog(tmp_path, KEY, {}) as log:
        log.add(entry(0))
        path = log.path
    with path.open("ab") as file:
        file.write(cut)
    with EntryLog(tmp_path, KEY, {}) as log:
        assert log.done == {0}
        log.add(entry(1))
        assert [each["number"] for each in log.entries()] == [0, 1]
    assert all(json.loads(line) for line in path.read_text("utf-8").splitlines())


def test_a_first_line_that_was_cut_off_is_written_anew(tmp_path):
    path = EntryLog(tmp_path, KEY, {}).path
    path.write_bytes(b'{"key"')
    with EntryLog(tmp_path, KEY, {}) as log:
        log.add(entry(0))
    with EntryLog(tmp_path, KEY, {}) as log:
        assert log.done == {0}


def test_two_runs_do_not_write_one_file(tmp_path):
    with EntryLog(tmp_path, KEY, {}), pytest.raises(InputError, match="Another run"), EntryLog(tmp_path, KEY, {}):
        pass


def test_another_file_of_that_name_is_left_alone(tmp_path):
    path = EntryLog(tmp_path, KEY, {}).path
    path.write_text("my notes\n")
    with pytest.raises(InputError, match="holds something else"), EntryLog(tmp_path, KEY, {}):
        pass
    assert path.read_text() == "my notes\n"
