"""A model that says what it is told and whose maps are what they are told, and data sets made of memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from core.evaluation.datasets.case import Case, DataSet, Skipped
from core.schema import ExplainRequest, ExplainResult
from tests.core.answers import make_answer


@dataclass(eq=False)
class Rows:
    """Rows made one by one, as a reader makes them."""

    make: Callable[[int], Case | Skipped]
    count: int

    def __iter__(self):
        return (self.make(number) for number in range(self.count))

    def __len__(self) -> int:
        return self.count


def data_set(rows: Iterable[Case | Skipped] | Rows, digest: str = "d" * 64) -> DataSet:
    """A data set of these rows."""
    rows = rows if isinstance(rows, Rows) else list(rows)
    return DataSet("things.json", Path("things.json"), "coco", digest, rows)


def a_picture(folder: Path, name: str = "a.png", size: tuple[int, int] = (8, 8)) -> Path:
    """A small picture's file."""
    Image.new("RGB", size, (200, 30, 30)).save(folder / name)
    return folder / name


def a_case(row: str, picture: Path, phrases: Sequence[str] = ("dog",), corner: int = 4) -> Case:
    """An object in the upper left corner, so many pixels on a side."""

    def region(size: tuple[int, int]) -> np.ndarray:
        mask = np.zeros(size, bool)
        mask[:corner, :corner] = True
        return mask

    return Case(row, picture, "Describe this image.", tuple(phrases), None, phrases[0] if phrases else "", region, None)


@dataclass(eq=False)
class StandIn:
    """Answers "A dog and a cat." to everything; the maps of a method are those given here, 2 x 2 cells.

    Attributes:
        maps: method -> [maps, 2, 2].
        asked: how often an answer was asked for.
    """

    maps: dict[str, np.ndarray]
    total_layers: int = 4
    asked: list[str] = field(default_factory=list)
    loaded: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(fingerprint="f" * 64, name="stand-in"))

    def answer_to(self, pictures, request: ExplainRequest):
        self.asked.append(request.prompt)
        return make_answer("A", " dog", " and", " a", " cat", ".")

    def run(self, pictures, requests: Sequence[ExplainRequest], *, answer) -> list[ExplainResult]:
        return [self._result(request, answer) for request in requests]

    def _result(self, request: ExplainRequest, answer) -> SimpleNamespace:
        heat = self.maps[request.method]
        layers = request.layers
        return SimpleNamespace(
            request=request,
            heat=heat,
            layers=layers,
            grid=heat.shape[1:],
            at=lambda layer: heat[0 if layer is None else layers.index(layer)],
        )
