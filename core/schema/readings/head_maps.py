"""The attention of single heads: a map for each head of each layer that attends, and what tells of a head."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from core.errors import InputError, shown
from core.schema.answer import Answer
from core.schema.checks import check_choice, check_instance
from core.schema.one_line import cells, counted, numbered, one_line, quoted
from core.schema.request import ExplainRequest

HeadOrder = Literal["agreement", "picture", "layer"]


def heads_request(request: ExplainRequest, layers: tuple[int, ...] = (0,)) -> ExplainRequest:
    """What decides the attention of heads: the request without noise, by the method "attention"."""
    return replace(
        request,
        method="attention",
        layers=layers,
        tap="input",
        part="decoder",
        noise_std=0.0,
        num_samples=1,
        seed=0,
    )


@dataclass(frozen=True, eq=False)
class HeadMaps:
    """How much each head of the decoder looks at each cell while the explained tokens are predicted.

    Attributes:
        request: what was asked; its layers are those of `heat`, in order: layers that attend.
        answer: what the model said, or was made to say.
        heat: float32 [layers, heads, grid_h, grid_w]: sum over the explained tokens of the head's attention
            probabilities. The mean over heads is the map of the method "attention".
        picture_share: float32 [layers, heads]: share of the head's attention that lies on the picture, 0 to 1; the
            text has the rest.
        sink_share: float32 [layers, heads]: share that lies on those of the picture's tokens that are sinks at the
            layer's input (`core.analysis.artefacts`), 0 to `picture_share`.
        agreement: float32 [layers, heads]: Spearman's rank correlation with the recommended map, -1 to 1; 0 for a
            constant map.
        total_layers: decoder layers of the model.
    """

    request: ExplainRequest
    answer: Answer
    heat: np.ndarray
    picture_share: np.ndarray
    sink_share: np.ndarray
    agreement: np.ndarray
    total_layers: int

    def __post_init__(self) -> None:
        check_instance("The request of heads", self.request, ExplainRequest, "an ExplainRequest")
        tables = (self.picture_share, self.sink_share, self.agreement)
        for array in (self.heat, *tables):
            check_instance("What is known of heads", array, np.ndarray, "an array")
        shape = self.heat.shape
        if len(shape) != 4 or len(self.layers) != shape[0] or any(each.shape != shape[:2] for each in tables):
            raise InputError(f"Maps of heads {shape} do not fit the {len(self.layers)} layers asked for.")
        for array in (self.heat, *tables):
            array.setflags(write=False)

    def __repr__(self) -> str:
        held = numbered(self.layers, "layer"), counted(self.heads, "head") + " each", cells(self.grid)
        return one_line(self, quoted(self.answer.text), *held)

    @property
    def layers(self) -> tuple[int, ...]:
        """Layers, in the order of `heat`."""
        return self.request.layers

    @property
    def heads(self) -> int:
        """Heads of a layer."""
        return self.heat.shape[1]

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of cells."""
        return self.heat.shape[2], self.heat.shape[3]

    def at(self, layer: int, head: int) -> np.ndarray:
        """The map of one head, [grid_h, grid_w].

        Args:
            layer: one of `layers`.
            head: of that layer, from 0.

        Raises:
            InputError: there is no such layer or head here.
        """
        return self.heat[self.index(layer, head)]

    def index(self, layer: int, head: int) -> tuple[int, int]:
        """Where a head stands in `heat` and in the tables.

        Args:
            layer: one of `layers`.
            head: of that layer, from 0.

        Returns:
            (index of the layer, index of the head): the first two axes of `heat`.

        Raises:
            InputError: there is no such layer or head here.
        """
        if type(layer) is not int or layer not in self.layers:
            held = ", ".join(map(str, self.layers))
            raise InputError(f"There are no heads of layer {shown(layer)} here; choose one of the layers {held}.")
        if type(head) is not int or not 0 <= head < self.heads:
            raise InputError(
                f"There is no head {shown(head)}: a layer of this model has {self.heads}, 0 to {self.heads - 1}."
            )
        return self.layers.index(layer), head

    def ordered(self, order: HeadOrder = "agreement") -> list[tuple[int, int]]:
        """(layer, head) of every head: by agreement or share on the picture, the highest first, or layer by layer.

        Args:
            order: "agreement", "picture" (the share of a head's attention that lies on the picture), or "layer".

        Raises:
            InputError: there is no such order.
        """
        check_choice("order of heads", order, get_args(HeadOrder))
        each = [(layer, head) for layer in self.layers for head in range(self.heads)]
        if order == "layer":
            return each
        values = (self.agreement if order == "agreement" else self.picture_share).ravel()
        return [each[number] for number in np.argsort(-values, kind="stable")]

    def each_layer(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """(layer, what is known of its heads whatever they are held against), as it is stored."""
        for number, layer in enumerate(self.layers):
            tables = {name: getattr(self, name)[number] for name in ("heat", "picture_share", "sink_share")}
            yield layer, tables
