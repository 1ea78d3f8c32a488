"""What is asked: everything that changes the numbers and nothing that does not, so that it can name a stored result."""

import re
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from core.errors import InputError, shown
from core.schema.checks import check_choice, check_instance, check_whole, known_fields
from core.schema.conversation import Conversation, check_conversation, pictures_before, turns_of
from core.schema.drawn_answers import TokenSampling, check_token_sampling
from core.schema.limits import (
    MAX_FRAMES,
    MAX_PICTURES,
    MAX_SAMPLES,
    MOST_LAYERS,
    check_answering,
    check_name,
    check_noise,
    check_prompt,
)
from core.schema.methods import DEFAULT_METHOD, METHODS, check_method
from core.schema.model_parts import Part, check_part
from core.schema.one_line import request_line
from core.schema.target import Target
from core.schema.words import Word

Tap = Literal["input", "output"]

IMPORTED = "Imported: computed elsewhere; the numbers cannot be checked here."
"""What is said of a run whose request has an origin, wherever it is shown or taken away."""

_ORIGIN = re.compile(r"(?:[0-9a-f]{64})?")

FORMULAS = 1, 2
"""Of the combined map, the first and the latest; 1 weighs attention by nothing, 2 by the norm of the values."""
_SINCE = {
    **{"images": (), "picture": 0, "picture_first": True, "part": "decoder", "origin": ""},
    **{"formula": FORMULAS[0], "frames": 0, "temperature": 0, "top_p": 1, "answer_seed": 0, "conversation": ()},
}
"""Fields that came after results were stored: left out of `to_dict` where they say nothing new, so that names stay."""


