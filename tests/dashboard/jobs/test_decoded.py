"""Decoded pictures within a budget."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core import ImageError, Picture
from dashboard.jobs.decoded import PixelCache

SIZE = 30 * 10 * 3


def picture(name: str) -> Picture:
    return Picture(np.zeros((30, 10, 3), np.uint8), name)


def test_a_picture_is_decoded_once_while_there_is_room():
    kept, made = PixelCache(2 * SIZE), []

    def decode(name):
        return lambda: made.append(name) or picture(name)

    for name in ("a", "b", "a", "b"):
        assert kept.get(name, decode(name)).digest == name
    assert made == ["a", "b"] and kept.size == 2 * SIZE


def test_the_longest_unused_goes_first():
    kept, made = PixelCache(2 * SIZE), []
    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name, lambda name=name: made.append(name) or picture(name))
    assert made == ["a", "b", "c", "b"] and kept.size == 2 * SIZE


@pytest.mark.parametrize("budget", [0, SIZE - 1])
def test_a_picture_beyond_the_budget_is_given_and_not_kept(budget):
    kept = PixelCache(budget)
    assert kept.get("a", lambda: picture("a")).digest == "a"
    assert kept.size == 0


def test_what_cannot_be_decoded_is_said_each_time():
    kept = PixelCache(SIZE)

    def damaged() -> Picture:
        raise ImageError("It is damaged.")

    for _ in range(2):
        with pytest.raises(ImageError, match="It is damaged."):
            kept.get("a", damaged)
    assert kept.get("a", lambda: picture("a")).digest == "a"


def test_what_is_put_takes_the_place_of_what_was_there():
    kept = PixelCache(SIZE)
    kept.put("a", picture("a"))
    again = Picture(np.zeros((30, 10, 3), np.uint8), "a", ("Another file.",))
    kept.put("a", again)
    assert kept.get("a", lambda: picture("a")) is again and kept.size == SIZE


def test_one_that_is_too_large_leaves_the_others():
    kept = PixelCache(SIZE)
    kept.put("a", picture("a"))
    kept.put("b", Picture(np.zeros((31, 10, 3), np.uint8), "b"))
    assert kept.size == SIZE and kept.get("a", lambda: pytest.fail("it was dropped")).digest == "a"


def test_previews_are_counted_as_pictures_are():
    kept = PixelCache(SIZE)
    kept.put("a", np.zeros((30, 10, 3), np.uint8))
    kept.put("b", np.zeros((30, 5, 3), np.uint8))
    assert kept.size == SIZE / 2


def test_many_threads_ask_and_the_budget_holds():
    kept, names = PixelCache(3 * SIZE), [str(number % 7) for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda name: kept.get(name, lambda: picture(name)).digest, names))
    assert found == names and 0 < kept.size <= 3 * SIZE
