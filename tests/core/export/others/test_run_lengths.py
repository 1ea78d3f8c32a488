import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.datasets.masks import decompressed, of_counts
from core.export.others.run_lengths import brush, coco_mask, compressed, counts_of

MASKS = {
    "empty": np.zeros((5, 7), bool),
    "full": np.ones((5, 7), bool),
    "corner": np.eye(6, 9, dtype=bool),
    "noise": np.random.default_rng(0).random((40, 31)) > 0.5,
    "large": np.pad(np.ones((300, 200), bool), ((100, 80), (7, 90))),
    "one pixel": np.ones((1, 1), bool),
}
of_each = pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)


def unbrushed(data):
    """The values of Label Studio's format, read bit by bit as its description says (thi.ng/umbrella, rle-pack)."""
    bits, at = "".join(f"{byte:08b}" for byte in data), 0

    def read(count):
        nonlocal at
        at += count
        return int(bits[at - count : at], 2)

    total = read(32)
    value_bits, sizes = read(5) + 1, [read(4) + 1 for _ in range(4)]
    values = []
    while len(values) < total:
        is_run = read(1)
        length = read(sizes[read(2)]) + 1
        values += [read(value_bits)] * length if is_run else [read(value_bits) for _ in range(length)]
    assert set(bits[at:]) <= {"0"} and len(bits) - at < 8
    return values


@of_each
def test_a_brush_comes_back_in_four_channels(mask):
    data = brush(mask)
    assert all(0 <= byte < 256 for byte in data)
    pixels = np.array(unbrushed(data), np.uint8).reshape(*mask.shape, 4)
    assert np.array_equal(pixels, np.repeat(mask[..., None] * np.uint8(255), 4, axis=-1))


@of_each
def test_run_lengths_are_what_the_coco_api_writes_and_reads(mask):
    coco = pytest.importorskip("pycocotools.mask")
    theirs = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    ours = coco_mask(mask)
    assert ours["size"] == theirs["size"] and ours["counts"] == theirs["counts"].decode()
    assert np.array_equal(coco.decode(ours), mask)
    plain = coco.frPyObjects(coco_mask(mask, compress=False), *mask.shape)
    assert np.array_equal(coco.decode(plain), mask)


@given(st.lists(st.integers(0, 2**31), max_size=20))
def test_whatever_counts_come_back(counts):
    assert decompressed(compressed(counts)) == counts


@of_each
def test_counts_come_back(mask):
    assert np.array_equal(of_counts(counts_of(mask), mask.shape), mask)
