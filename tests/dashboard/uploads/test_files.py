"""Files that have come and that no page holds."""

import gc
from tempfile import SpooledTemporaryFile

from dashboard.uploads.files import ArrivedFile, held_by_visitor
from dashboard.uploads.room import LEAST, MB


def arrived(size: int, visitor: str = "program a") -> ArrivedFile:
    file = SpooledTemporaryFile(max_size=MB)
    file.write(b"x" * size)
    return ArrivedFile(visitor, file, size)


def test_a_file_takes_room_for_as_long_as_somebody_may_read_it():
    before = held_by_visitor()["program a"]
    large, small = arrived(3 * MB), arrived(10)
    assert held_by_visitor()["program a"] - before == 3 * MB + LEAST
    assert large.read() == b"x" * 3 * MB and small.read() == small.head(99) == b"x" * 10
    read = large.read
    del large, small
    gc.collect()
    assert held_by_visitor()["program a"] - before == 3 * MB
    assert len(read()) == 3 * MB
    del read
    gc.collect()
    assert held_by_visitor()["program a"] == before


def test_a_file_that_is_let_go_of_takes_no_room_although_something_refers_to_it():
    one = arrived(2 * MB, "program c")
    assert one.is_held and held_by_visitor()["program c"] == 2 * MB
    one.let_go()
    assert not one.is_held and not held_by_visitor()["program c"]


def test_its_bytes_are_let_go_of_with_it():
    file = SpooledTemporaryFile(max_size=MB)
    one = ArrivedFile("program b", file, 0)
    assert not file.closed
    del one
    gc.collect()
    assert file.closed
