"""What a data set is made of: rows that can be measured, and rows that cannot, with the reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the upright picture."""


@dataclass(frozen=True, eq=False)
class Case:
    """One row of a data set that can be measured: a picture, a question, and where what is meant lies.

    Attributes:
        row: names the row for people: "person in 000042.jpg", "line 12".
        picture: the picture's file.
        prompt: what the model is asked.
        phrases: words of the answer that name the object, the first that is said counts; () = the whole answer is
            explained.
        sentence: a supplied sentence in place of what the model says.
        category: "" where none.
        region: (height, width) of the upright picture -> bool [height, width], the object's pixels; raises InputError
            with a sentence where there are none.
        box: around the object, where the data has one for it alone; else the region's own bounding box is meant.
        beside: names of other things that hold a phrase as a part, "hot dog" for "dog": there, it is not said.
    """

    row: str
    picture: Path
    prompt: str
    phrases: tuple[str, ...]
    sentence: str | None
    category: str
    region: Callable[[tuple[int, int]], np.ndarray]
    box: Box | None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A row that cannot be measured.

    Attributes:
        row: as in `Case`.
        why: one sentence.
    """

    row: str
    why: str


class Rows(Protocol):
    """The rows of one file, read one by one, always in the same order."""

    def __iter__(self) -> Iterator[Case | Skipped]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class DataSet:
    """A data set that was opened. Its rows are read when they are asked for.

    Attributes:
        name: of its file, for people.
        path: the annotation file.
        kind: "coco", "coco panoptic", "refer" or "csv".
        digest: sha256 of the annotation file's bytes and of the options, hex: the same rows in the same order.
    """

    name: str
    path: Path
    kind: str
    digest: str
    rows: Rows = field(repr=False, compare=False)

    def __iter__(self) -> Iterator[Case | Skipped]:
        return iter(self.rows)

    def __len__(self) -> int:
        """Rows in all, those that cannot be measured included."""
        return len(self.rows)
