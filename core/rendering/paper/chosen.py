"""Which map of a result a figure shows: the asked one or a layer's, and of a video at which time step."""

from dataclasses import dataclass

import numpy as np

from core.schema import ExplainResult
from core.schema.checks import check_instance, check_whole
from core.schema.methods import COMBINED, METHODS
from core.schema.model_parts import PARTS


@dataclass(frozen=True, eq=False)
class Chosen:
    """One map.

    Attributes:
        result: the one that holds it: of the asked method, or a companion.
        layer: None where it has one map in all.
        step: of a video, from 0; None of a picture.
    """

    result: ExplainResult
    layer: int | None
    step: int | None

    @property
    def heat(self) -> np.ndarray:
        """[grid_h, grid_w]."""
        return self.all_steps if self.step is None else self.all_steps[self.step]

    @property
    def all_steps(self) -> np.ndarray:
        """[grid_h, grid_w], of a video [time, grid_h, grid_w]."""
        return self.result.at(self.layer)

    @property
    def step_title(self) -> str:
        """Which time it shows; "" of a picture."""
        if self.step is None:
            return ""
        step = self.result.steps[self.step]
        return f"{step.start:.2f} to {step.end:.2f} s"

    @property
    def name(self) -> str:
        """The map in the middle of a sentence."""
        method = self.result.request.method
        if self.layer is not None:
            words = PARTS[self.result.request.part]
            return f"{words.one} {self.layer} of {self.result.total_layers} by {METHODS[method].title}"
        return "the combined map" if method == COMBINED else f"the map by {METHODS[method].title}"


def chosen_map(result: ExplainResult, layer: int | None = None, step: int | None = None) -> Chosen:
    """The map that is drawn.

    Args:
        layer: None for the one that was asked for.
        step: None for the hottest of a video.

    Raises:
        InputError: there is no such map.
    """
    check_instance("What is drawn", result, ExplainResult, "an ExplainResult")
    if layer is None:
        method, layer = result.asked
        result = result.of(method)
    heat = result.at(layer)
    if not result.request.is_video:
        if step is not None:
            check_whole("The time step of a picture, which has one,", step, 0, 0)
        return Chosen(result, layer, None)
    if step is None:
        step = int(heat.max(axis=(1, 2)).argmax())
    check_whole("The time step", step, 0, len(heat) - 1)
    return Chosen(result, layer, step)
