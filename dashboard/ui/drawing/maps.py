"""The maps of a run that can be looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core import ExplainResult
from core.rendering.difference import largest


@dataclass(frozen=True, eq=False)
class ShownMap:
    """A map that can be looked at.

    Attributes:
        method: of the result that holds it.
        layer: which of the result's maps; None for its only one.
        result: holds it.
    """

    method: str
    layer: int | None
    result: ExplainResult

    @property
    def name(self) -> str:
        """It alone among a run's maps: "combined", or "gradient_deviation-12"."""
        return self.method if self.layer is None else f"{self.method}-{self.layer}"

    @property
    def heat(self) -> np.ndarray:
        """[grid_h, grid_w], of a video [steps, grid_h, grid_w]."""
        return self.result.at(self.layer)

    @property
    def errors(self) -> np.ndarray | None:
        """Its standard errors, of the same shape; None where they are not known, or zero everywhere."""
        errors = self.result.stderr_at(self.layer)
        return errors if np.isfinite(errors).all() and errors.any() else None

    @property
    def top(self) -> float:
        """The heat at the top of its own scale."""
        return float(self.heat.max())

    @property
    def unit(self) -> str:
        """Of its heat, in English."""
        return self.result.request.heat_unit


@dataclass(frozen=True, eq=False)
class Difference:
    """By how much one map of a picture is hotter than another, cell by cell.

    It is worked out before it is sent: of maps that are nearly alike, float16 would say other than how they differ.

    Attributes:
        layer: of both maps; None where they are of no layer.
        heat: [grid_h, grid_w], above and below zero.
        unit: of it, as it is shown.
    """

    layer: int | None
    heat: np.ndarray
    unit: str
    errors: None = None

    @property
    def method(self) -> str:
        """What it shares a scale with: differences of layers."""
        return "difference"

    @property
    def name(self) -> str:
        """It alone among the differences of two runs' layers."""
        return "difference" if self.layer is None else f"difference-{self.layer}"

    @property
    def top(self) -> float:
        """Where its own scale, which is centred at zero, ends to either side."""
        return largest(self.heat)


def maps_of(result: ExplainResult) -> Iterator[ShownMap]:
    """All maps that a result holds: those of its own method first, then of those that were computed with it."""
    for each in (result, *result.companions.values()):
        for layer in each.request.maps:
            yield ShownMap(each.request.method, layer, each)


def first_map(result: ExplainResult) -> ShownMap:
    """The map that was asked for."""
    method, layer = result.asked
    return ShownMap(method, layer, result.of(method))
