"""What is asked: everything that changes the numbers and nothing that does not, so that it can name a stored result."""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from core.errors import InputError, PromptError
from core.schema.checks import check_whole
from core.schema.methods import DEFAULT_METHOD, METHODS, check_method
from core.schema.model_parts import Part, check_part
from core.schema.target import Target
from core.schema.words import Word

Tap = Literal["input", "output"]

MAX_SAMPLES = 1_000
MAX_NEW_TOKENS = 1_024
MAX_PROMPT_CHARACTERS = 20_000
MAX_PICTURES = 8

_SINCE = {"images": (), "picture": 0, "picture_first": True, "part": "decoder"}
"""Fields that came after results were stored: left out of `to_dict` where they say nothing new, so that the
names of what was stored before stay the same."""


@dataclass(frozen=True, kw_only=True)
class ExplainRequest:
    """One question about one picture, complete enough to give the same numbers again.

    Attributes:
        image: digest of the decoded pixels (`core.inputs.pictures.Picture.digest`).
        prompt: what the person asks.
        model: fingerprint of the model (`core.models.checkpoints.ModelCard.fingerprint`).
        layers: decoder layers, or blocks of the vision tower, ascending, without repeats; () for a method with
            one map in all.
        method: a name of `core.METHODS`.
        tap: "input" reads a layer's input, "output" its output (for comparison with the original; only
            where the method has a tap).
        target: the part of the answer that is explained.
        num_samples: SmoothGrad samples.
        noise_std: standard deviation of the noise, in units of normalised pixel values (std near 1).
        seed: seed of the noise.
        max_new_tokens: longest answer that is generated.
        max_pixels: pixel budget of the image processor; None for the model's own.
        images: digests of all pictures of the prompt, in the order in which the model reads them, where there
            are several; () where `image` is the only one.
        picture: which of them the map is of; `image` is its digest.
        picture_first: whether the pictures stand before the prompt or after it. After it, the picture's own
            activations know the question.
        part: what the layers are of: the decoder, or the vision tower, whose maps have a cell for each patch.
            The tower's blocks are read by methods with a tap.

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
    images: tuple[str, ...] = ()
    picture: int = 0
    picture_first: bool = True
    part: Part = "decoder"

    def __post_init__(self) -> None:
        check_prompt(self.prompt)
        self._check_pictures()
        check_method(self.method)
        if self.tap not in get_args(Tap):
            raise InputError(f"The tap must be 'input' or 'output', not {self.tap!r}.")
        check_whole("The number of samples", self.num_samples, 1, MAX_SAMPLES)
        check_whole("The longest answer, in tokens,", self.max_new_tokens, 1, MAX_NEW_TOKENS)
        check_whole("The seed", self.seed, 0, 2**63 - 1)
        if self.max_pixels is not None:
            check_whole("The pixel budget", self.max_pixels, 28 * 28 * 4, 28 * 28 * 16384)
        if not (isinstance(self.noise_std, (int, float)) and math.isfinite(self.noise_std) and self.noise_std >= 0):
            raise InputError(f"The noise must be a number of 0 or more, not {self.noise_std!r}.")
        method = METHODS[self.method]
        if not method.per_layer and self.layers:
            raise InputError(f"{method.title} gives one map, not one for each layer. Leave the layers out.")
        check_part(self.part)
        if self.part == "tower" and not method.has_tap:
            able = ", ".join(name for name, each in METHODS.items() if each.has_tap)
            raise InputError(f"{method.title} reads the decoder, not the vision tower, which has maps by: {able}.")
        if self.tap == "output" and not method.has_tap:
            raise InputError(f"{method.title} has no output tap. Choose the input tap.")
        if method.per_layer and (
            not self.layers or list(self.layers) != sorted(set(self.layers)) or self.layers[0] < 0
        ):
            raise InputError("Choose at least one layer; layers are ascending, without repeats, from 0.")

    def _check_pictures(self) -> None:
        if type(self.picture_first) is not bool:
            raise InputError(f"Whether the picture comes first must be true or false, not {self.picture_first!r}.")
        if not self.images:
            check_whole("The number of the picture", self.picture, 0, 0)
            return
        if not 2 <= len(self.images) <= MAX_PICTURES:
            raise InputError(f"A prompt can hold 1 to {MAX_PICTURES} pictures, not {len(self.images)}.")
        check_whole("The number of the picture", self.picture, 0, len(self.images) - 1)
        if self.images[self.picture] != self.image:
            raise InputError("The picture that the map is of is not the one of that number in the prompt.")

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` reads it back."""
        values = {**asdict(self), "layers": list(self.layers), "images": list(self.images)}
        for name, unset in _SINCE.items():
            if getattr(self, name) == unset:
                del values[name]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ExplainRequest":
        """The inverse of `to_dict`, validated like any other request."""
        sequences = {name: tuple(values.get(name, ())) for name in ("layers", "images")}
        return cls(**{**values, **sequences, "target": Target(**values["target"])})

    @property
    def all_images(self) -> tuple[str, ...]:
        """Digests of all pictures of the prompt, in the order in which the model reads them."""
        return self.images or (self.image,)

    def of_picture(self, number: int) -> "ExplainRequest":
        """The same question about another picture of the prompt."""
        return replace(self, picture=number, image=self.all_images[number])

    def for_layers(self, layers: tuple[int, ...]) -> "ExplainRequest":
        """The same question about other layers."""
        return replace(self, layers=layers)

    def for_word(self, word: Word) -> "ExplainRequest":
        """The same question about one word of the same answer."""
        target = Target.tokens(word.start, word.stop, score=self.target.score, sentence=self.target.sentence)
        return replace(self, target=target)

    def shared(self) -> "ExplainRequest":
        """What requests of one pass have in common, by the default method, the whole answer, the first picture."""
        return replace(
            self.of_picture(0),
            method=DEFAULT_METHOD,
            layers=(0,),
            tap="input",
            part="decoder",
            target=Target.answer(sentence=self.target.sentence),
        )

    @property
    def maps(self) -> tuple[int | None, ...]:
        """What each map of the result is of: its layer, or None where there is one map in all."""
        return self.layers or (None,)

    def with_method(self, method: str, layers: tuple[int, ...]) -> "ExplainRequest":
        """The same question by another method, at the same tap where that has one.

        Args:
            layers: used if the method has a map for each layer; of the same part of the model.

        Raises:
            InputError: the request is about the vision tower, and the method reads layers of the decoder.
        """
        check_method(method)
        return replace(
            self,
            method=method,
            layers=layers if METHODS[method].per_layer else (),
            tap=self.tap if METHODS[method].has_tap else "input",
            part=self.part if METHODS[method].per_layer else "decoder",
        )


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
