"""Values of more than 8 bits, a strip of rows at a time: no second copy of a large picture is made."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

STRIP = 1_000_000
"""Values in a strip, about."""
PERCENTILES = (0.1, 99.9)
_HALF = 65536


@dataclass(frozen=True, eq=False)
class Samples:
    """One picture's values.

    Attributes:
        shape: [height, width] or [height, width, 3].
        dtype: of the strips.
        rows: (top, bottom) -> those rows.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    rows: Callable[[int, int], np.ndarray]

    @classmethod
    def of_image(cls, image: Image.Image) -> "Samples":
        """Of a PIL image of mode I, F or one of I;16."""
        width, height = image.size

        def rows(top: int, bottom: int) -> np.ndarray:
            return np.asarray(image.crop((0, top, width, bottom)))

        return cls((height, width), rows(0, 1).dtype, rows)

    @classmethod
    def of_array(cls, values: np.ndarray) -> "Samples":
        """Of an array."""
        return cls(values.shape, values.dtype, lambda top, bottom: values[top:bottom])

    def mapped(self, change: Callable[[np.ndarray], np.ndarray], dtype: type | None = None) -> "Samples":
        """With a change made to each strip when it is read; of another type, where one is given."""
        return Samples(self.shape, np.dtype(dtype or self.dtype), lambda top, bottom: change(self.rows(top, bottom)))

    def strips(self) -> Iterator[tuple[slice, np.ndarray]]:
        """(rows, their values), from top to bottom."""
        height, step = self.shape[0], max(1, STRIP // math.prod(self.shape[1:]))
        for top in range(0, height, step):
            rows = slice(top, min(top + step, height))
            yield rows, self.rows(rows.start, rows.stop)


@dataclass(frozen=True)
class Extent:
    """How far values reach; all zero where none is finite.

    Attributes:
        lowest, highest: of the finite ones.
        low, high: percentiles 0.1 and 99.9 of them. At least one value lies beyond each, so that a single wild one
            never counts; of fewer than 16 values, or where nearly all are the same, lowest and highest.
        not_finite: how many are infinite or no number.
    """

    lowest: float
    highest: float
    low: float
    high: float
    not_finite: int


def extent(samples: Samples) -> Extent:
    """How far the values reach, exactly: they are counted by the upper half of their bits, then by the lower."""
    counts, not_finite = np.zeros(_HALF, np.int64), 0
    for _, values in samples.strips():
        keys = _keys(values)
        not_finite += values.size - keys.size
        counts += np.bincount(keys >> 16, minlength=_HALF)
    total = int(counts.sum())
    if not total:
        return Extent(0.0, 0.0, 0.0, 0.0, not_finite)
    beyond = max(1, math.ceil(total * PERCENTILES[0] / 100)) if total >= 16 else 0
    ranks = (0, beyond, total - 1 - beyond, total - 1)
    lowest, low, high, highest = _at_ranks(samples, counts, ranks)
    low, high = (low, high) if low < high else (lowest, highest)
    return Extent(lowest, highest, low, high, not_finite)


def _at_ranks(samples: Samples, counts: np.ndarray, ranks: tuple[int, ...]) -> list[float]:
    ends = np.cumsum(counts)
    uppers = [int(np.searchsorted(ends, rank, side="right")) for rank in ranks]
    lowers = {upper: np.zeros(_HALF, np.int64) for upper in uppers}
    if samples.dtype.itemsize == 2 and samples.dtype.kind != "f":
        return [float(each) for each in _values(np.array(uppers, np.uint32) << 16, samples.dtype)]
    for _, values in samples.strips():
        keys = _keys(values)
        for upper, found in lowers.items():
            found += np.bincount(keys[keys >> 16 == upper] & 0xFFFF, minlength=_HALF)
    keys = []
    for rank, upper in zip(ranks, uppers, strict=True):
        within = rank - int(ends[upper] - counts[upper])
        keys.append(upper << 16 | int(np.searchsorted(np.cumsum(lowers[upper]), within, side="right")))
    return [float(each) for each in _values(np.array(keys, np.uint32), samples.dtype)]


def _keys(values: np.ndarray) -> np.ndarray:
    """uint32 that sort as the finite ones of the values do."""
    values = values.ravel()
    if values.dtype.kind == "f":
        values = values.astype(np.float32)
        bits = values[np.isfinite(values)].view(np.uint32)
        return bits ^ np.where(bits >> 31, np.uint32(0xFFFFFFFF), np.uint32(0x80000000))
    keys = values.astype(np.uint32) << 16 if values.dtype.itemsize == 2 else values.astype(np.uint32)
    return keys if values.dtype.kind == "u" else keys ^ np.uint32(0x80000000)


def _values(keys: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "f":
        bits = keys ^ np.where(keys >> 31, np.uint32(0x80000000), np.uint32(0xFFFFFFFF))
        return bits.view(np.float32)
    numbers = keys if dtype.kind == "u" else (keys ^ np.uint32(0x80000000)).view(np.int32)
    return numbers >> 16 if dtype.itemsize == 2 else numbers
