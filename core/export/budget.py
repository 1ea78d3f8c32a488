"""How much a file of a stranger may unpack to, counted over everything that is read of it, however deep it lies."""

from dataclasses import dataclass

from core.errors import InputError


class OverBudget(InputError):
    """What is read of a file comes to more than it may; said of the whole file, whichever part of it was read."""


@dataclass(frozen=True)
class Limits:
    """What a whole import may take.

    Attributes:
        unpacked: bytes of all members that are read, those of ZIPs within it included.
        ratio: unpacked over packed bytes; only from `free` bytes on, since a map of zeros packs well.
        cells: of all maps, of mean and deviation: layers x rows x columns, of all methods and pictures.
        pixels: of all pictures that are decoded.
    """

    unpacked: int = 2**31
    ratio: int = 100
    free: int = 2**26
    cells: int = 2**27
    pixels: int = 2**31


class Budget:
    """What of the limits is left; each reader takes its share before it unpacks or decodes anything.

    Args:
        packed: bytes of the file as it came.
        what: how messages call it.
    """

    def __init__(self, packed: int, limits: Limits | None = None, what: str = "The ZIP") -> None:
        limits = limits or Limits()
        self._what = what
        self._most = {
            "bytes": min(limits.unpacked, max(limits.free, limits.ratio * packed)),
            "cells": limits.cells,
            "pixels": limits.pixels,
        }
        self._left = dict(self._most)

    def take_bytes(self, count: int) -> None:
        """Raises OverBudget where the file would unpack to more than it may."""
        self._take("bytes", count, f"unpacks to more than {self._most['bytes'] / 2**20:,.0f} MB")

    def take_cells(self, count: int) -> None:
        """Raises OverBudget where its maps would have more cells than they may."""
        self._take("cells", count, f"holds maps of more than {self._most['cells']:,} cells")

    def take_pixels(self, count: int) -> None:
        """Raises OverBudget where its pictures would have more pixels than they may."""
        self._take("pixels", count, f"holds pictures of more than {self._most['pixels'] / 1e6:,.0f} megapixels")

    def _take(self, kind: str, count: int, words: str) -> None:
        self._left[kind] -= count
        if self._left[kind] < 0:
            raise OverBudget(f"{self._what} {words}, the most that can be read at once. Export fewer runs at once.")
