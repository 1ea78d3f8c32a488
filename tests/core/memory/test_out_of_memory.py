"""Chunks: what they cover, and what becomes of them when memory runs out."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, OutOfMemoryError
from core.memory.out_of_memory import CHUNK_TOKENS, first_chunk_size, in_chunks, whole


def cramped(most, error=torch.OutOfMemoryError):
    """Work that fits only up to `most` at once, and the ranges it was tried on."""
    tried = []

    def work(chunk):
        tried.append(chunk)
        if len(chunk) > most:
            raise error("can't allocate memory")
        return sum(chunk)

    return work, tried


@given(total=st.integers(0, 40), size=st.integers(1, 50), most=st.integers(1, 50))
def test_every_number_is_worked_on_once_and_in_order(total, size, most):
    work, _ = cramped(most)
    found = list(in_chunks(total, size, work))
    assert [number for chunk, _ in found for number in chunk] == list(range(total))
    assert all(1 <= len(chunk) <= min(size, most) and result == sum(chunk) for chunk, result in found)


def test_chunks_are_as_long_as_they_may_be():
    work, tried = cramped(10)
    assert list(in_chunks(7, 3, work)) == [(range(0, 3), 3), (range(3, 6), 12), (range(6, 7), 6)]
    assert len(tried) == 3


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError, MemoryError])
def test_no_room_halves_the_chunk_and_goes_on(error):
    work, tried = cramped(2, error)
    assert [chunk for chunk, _ in in_chunks(7, 7, work)] == [range(i, i + 1) for i in range(7)]
    assert [len(chunk) for chunk in tried] == [7, 3, 1, 1, 1, 1, 1, 1, 1]


def test_what_was_done_before_is_not_done_again():
    work, tried = cramped(4)
    failing = iter([False, True])
    # The second chunk fails, although as large as the first.
    found = in_chunks(8, 4, lambda chunk: work(range(9)) if next(failing, False) else work(chunk))
    assert [chunk for chunk, _ in found] == [range(0, 4), range(4, 6), range(6, 8)]
    assert tried == [range(0, 4), range(9), range(4, 6), range(6, 8)]


def test_a_last_chunk_that_does_not_fit_is_halved_by_its_own_length():
    work, tried = cramped(1)
    assert [chunk for chunk, _ in in_chunks(2, 100, work)] == [range(0, 1), range(1, 2)]
    assert [len(chunk) for chunk in tried] == [2, 1, 1]


def test_no_room_for_one_is_said():
    work, tried = cramped(0)
    with pytest.raises(OutOfMemoryError, match="smaller picture"):
        list(in_chunks(5, 4, work))
    assert [len(chunk) for chunk in tried] == [4, 2, 1]


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), Cancelled("stopped"), ValueError("can't allocate")])
def test_other_errors_are_not_taken_for_memory(error):
    tried = []

    def broken(chunk):
        tried.append(chunk)
        raise error

    with pytest.raises(type(error), match=str(error)):
        list(in_chunks(5, 4, broken))
    assert tried == [range(0, 4)]


def test_work_that_cannot_be_cut_says_so_too():
    with pytest.raises(OutOfMemoryError, match="too little memory for this. Use a smaller picture"), whole():
        raise RuntimeError("could not create a primitive")
    with pytest.raises(RuntimeError, match="shape mismatch"), whole():
        raise RuntimeError("shape mismatch")


def test_the_first_size_fills_the_device_with_tokens(monkeypatch):
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1000)
    monkeypatch.setitem(CHUNK_TOKENS, "cuda", 4000)
    assert first_chunk_size(100, "cpu", 50) == first_chunk_size(100, "mps", 50) == 10
    assert first_chunk_size(100, "cuda", 50) == 40
    assert first_chunk_size(100, "cuda", 3) == 3
    assert first_chunk_size(1001, "cpu", 50) == 1
