"""Two models on one question: what a tuned model looks at otherwise than its base."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from core.engine.asked import Prompt
from core.engine.explainer import Explainer
from core.engine.run_options import OF_PICTURES, takes_run_options
from core.engine.several_answers import ANSWERING
from core.errors import InputError
from core.heatmap import Scale, difference
from core.inputs.pictures import GivenPicture
from core.schema import ExplainResult, Tap, Target
from core.schema.checks import check_choice, check_instance
from core.schema.methods import COMBINED
from core.schema.one_line import counted, one_line, quoted
from core.schema.words import Word

Whose = Literal["base", "tuned"]


@dataclass(frozen=True, eq=False)
class ModelComparison:
    """The same picture, prompt and sentence, explained by two models.

    Attributes:
        base, tuned: what each of them gave, with the tokens' probabilities by it.
        words: for each word of the sentence, where they were asked for, the result of the base and of the tuned model.
    """

    base: ExplainResult
    tuned: ExplainResult
    words: Mapping[Word, tuple[ExplainResult, ExplainResult]] = field(default_factory=dict)

    def __repr__(self) -> str:
        words = counted(len(self.words), "word") if self.words else ""
        return one_line(self, quoted(self.sentence), self.tuned.request.method, words)

    @property
    def sentence(self) -> str:
        """What both explain."""
        return self.tuned.answer.text

    def difference(self, layer: int | None = None, *, method: str | None = None, scale: Scale = "share") -> np.ndarray:
        """The tuned model's map less its base's, float64 [grid_h, grid_w], above and below zero.

        Args:
            layer: of both; None for the combined map, or for a method's only one.
            method: one that was asked for; None for the first one, or, without a layer, for the combined map.
            scale: "share", each map over its own mean, 1 being what a cell has where heat is spread evenly; or "raw".

        Raises:
            InputError: there is no such map.
        """
        if method is None:
            method = COMBINED if layer is None else self.tuned.request.method
        return _difference(self.base.of(method), self.tuned.of(method), layer, scale)

    def word_difference(self, word: Word, *, scale: Scale = "share") -> np.ndarray:
        """Likewise of one word's combined maps.

        Args:
            word: one of `words`.
            scale: as in `difference`.

        Raises:
            InputError: it is none of `words`.
        """
        if word not in self.words:
            raise InputError("This comparison holds no maps of that word. Compare with words=True.")
        return _difference(*self.words[word], None, scale)


@takes_run_options(OF_PICTURES)
def compare_models(
    base: Explainer,
    tuned: Explainer,
    image: GivenPicture | Sequence[GivenPicture] | None = None,
    prompt: Prompt = "",
    *,
    method: str | Iterable[str] | None = None,
    tap: Tap = "input",
    target: Target | str | None = None,
    answer_of: Whose = "tuned",
    words: bool = False,
    **options: Any,
) -> ModelComparison:
    """Explains one sentence by two models, so that their maps differ by the models alone.

    Args:
        base, tuned: a model and what became of it, such as the one with an adapter; both see the picture as one grid or
            as grids of their own.
        target: what of the sentence is explained; None for all of it. Its `sentence`, where it has one, is explained
            in place of what either model says.
        answer_of: whose answer is the sentence.
        words: whether each word is explained as well: one backward pass a word and model, without noise.
        The rest: as `Explainer.explain`.

    Returns:
        Both results, and where `words` are asked for, both results of each word.

    Raises: as `Explainer.explain`.
    """
    for explainer in (base, tuned):
        check_instance("A model to compare", explainer, Explainer, "an Explainer")
    check_instance("Whether to explain each word", words, bool, "true or false")
    check_choice("model whose answer is explained", answer_of, ("base", "tuned"))
    target = Target.of(target)
    if target.sentence is None:
        speaker = {"base": base, "tuned": tuned}[answer_of]
        said = speaker.answer(image, prompt, **{name: options[name] for name in ANSWERING if name in options})
        if not said.text.strip():
            raise InputError("The model answered nothing that could be explained. Give a sentence: Target.text(...).")
        target = replace(target, sentence=said.text)
    results = [each.explain(image, prompt, method=method, tap=tap, target=target, **options) for each in (base, tuned)]
    if not words:
        return ModelComparison(*results)
    plain = {name: value for name, value in options.items() if name not in ("num_samples", "noise_std", "seed")}
    by_word = [
        each.explain_words(image, prompt, sentence=target.sentence, score=target.score, **plain)
        for each in (base, tuned)
    ]
    return ModelComparison(
        *results, {word: (by_word[0][word], by_word[1][word]) for word in by_word[1] if word in by_word[0]}
    )


def _difference(base: ExplainResult, tuned: ExplainResult, layer: int | None, scale: Scale) -> np.ndarray:
    return difference(tuned.at(layer), base.at(layer), scale)[1]
