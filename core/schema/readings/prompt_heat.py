"""How much of the heat lies on the prompt's own words, beside the picture's: plain values, no torch here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import InputError
from core.schema.checks import check_whole
from core.schema.methods import COMBINED
from core.schema.one_line import counted, one_line, quoted
from core.schema.request import ExplainRequest
from core.schema.words import Word

SOURCES = ("picture", "prompt", "answer", "template")
"""What the tokens of a question belong to: its pictures; the person's own words, with all that was said in turns before
the question; what the model had answered before; and what the chat template writes around them (a system message of its
own, marks of who speaks and of where a picture ends)."""

FIRST_LAYER = 0
"""Where words are read unless another layer is asked for: tokens have not taken up anything from each other yet."""


@dataclass(frozen=True)
class PromptHeat:
    """Heat of every token of a question, at the input of each decoder layer, summed over what belongs together.

    It is the heat of `core.methods.every_token`, in one unit for all tokens, so that at each layer pictures, prompt,
    answer so far and template add up to a whole.

    Attributes:
        answer: text of the answer that is explained.
        words: of the question; `start` and `stop` count its own tokens.
        word_heat: [layers][words]. Blanks between words are in none, but in the prompt's heat.
        picture_heat: [layers][pictures], at visual tokens.
        prompt_heat, answer_heat, template_heat: [layers].
        turn_heat: [layers][turns before the question], each a part of the prompt's heat; () where there was none.

    Raises:
        InputError: the lists do not have one entry for each layer and for each word or picture.
    """

    answer: str
    words: tuple[Word, ...]
    word_heat: tuple[tuple[float, ...], ...]
    picture_heat: tuple[tuple[float, ...], ...]
    prompt_heat: tuple[float, ...]
    answer_heat: tuple[float, ...]
    template_heat: tuple[float, ...]
    turn_heat: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        lists = (self.prompt_heat, self.word_heat, self.picture_heat, self.answer_heat, self.template_heat)
        lengths, pictures = {len(each) for each in lists}, {len(row) for row in self.picture_heat}
        turns = len(self.turn_heat) in (0, len(self.prompt_heat)) and len({len(row) for row in self.turn_heat}) < 2
        words = all(len(row) == len(self.words) for row in self.word_heat)
        if len(lengths) != 1 or len(pictures) != 1 or not words or not turns:
            raise InputError(
                "The heat of a prompt needs one entry for each layer, and in it for each word, picture and turn."
            )

    def __repr__(self) -> str:
        shares = (
            ", ".join(f"{source} {share:.0%}" for source, share in self.shares().items()) if self.prompt_heat else ""
        )
        held = counted(len(self.words), "word") + " of the prompt", counted(self.total_layers, "layer")
        return one_line(self, quoted(self.answer), *held, shares and f"at layer {FIRST_LAYER}: {shares}")

    @property
    def total_layers(self) -> int:
        """Decoder layers of the model, all of which are read."""
        return len(self.prompt_heat)

    def shares(self, layer: int = FIRST_LAYER) -> dict[str, float]:
        """Share of a layer's heat of each of `SOURCES`; together 1, or all 0 where the layer has no heat.

        Args:
            layer: of the decoder, from 0, where tokens have not taken up anything from each other yet.

        Raises:
            InputError: there is no such layer.
        """
        heat = dict(zip(SOURCES, self._sources(layer), strict=True))
        return dict(zip(heat, self._of_whole(heat.values(), layer), strict=True))

    def picture_shares(self, layer: int = FIRST_LAYER) -> tuple[float, ...]:
        """As `shares`, of each picture.

        Args:
            layer: as in `shares`.
        """
        self._check(layer)
        return self._of_whole(self.picture_heat[layer], layer)

    def word_shares(self, layer: int = FIRST_LAYER) -> tuple[float, ...]:
        """As `shares`, of each word of the question.

        Args:
            layer: as in `shares`.
        """
        self._check(layer)
        return self._of_whole(self.word_heat[layer], layer)

    def turn_shares(self, layer: int = FIRST_LAYER) -> tuple[float, ...]:
        """As `shares`, of each turn before the question; () without one. They are parts of the prompt's.

        Args:
            layer: as in `shares`.
        """
        self._check(layer)
        return self._of_whole(self.turn_heat[layer], layer) if self.turn_heat else ()

    def _sources(self, layer: int) -> tuple[float, ...]:
        self._check(layer)
        rest = (self.prompt_heat, self.answer_heat, self.template_heat)
        return sum(self.picture_heat[layer]), *(heat[layer] for heat in rest)

    def _of_whole(self, heat: Sequence[float], layer: int) -> tuple[float, ...]:
        whole = sum(self._sources(layer))
        return tuple(each / whole if whole > 0 else 0.0 for each in heat)

    def _check(self, layer: int) -> None:
        check_whole("The layer", layer, 0, self.total_layers - 1)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` reads it back."""
        values = asdict(self)
        if not self.turn_heat:  # what was stored before there were conversations has none
            del values["turn_heat"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "PromptHeat":
        """The inverse of `to_dict`, also after a round through JSON.

        Args:
            values: what `to_dict` gave.

        Raises:
            KeyError, TypeError, ValueError, InputError: it was written by another version.
        """
        words = tuple(Word(str(word["text"]), int(word["start"]), int(word["stop"])) for word in values["words"])
        rows = {name: tuple(tuple(map(float, row)) for row in values[name]) for name in ("word_heat", "picture_heat")}
        lists = {name: tuple(map(float, values[name])) for name in ("prompt_heat", "answer_heat", "template_heat")}
        turns = tuple(tuple(map(float, row)) for row in values.get("turn_heat", ()))
        return cls(str(values["answer"]), words, **rows, **lists, turn_heat=turns)


def prompt_request(request: ExplainRequest) -> ExplainRequest:
    """The request whose prompt's heat is read: one for all methods, layers, pictures and samples of a question."""
    return replace(request.of_picture(0).with_method(COMBINED, ()), noise_std=0.0, num_samples=1, seed=0)
