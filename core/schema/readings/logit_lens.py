"""The logit lens: which tokens the model would say at each of the picture's cells, layer by layer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.errors import InputError, shown
from core.schema.checks import check_instance
from core.schema.one_line import cells, counted, numbered, one_line, quoted
from core.schema.request import ExplainRequest
from core.schema.target import Target

TOP_TOKENS = 5
"""Tokens that are held of each cell and layer."""
NO_TOKEN = -1


def lens_request(request: ExplainRequest, layers: tuple[int, ...] = (0,)) -> ExplainRequest:
    """What decides a logit lens: picture, prompt and model; neither the answer nor noise."""
    return replace(
        request,
        method="attention",
        layers=layers,
        tap="input",
        part="decoder",
        target=Target.answer(),
        noise_std=0.0,
        num_samples=1,
        seed=0,
        max_new_tokens=128,
        temperature=0.0,
    )


@dataclass(frozen=True)
class Guess:
    """One token that the model would say.

    Attributes:
        id: vocabulary index.
        text: as it reads; a fragment of a character shows as U+FFFD.
        probability: 0 to 1.
    """

    id: int
    text: str
    probability: float


@dataclass(frozen=True, eq=False)
class LogitLens:
    """The likeliest tokens at each cell after each layer: softmax(head(norm(h))), h what leaves the layer there.

    Attributes:
        request: what was asked; its layers are those of `ids`, in order.
        ids: int32 [layers, grid_h, grid_w, tokens], likeliest first; -1 at a cell over which no visual token lies.
        probabilities: float32, same shape; 0 where there is no token.
        texts: id -> the token's text.
        total_layers: decoder layers of the model.
    """

    request: ExplainRequest
    ids: np.ndarray
    probabilities: np.ndarray
    texts: Mapping[int, str]
    total_layers: int

    def __post_init__(self) -> None:
        check_instance("The request of a logit lens", self.request, ExplainRequest, "an ExplainRequest")
        check_instance("The texts of a logit lens", self.texts, Mapping, "texts by the ids of their tokens")
        for array in (self.ids, self.probabilities):
            check_instance("What a logit lens says", array, np.ndarray, "an array")
        shape = self.ids.shape
        if len(shape) != 4 or shape != self.probabilities.shape or len(self.layers) != shape[0]:
            raise InputError(f"A logit lens of the shape {shape} does not fit the {len(self.layers)} layers asked for.")
        for array in (self.ids, self.probabilities):
            array.setflags(write=False)

    def __repr__(self) -> str:
        held = numbered(self.layers, "layer"), cells(self.grid), counted(self.ids.shape[3], "token") + " a cell"
        return one_line(self, quoted(self.request.prompt), *held)

    @property
    def layers(self) -> tuple[int, ...]:
        """Layers, in the order of `ids`."""
        return self.request.layers

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of cells."""
        return self.ids.shape[1], self.ids.shape[2]

    def at(self, row: int, column: int) -> dict[int, list[Guess]]:
        """Layer -> the likeliest tokens at a cell, likeliest first; () where no visual token lies over it.

        Args:
            row: of the cell, from 0 at the top.
            column: of the cell, from 0 at the left.

        Raises:
            InputError: there is no such cell.
        """
        check_cell((row, column), self.grid)
        found = zip(self.layers, self.ids[:, row, column], self.probabilities[:, row, column], strict=True)
        return {layer: list(self._guesses(ids, chances)) for layer, ids, chances in found}

    def _guesses(self, ids: np.ndarray, chances: np.ndarray) -> Iterator[Guess]:
        for token, chance in zip(ids.tolist(), chances.tolist(), strict=True):
            if token != NO_TOKEN:
                yield Guess(token, self.texts[token], chance)

    def each_layer(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """(layer, its tokens and their probabilities), as it is stored."""
        for number, layer in enumerate(self.layers):
            yield layer, {"ids": self.ids[number], "probabilities": self.probabilities[number]}

    def where(self, word: str) -> np.ndarray:
        """How likely the model would say a word, as far as it is among the likeliest tokens.

        Args:
            word: a whole token, whatever its case and the blanks around it.

        Returns:
            float32 [layers, grid_h, grid_w], 0 where it is not among them.

        Raises:
            InputError: the word is empty.
        """
        check_instance("The word", word, str, "text")
        wanted = _plain(word)
        if not wanted:
            raise InputError("The word to look for is empty. Type one.")
        ids = [token for token, text in self.texts.items() if _plain(text) == wanted]
        return np.where(np.isin(self.ids, ids), self.probabilities, 0).sum(-1, dtype=np.float32)


def check_cell(cell: tuple[int, int], grid: tuple[int, int]) -> None:
    """Refuses a cell that a grid does not have.

    Raises:
        InputError: saying which it has.
    """
    is_pair = isinstance(cell, tuple | list) and len(cell) == 2 and all(type(each) is int for each in cell)
    if not is_pair or any(not 0 <= at < size for at, size in zip(cell, grid, strict=True)):
        raise InputError(
            f"There is no cell {shown(cell)}: there are {grid[0]} rows and {grid[1]} columns of cells, counted from 0."
        )


def _plain(text: str) -> str:
    return text.strip().casefold()
