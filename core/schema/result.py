"""What comes back: raw numbers for every layer; pictures are drawn elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from core.errors import InputError, shown
from core.heatmap import on_grid, rank_correlation
from core.schema.answer import Answer, Token
from core.schema.box_conventions import SeenPicture
from core.schema.checks import check_instance
from core.schema.methods import COMBINED, DEFAULT_METHOD, check_method
from core.schema.model_parts import PARTS
from core.schema.one_line import cells, counted, lasting, named, numbered, one_line, quoted
from core.schema.request import ExplainRequest
from core.schema.time_steps import TimeStep, check_steps


@dataclass(frozen=True, eq=False)
class ExplainResult:
    """Raw heat for every layer asked for, over the picture's grid of visual tokens, or of patches.

    Attributes:
        request: what was asked.
        answer: what the model said, or was made to say.
        heat: float32 [maps, grid_h, grid_w], of a video [maps, time, grid_h, grid_w], maps as in `request.maps`,
            mean over the samples; not normalised, not enlarged.
        squared_deviation: float32, same shape, summed over the samples; with `num_samples` it makes
            the result mergeable with more samples.
        num_samples: samples that went into the mean (fewer than asked where a run was cancelled).
        total_layers: layers of the part of the model that was asked about.
        timings: seconds by step: "answer", "samples".
        companions: results of other methods for the same question, by method.
        pictures: where the prompt holds several pictures and this came of one call for all of them: the result
            of each, in order; else ().
        peak_bytes: the most memory that was in use while it was computed; see `core.devices`. 0 where that is
            not known, as for a result that was read back.
        seen: the picture's size, and at which the model took it in; None where that is not known.
        steps: of a video, what each slice of its time axis covers; () for a picture.
    """

    request: ExplainRequest
    answer: Answer
    heat: np.ndarray
    squared_deviation: np.ndarray
    num_samples: int
    total_layers: int
    timings: dict[str, float]
    companions: Mapping[str, "ExplainResult"] = field(default_factory=dict)
    pictures: tuple["ExplainResult", ...] = ()
    peak_bytes: int = 0
    seen: SeenPicture | None = None
    steps: tuple[TimeStep, ...] = ()

    def __post_init__(self) -> None:
        check_instance("The request of a result", self.request, ExplainRequest, "an ExplainRequest")
        for array in (self.heat, self.squared_deviation):
            check_instance("The heat of a result", array, np.ndarray, "an array")
        check_instance("How the model saw the picture", self.seen, SeenPicture | None, "a SeenPicture or None")
        if self.heat.ndim != 3 + self.request.is_video or self.heat.shape != self.squared_deviation.shape:
            raise InputError(f"A heat {self.heat.shape} and its deviation {self.squared_deviation.shape} do not fit.")
        if len(self.heat) != len(self.request.maps):
            raise InputError(f"There are {len(self.heat)} maps for the layers {shown(self.request.maps)}.")
        object.__setattr__(self, "steps", check_steps(self.steps, self.heat.shape[1] if self.request.is_video else 0))
        for array in (self.heat, self.squared_deviation):
            array.setflags(write=False)

    def __repr__(self) -> str:
        return one_line(self, *self._facts())

    def _facts(self) -> tuple[str, ...]:
        """What its line in a notebook says."""
        words, seconds = PARTS[self.request.part], sum(self.timings.values())
        return (
            quoted(self.answer.text),
            named([self.request.method, *self.companions]),
            numbered(self.layers, words.one, words.many),
            counted(len(self.pictures), "picture") if self.pictures else "",
            counted(len(self.steps), "time step") if self.steps else "",
            cells(self.grid),
            counted(self.num_samples, "sample"),
            lasting(seconds) if seconds else "",
        )

    @property
    def layers(self) -> tuple[int, ...]:
        """Layers, in the order of `heat`; () where there is one map in all."""
        return self.request.layers

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of cells: of visual tokens or, of the vision tower, of patches."""
        return self.heat.shape[-2], self.heat.shape[-1]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The answer's tokens."""
        return self.answer.tokens

    @property
    def stderr(self) -> np.ndarray:
        """Standard error of `heat` over the samples, float32, same shape.

        Zero without noise; NaN where there is noise but only one sample, since nothing is known then.
        """
        return self._stderr_of(self.squared_deviation)

    def _stderr_of(self, squared_deviation: np.ndarray) -> np.ndarray:
        if self.request.noise_std == 0:
            return np.zeros_like(squared_deviation)
        if self.num_samples < 2:
            return np.full_like(squared_deviation, np.nan)
        return np.sqrt(squared_deviation / (self.num_samples * (self.num_samples - 1)))

    def at(self, layer: int | None = None) -> np.ndarray:
        """The heat of one layer, or with None the one map there is: [grid_h, grid_w], of a video [time, ...].

        Args:
            layer: one of `layers`; None where there is one map in all.

        Raises:
            InputError: the layer is not among `layers`.
        """
        return self.heat[self._index(layer)]

    def _index(self, layer: int | None) -> int:
        if not (layer is None or type(layer) is int) or layer not in self.request.maps:
            words = PARTS[self.request.part]
            held = f"the {words.many} {list(self.layers)}" if self.layers else "one map, of no layer in particular"
            raise InputError(f"There is no map of {words.one} {shown(layer)} here; this result holds {held}.")
        return self.request.maps.index(layer)

    def stderr_at(self, layer: int | None = None) -> np.ndarray:
        """The standard error of `at(layer)`, same shape.

        Args:
            layer: one of `layers`; None where there is one map in all.

        Raises:
            InputError: the layer is not among `layers`.
        """
        return self._stderr_of(self.squared_deviation[self._index(layer)])

    def of(self, method: str) -> "ExplainResult":
        """The result of another method that was computed together with this one.

        Args:
            method: this one's, or one of `companions`.

        Raises:
            InputError: it was not asked for.
        """
        check_method(method)
        if method == self.request.method:
            return self
        if method not in self.companions:
            held = ", ".join([self.request.method, *self.companions])
            raise InputError(f"The method {method!r} was not asked for; this result holds {held}.")
        return self.companions[method]

    @property
    def combined(self) -> np.ndarray:
        """The recommended map, float32 [grid_h, grid_w]; of a video [time, grid_h, grid_w].

        Raises:
            InputError: the result was read back without it.
        """
        return self.of(COMBINED).at()

    @cached_property
    def recommended_layer(self) -> int | None:
        """The layer to show first: the one whose map ranks the cells most like the combined map.

        Without a combined map, the one nearest to half the depth; None where no layer has a map.
        """
        if not self.layers:
            return None
        if self.request.method != COMBINED and COMBINED not in self.companions:
            return min(self.layers, key=lambda layer: abs(layer - (self.total_layers - 1) / 2))
        wanted = self.combined
        if wanted.shape[-2:] != self.grid:
            maps = on_grid(wanted.reshape(-1, *wanted.shape[-2:]), self.grid)
            wanted = maps.reshape(*wanted.shape[:-2], *self.grid)
        return max(self.layers, key=lambda layer: rank_correlation(self.at(layer), wanted))

    @property
    def asked(self) -> tuple[str, int | None]:
        """The method and the layer, None where there is one map in all, of the map that was asked for.

        The combined map answers whoever left the method, the part of the model and the tap as they were. Whoever
        chose another is shown what they chose, at `recommended_layer`: the combined map is the same for all of them,
        so that it would look as if the choice changed nothing.
        """
        request = self.request
        is_default = (request.method, request.part, request.tap) == (DEFAULT_METHOD, "decoder", "input")
        return (
            (COMBINED, None) if is_default and COMBINED in self.companions else (request.method, self.recommended_layer)
        )

    @property
    def headline(self) -> np.ndarray:
        """The map that stands for a whole run: the one that was `asked` for, shaped as `at` gives it."""
        method, layer = self.asked
        return self.of(method).at(layer)


def gather(results: Sequence[ExplainResult]) -> ExplainResult:
    """The first result, with those of other methods as its companions, and those of other pictures as `pictures`.

    Args:
        results: about one question; of each picture in the same order.
    """
    groups: dict[int, list[ExplainResult]] = {}
    for result in results:
        groups.setdefault(result.request.picture, []).append(result)
    each = tuple(
        replace(first, companions={result.request.method: result for result in others})
        for first, *others in groups.values()
    )
    return replace(each[0], pictures=each if len(each) > 1 else ())
