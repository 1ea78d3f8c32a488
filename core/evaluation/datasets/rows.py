"""Rows of any format, picture by picture: each picture's file is looked at once, and a bad row costs itself alone."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.evaluation.datasets.case import Case, Skipped
from core.evaluation.datasets.placement import Placement, placement_of, within
from core.schema.visible_text import visible

_LONGEST = 120


def label(text: Any) -> str:
    """A name out of a file, as sentences and tables can show it."""
    return visible(str(text)[:_LONGEST]).replace("\n", " ")


@dataclass(frozen=True)
class PictureRows:
    """The rows of one picture.

    Attributes:
        file: as the data set names it.
        rows: what the format's reader makes each row of.
    """

    file: Any
    rows: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Reader:
    """How a format makes cases of its rows.

    Attributes:
        name: (picture's rows, row) -> the row's name for people.
        case: (picture's rows, row, the picture's file, how it lies there) -> the case; may raise InputError.
    """

    name: Callable[[PictureRows, Any], str]
    case: Callable[[PictureRows, Any, Path, Placement], Case]


@dataclass(frozen=True, eq=False)
class RowsByPicture:
    """All rows of a data set.

    Attributes:
        folder: where pictures lie.
        unplaced: rows that belong to no picture.
    """

    reader: Reader
    folder: Path
    pictures: Sequence[PictureRows]
    unplaced: Sequence[Skipped] = ()

    def __len__(self) -> int:
        return len(self.unplaced) + sum(len(picture.rows) for picture in self.pictures)

    def __iter__(self) -> Iterator[Case | Skipped]:
        yield from self.unplaced
        for picture in self.pictures:
            yield from self._of(picture)

    def _of(self, picture: PictureRows) -> Iterator[Case | Skipped]:
        found: tuple[Path, Placement] | None = None
        why = ""
        try:
            path = within(self.folder, picture.file)
            found = path, placement_of(path)
        except InputError as error:
            why = str(error)
        for row in picture.rows:
            name = self.reader.name(picture, row)
            if found is None:
                yield Skipped(name, why)
                continue
            try:
                yield self.reader.case(picture, row, *found)
            except InputError as error:
                yield Skipped(name, str(error))

    def of_some(self, most: int | None, seed: int) -> "RowsByPicture":
        """The rows of at most so many pictures, drawn by lot and in the same order; all of them where None.

        Raises:
            InputError: there can be no such number or seed.
        """
        if most is None or most >= len(self.pictures):
            chosen = list(self.pictures)
        else:
            lot = random.Random(seed).sample(range(len(self.pictures)), most)
            chosen = [self.pictures[index] for index in sorted(lot)]
        return RowsByPicture(self.reader, self.folder, chosen, self.unplaced)
