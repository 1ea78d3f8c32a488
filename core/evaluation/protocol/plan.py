"""What is measured on a data set, and under which name its results are kept."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import InputError
from core.schema.checks import check_choice, check_whole
from core.schema.layers import select_layers
from core.schema.limits import MAX_SAMPLES, check_answering
from core.schema.methods import METHODS, ONE_PASS_METHODS, check_method
from core.schema.target import DEFAULT_SCORE, SCORES, Score

VERSION = 1
"""Raised when the same plan gives other numbers: what was begun before is then measured anew."""
FILLS = ("mean", "blur")
USUAL = "usual"
MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is measured.

    Attributes:
        methods: names of `core.METHODS`; those of one pass cost about what one of them costs.
        layers: of methods with a map for each layer: as of `core.schema.layers.select_layers`; "half" for the one at
            half the depth, chosen without a look at the data.
        num_samples, noise_std, seed: SmoothGrad's noise samples; none by default, as in the built-in evaluation.
        score: what is summed over the explained tokens.
        max_new_tokens: longest answer.
        max_pixels: pixel budget of each picture; `USUAL` for what pages and the command line take, see
            `core.models.visual_token_count.usual_max_pixels`; None for the model's own limits.
        taken_apart: answers whose objects are also measured by deletion and insertion: forward passes of their own.
        steps: of these curves, beside the whole picture.
        fill: what stands in the place of removed pixels, a name of `core.evaluation.trust.baselines.BASELINES`.
        words: words without an object that are explained for each answer, for TAM's func-IoU; 0 for none.
    """

    methods: tuple[str, ...] = ONE_PASS_METHODS
    layers: str | tuple[int, ...] = "half"
    num_samples: int = 1
    noise_std: float = 0.0
    seed: int = 0
    score: Score = DEFAULT_SCORE
    max_new_tokens: int = 128
    max_pixels: int | str | None = USUAL
    taken_apart: int = 40
    steps: int = 10
    fill: str = "mean"
    words: int = 8

    def __post_init__(self) -> None:
        if not self.methods:
            raise InputError(f"No method was chosen. Choose one or more of: {', '.join(METHODS)}.")
        for name in self.methods:
            check_method(name)
        check_whole("The number of samples", self.num_samples, 1, MAX_SAMPLES)
        check_choice("score", self.score, SCORES)
        check_answering(self.max_new_tokens, None if self.max_pixels == USUAL else self.max_pixels, True)
        check_whole("The number of answers to take apart", self.taken_apart, 0)
        check_whole("The number of steps", self.steps, 1, MOST_STEPS)
        check_choice("fill", self.fill, FILLS)
        check_whole("The number of words without an object", self.words, 0)

    def for_depth(self, total: int) -> "Plan":
        """The same with its layers in numbers and each method once, for a model of so many layers.

        Raises:
            InputError: there is no such layer.
        """
        layers = (total // 2,) if self.layers == "half" else select_layers(self.layers, total)
        return replace(self, layers=layers, methods=tuple(dict.fromkeys(self.methods)))

    def key(self, data: str, model: str) -> str:
        """Names what is measured: the digest of a data set, a model's fingerprint and this plan; 32 hex digits."""
        named = json.dumps([VERSION, data, model, asdict(self)], sort_keys=True)
        return hashlib.sha256(named.encode()).hexdigest()[:32]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return json.loads(json.dumps(asdict(self)))
