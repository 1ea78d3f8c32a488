"""What is asked and what comes back: frozen, validated values with no torch in them.

`ExplainRequest` holds everything that changes the numbers and nothing that does not, so that it can
serve as the key of a stored result. `ExplainResult` holds raw numbers; pictures are drawn elsewhere.
"""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from core.errors import InputError, PromptError
from core.methods import DEFAULT_METHOD, check_method

Tap = Literal["input", "output"]

MAX_SAMPLES = 1_000
MAX_NEW_TOKENS = 1_024
MAX_PROMPT_CHARACTERS = 20_000


@dataclass(frozen=True, kw_only=True)
class Target:
    """Which part of the answer is explained; its score is the sum of those tokens' logits.

    Attributes:
        start: first answer token that counts.
        stop: one past the last one; None for the end of the answer.
    """

    start: int = 0
    stop: int | None = None

    def __post_init__(self) -> None:
        if self.start < 0 or (self.stop is not None and self.stop <= self.start):
            raise InputError(
                f"Answer tokens {self.start} to {self.stop} are no span: start must be 0 or more, stop after it."
            )

    @classmethod
    def answer(cls) -> "Target":
        """The whole answer: the sum of its tokens' logits, as in the original."""
        return cls()

    @classmethod
    def tokens(cls, start: int, stop: int) -> "Target":
        """The answer tokens start, ..., stop - 1."""
        return cls(start=start, stop=stop)

    def indices(self, length: int) -> range:
        """The answer token indices that count in an answer of `length` tokens.

        Raises:
            InputError: the span begins or ends past the answer.
        """
        stop = length if self.stop is None else self.stop
        if self.start >= length or stop > length:
            raise InputError(
                f"The answer has {length} tokens (0 to {length - 1}); the target asks for {self.start} to {stop - 1}."
            )
        return range(self.start, stop)


