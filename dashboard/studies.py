"""What can be asked about a finished run beyond it: further maps, each stored as a result of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core import METHODS, ExplainRequest, ExplainResult
from core.methods import COMBINED, ONE_PASS_METHODS
from core.words import Word, is_punctuation, words_of

MOST_WORDS = 60


@dataclass(frozen=True)
class Study:
    """A kind of question about a finished run.

    Attributes:
        requests: the run's result -> (caption, request) of every map; all of one pass.
        verb: the words of the button that begins it.
        cost: what it takes, for people.
    """

    requests: Callable[[ExplainResult], list[tuple[str, ExplainRequest]]]
    verb: str
    cost: str


def whole_run(request: ExplainRequest) -> list[ExplainRequest]:
    """What a run consists of: its own method, and the combined map beside it."""
    combined = request.with_method(COMBINED, ())
    return [request] if combined == request else [request, combined]


def explained_words(result: ExplainResult) -> list[Word]:
    """The answer's words that get a map: without punctuation, the first sixty."""
    return [word for word in words_of(result.answer) if not is_punctuation(word)][:MOST_WORDS]


def _words(result: ExplainResult) -> list[tuple[str, ExplainRequest]]:
    # Without noise: as many samples as the run has would take as many times as long.
    base = replace(result.request.with_method(COMBINED, ()), noise_std=0.0, num_samples=1, seed=0)
    return [(word.text, base.for_word(word)) for word in explained_words(result)]


def _methods(names: tuple[str, ...]) -> Callable[[ExplainResult], list[tuple[str, ExplainRequest]]]:
    def requests(result: ExplainResult) -> list[tuple[str, ExplainRequest]]:
        layers = result.layers or tuple(range(result.total_layers))
        return [(METHODS[name].title, result.request.with_method(name, layers)) for name in names]

    return requests


STUDIES: dict[str, Study] = {
    "words": Study(
        _words,
        "Map every word",
        "One forward pass without noise, and a backward pass through half of the layers a word.",
    ),
    "methods": Study(_methods(ONE_PASS_METHODS), "Compare all methods", "All of them together cost about two runs."),
    "slow": Study(
        _methods(tuple(name for name, method in METHODS.items() if method.own_passes)),
        "Add occlusion and integrated gradients",
        "A forward pass for each cell of the picture and each noise sample: this can take long.",
    ),
}