@dataclass(frozen=True, kw_only=True)
class ExplainRequest:
    """One question about one picture or one video, complete enough to give the same numbers again.

    Attributes:
        image: digest of the decoded pixels (`core.inputs.pictures.Picture.digest`), or of a video's sampled frames and
            their times.
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
        origin: "" for what is computed here; of what was imported, the digest of the numbers that came with it
            (`cache.results.provenance`). As a part of the request it is a part of every name that is made of it, so
            that what was imported, and what follows from it, answers no question of one's own.
        formula: of the combined map that the request is for, or that goes with it; one of `FORMULAS`. What was stored
            before there was a second one is of the first (`from_dict`), and stays so.
        frames: of a video, how many frames were sampled; 0 where the question is about a picture.
        temperature, top_p, answer_seed: how the answer is drawn, see `core.schema.drawn_answers.TokenSampling`; at a
            temperature of 0 it is the likeliest token each time. Where nothing is drawn, they are as if not given.
        conversation: what was said before the question; see `core.schema.conversation.Turn`. Pictures beyond its own
            stand beside the question. Where none does, `picture_first` says nothing and is true.

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
    origin: str = ""
    formula: int = FORMULAS[-1]
    frames: int = 0
    temperature: float = 0.0
    top_p: float = 1.0
    answer_seed: int = 0
    conversation: Conversation = ()

    def __post_init__(self) -> None:
        check_prompt(self.prompt)
        check_name("The model's fingerprint", self.model)
        self._check_pictures()
        check_method(self.method)
        check_choice("tap", self.tap, get_args(Tap))
        check_instance("The target", self.target, Target, "a Target")
        check_whole("The number of samples", self.num_samples, 1, MAX_SAMPLES)
        check_answering(self.max_new_tokens, self.max_pixels, self.picture_first)
        check_whole("The seed", self.seed, 0, 2**63 - 1)
        check_noise(self.noise_std)
        check_part(self.part)
        if not isinstance(self.origin, str) or not _ORIGIN.fullmatch(self.origin):
            raise InputError("Where the numbers come from must be empty, or a digest of 64 hexadecimal digits.")
        check_whole("The formula of the combined map", self.formula, *FORMULAS)
        check_token_sampling(self.temperature, self.top_p, self.answer_seed)
        if not self.temperature or self.target.sentence is not None:
            # What changes nothing is part of no name: the question is the same with another seed.
            vars(self).update(temperature=0.0, top_p=1.0, answer_seed=0)
        self._check_layers()
        count = len(self.all_images)
        if check_conversation(self.conversation, count) and pictures_before(self.conversation) == count:
            object.__setattr__(self, "picture_first", True)  # nothing stands beside the question: one key for both

    def __repr__(self) -> str:
        return request_line(self)

    def _check_layers(self) -> None:
        layers, method = self.layers, METHODS[self.method]
        check_instance("The layers of a request", layers, tuple, "a tuple of layers")
        if len(layers) > MOST_LAYERS or any(type(layer) is not int for layer in layers):
            raise InputError(f"Layers are at most {MOST_LAYERS:,} whole numbers, not {shown(layers)}.")
        if not method.per_layer and layers:
            raise InputError(f"{method.title} gives one map, not one for each layer. Leave the layers out.")
        if self.part == "tower" and not method.has_tap:
            able = ", ".join(name for name, each in METHODS.items() if each.has_tap)
            raise InputError(f"{method.title} reads the decoder, not the vision tower, which has maps by: {able}.")
        if self.tap == "output" and not method.has_tap:
            raise InputError(f"{method.title} has no output tap. Choose the input tap.")
        if method.per_layer and (not layers or list(layers) != sorted(set(layers)) or layers[0] < 0):
            raise InputError("Choose at least one layer; layers are ascending, without repeats, from 0.")

    def _check_pictures(self) -> None:
        check_instance("The pictures of a request", self.images, tuple, "a tuple of digests")
        for image in (self.image, *self.images[: MAX_PICTURES + 1]):
            check_name("The picture's digest", image)
        check_whole("The number of a video's frames", self.frames, 0, MAX_FRAMES)
        if self.is_video and self.images:
            raise InputError("A prompt holds one video, or pictures, not both. Ask about each on its own.")
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
        # Field by field: `asdict` copies each layer of each map, which is most of what naming a stored run takes.
        values = {name: getattr(self, name) for name in _NAMES}
        values |= {"layers": list(self.layers), "images": list(self.images), "target": dict(vars(self.target))}
        for name, unset in _SINCE.items():
            if getattr(self, name) == unset:
                del values[name]
        if self.conversation:
            values["conversation"] = [turn.to_dict() for turn in self.conversation]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ExplainRequest":
        """The inverse of `to_dict`, validated like any other request.

        Args:
            values: what `to_dict` gave, also after a round through JSON, or what an earlier version wrote.

        Raises:
            InputError: it is not what `to_dict` writes, or a value is out of its range.
        """
        target = known_fields(Target, "a target", values.get("target") if isinstance(values, dict) else None)
        given = {"formula": FORMULAS[0]} | known_fields(cls, "a request", values) | {"target": Target(**target)}
        for name in ("layers", "images"):
            check_instance(f"The {name} of a request", given.get(name, []), list | tuple, "a list")
            given[name] = tuple(given.get(name, ()))
        return cls(**given | {"conversation": turns_of(given.get("conversation", ()))})

    @property
    def sampling(self) -> TokenSampling | None:
        """How the answer is drawn; None where each token is the likeliest one."""
        return TokenSampling(self.temperature, self.top_p, self.answer_seed) if self.temperature else None

    @property
    def is_video(self) -> bool:
        """Whether the question is about a video; its maps have a time axis then."""
        return self.frames > 0

    @property
    def all_images(self) -> tuple[str, ...]:
        """Digests of all pictures of the prompt, in the order in which the model reads them."""
        return self.images or (self.image,)

    def of_picture(self, number: int) -> "ExplainRequest":
        """The same question about another picture of the prompt.

        Args:
            number: of the picture, from 0, in the order of `all_images`.

        Raises:
            InputError: the prompt has no picture of that number, counted from 0.
        """
        check_whole("The number of the picture", number, 0, len(self.all_images) - 1)
        return self if number == self.picture else replace(self, picture=number, image=self.all_images[number])

    def for_layers(self, layers: tuple[int, ...]) -> "ExplainRequest":
        """The same question about other layers.

        Args:
            layers: ascending, without repeats.

        Raises:
            InputError: they are no layers, or the method has one map in all.
        """
        return replace(self, layers=layers)

    def own(self) -> "ExplainRequest":
        """The same question as one's own, which nothing that was imported answers."""
        return replace(self, origin="") if self.origin else self

    def for_word(self, word: Word) -> "ExplainRequest":
        """The same question about one word of the same answer.

        Args:
            word: of `core.schema.words.words_of`.

        Raises:
            InputError: it is no word.
        """
        check_instance("The word", word, Word, "a Word")
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

    @property
    def heat_unit(self) -> str:
        """The unit of its maps' heat."""
        method = METHODS[self.method]
        return (self.formula == FORMULAS[0] and method.former_unit) or method.heat_unit

    def with_method(self, method: str, layers: tuple[int, ...]) -> "ExplainRequest":
        """The same question by another method, at the same tap where that has one.

        Args:
            method: a name of `METHODS`.
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


_NAMES = tuple(each.name for each in fields(ExplainRequest))