@dataclass(frozen=True, kw_only=True)
class ExplainRequest:
    """One question about one picture, complete enough to give the same numbers again.

    Attributes:
        image: digest of the decoded pixels (`core.images.Picture.digest`).
        prompt: what the person asks.
        model: fingerprint of the model (`core.checkpoints.ModelCard.fingerprint`).
        layers: decoder layers, ascending, without repeats.
        method: a name of `core.METHODS`.
        tap: "input" reads a layer's input, "output" its output (for comparison with the original).
        target: the part of the answer that is explained.
        num_samples: SmoothGrad samples.
        noise_std: standard deviation of the noise, in units of normalised pixel values (std near 1).
        seed: seed of the noise.
        max_new_tokens: longest answer that is generated.
        max_pixels: pixel budget of the image processor; None for the model's own.

    Raises:
        InputError, PromptError: a value is out of its range; the message says which and what is allowed.
    """

    image: str
    prompt: str
    model: str
    layers: tuple[int, ...]
    method: str = DEFAULT_METHOD
    tap: Tap = "input"
    target: Target = field(default_factory=Target)
    num_samples: int = 10
    noise_std: float = 0.15
    seed: int = 0
    max_new_tokens: int = 128
    max_pixels: int | None = None

    def __post_init__(self) -> None:
        check_prompt(self.prompt)
        check_method(self.method)
        if self.tap not in get_args(Tap):
            raise InputError(f"The tap must be 'input' or 'output', not {self.tap!r}.")
        _check_whole("The number of samples", self.num_samples, 1, MAX_SAMPLES)
        _check_whole("The longest answer, in tokens,", self.max_new_tokens, 1, MAX_NEW_TOKENS)
        _check_whole("The seed", self.seed, 0, 2**63 - 1)
        if self.max_pixels is not None:
            _check_whole("The pixel budget", self.max_pixels, 28 * 28 * 4, 28 * 28 * 16384)
        if not (isinstance(self.noise_std, (int, float)) and math.isfinite(self.noise_std) and self.noise_std >= 0):
            raise InputError(f"The noise must be a number of 0 or more, not {self.noise_std!r}.")
        if not self.layers or list(self.layers) != sorted(set(self.layers)) or self.layers[0] < 0:
            raise InputError("Choose at least one layer; layers are ascending, without repeats, from 0.")

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` reads it back."""
        return {**asdict(self), "layers": list(self.layers)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ExplainRequest":
        """The inverse of `to_dict`, validated like any other request."""
        return cls(**{**values, "layers": tuple(values["layers"]), "target": Target(**values["target"])})

    def for_layers(self, layers: tuple[int, ...]) -> "ExplainRequest":
        """The same question about other layers."""
        return replace(self, layers=layers)


@dataclass(frozen=True)
class Token:
    """One token of the answer.

    Attributes:
        id: vocabulary index.
        text: as it reads in the answer (a fragment of a character shows as U+FFFD).
        probability: the model's, when it chose the token.
        alternatives: the likeliest other tokens there, (text, probability), likeliest first.
    """

    id: int
    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the model said: the text and the tokens that are explained.

    `tokens` leaves out the end-of-turn token, unless the model said nothing else.
    """

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, eq=False)
class ExplainResult:
    """Raw heat for every layer asked for, over the visual grid of the picture.

    Attributes:
        request: what was asked.
        answer: what the model said.
        heat: float32 [layers, grid_h, grid_w], mean over the samples; not normalised, not enlarged.
        squared_deviation: float32, same shape, summed over the samples; with `num_samples` it makes
            the result mergeable with more samples.
        num_samples: samples that went into the mean (fewer than asked where a run was cancelled).
        total_layers: decoder layers of the model.
        timings: seconds by stage: "answer", "samples".
    """

    request: ExplainRequest
    answer: Answer
    heat: np.ndarray
    squared_deviation: np.ndarray
    num_samples: int
    total_layers: int
    timings: dict[str, float]

    def __post_init__(self) -> None:
        if self.heat.ndim != 3 or self.heat.shape != self.squared_deviation.shape:
            raise ValueError(f"heat {self.heat.shape} and deviation {self.squared_deviation.shape} do not fit")
        if len(self.heat) != len(self.request.layers):
            raise ValueError(f"{len(self.heat)} maps for {len(self.request.layers)} layers")
        for array in (self.heat, self.squared_deviation):
            array.setflags(write=False)

    @property
    def layers(self) -> tuple[int, ...]:
        """Decoder layers, in the order of `heat`."""
        return self.request.layers

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of visual tokens."""
        return self.heat.shape[1], self.heat.shape[2]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The answer's tokens."""
        return self.answer.tokens

    @property
    def stderr(self) -> np.ndarray:
        """Standard error of `heat` over the samples, float32, same shape.

        Zero without noise; NaN where there is noise but only one sample, since nothing is known then.
        """
        if self.request.noise_std == 0:
            return np.zeros_like(self.heat)
        if self.num_samples < 2:
            return np.full_like(self.heat, np.nan)
        return np.sqrt(self.squared_deviation / (self.num_samples * (self.num_samples - 1)))

    def at(self, layer: int) -> np.ndarray:
        """The heat of one decoder layer, [grid_h, grid_w].

        Raises:
            InputError: the layer is not among `layers`.
        """
        if layer not in self.layers:
            raise InputError(f"Layer {layer} was not asked for; this result holds {list(self.layers)}.")
        return self.heat[self.layers.index(layer)]


@dataclass(frozen=True)
class Progress:
    """How far a run has come; `partial` is the mean so far, once there is one.

    Attributes:
        stage: "answer" counts tokens, "samples" counts noise samples.
        done, total: of that stage; an answer may end before its total.
    """

    stage: Literal["answer", "samples"]
    done: int
    total: int
    partial: ExplainResult | None = None


def check_prompt(prompt: str) -> str:
    """Returns `prompt` if it can be asked.

    Raises:
        PromptError: it is empty or longer than `MAX_PROMPT_CHARACTERS`.
    """
    if not isinstance(prompt, str) or not prompt.strip():
        raise PromptError("The prompt is empty. Type a question about the picture.")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise PromptError(
            f"The prompt has {len(prompt):,} characters; at most {MAX_PROMPT_CHARACTERS:,} can be asked. Shorten it."
        )
    return prompt


def _check_whole(what: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{what} must be a whole number from {low:,} to {high:,}, not {value!r}.")
