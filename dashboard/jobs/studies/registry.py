"""What can be asked about a finished run beyond it. No Streamlit here.

A study is a job like any other. What it finds is stored: maps as ordinary results, other numbers as
reports (`ResultStore.put_report`), so that it is computed once for everybody.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cache import ResultStore, look_up
from cache.keys import TRUST, report_key
from core import METHODS, Answer, ExplainRequest, ExplainResult, InputError
from core.evaluation.trust.report import Report
from core.schema import gather
from core.schema.methods import COMBINED, ONE_PASS_METHODS
from core.schema.run_requests import of_every_picture
from core.schema.words import Word, is_punctuation, said_words
from dashboard.jobs.compute_missing import compute_missing
from dashboard.jobs.studies.asking import report_study
from dashboard.jobs.studies.base import Study, StudyTools
from dashboard.jobs.studies.benchmark import BENCHMARKS
from dashboard.jobs.studies.interventions import RELIANCE_STUDY, is_what_if, what_if_study
from dashboard.jobs.studies.prompt_words import PROMPT_STUDIES
from dashboard.jobs.studies.readings import READINGS, reading_of

MOST_WORDS = 60
_OF_PICTURE = "-picture-"
SLOW_METHODS = tuple(name for name, method in METHODS.items() if method.own_passes)


def of_shown(run: ExplainResult, found: Sequence[ExplainResult]) -> list[ExplainResult]:
    """Those that are about the picture that a run's maps are of."""
    return [result for result in found if result.request.picture == run.request.picture]


def of_answer(result: ExplainResult | None, answer: Answer) -> ExplainResult | None:
    """The result if it explains this very answer; another device may have given another one to the same question."""
    return result if result is not None and result.answer.text == answer.text else None


def explained_words(result: ExplainResult) -> list[Word]:
    """The answer's words that have something to show, without punctuation."""
    return [word for word in said_words(result.answer) if not is_punctuation(word)]


def word_requests(run: ExplainResult) -> list[ExplainRequest]:
    """The combined map of each of the answer's first sixty words, without noise."""
    # Without noise: as many samples as the run has would take as many times as long.
    base = replace(run.request.with_method(COMBINED, ()), noise_std=0.0, num_samples=1, seed=0)
    return [base.for_word(word) for word in explained_words(run)[:MOST_WORDS]]


def method_requests(run: ExplainResult, names: tuple[str, ...]) -> list[ExplainRequest]:
    """The run's question by other methods, at the run's layers or, where it has none, at all of them.

    Of a run about the vision tower, by those that can be read there, or have one map in all.
    """
    layers, part = run.layers or tuple(range(run.total_layers)), run.request.part
    able = [name for name in names if part == "decoder" or METHODS[name].has_tap or not METHODS[name].per_layer]
    return [run.request.with_method(name, layers) for name in able]


def _maps(requests: Callable[[ExplainResult], list[ExplainRequest]], *, of_methods: bool, **words: str) -> Study:
    """A study whose findings are a list of results, one a request and picture, computed in one pass."""

    def asked(run: ExplainResult) -> list[ExplainRequest]:
        return of_every_picture(requests(run))

    def read(run: ExplainResult, results: ResultStore) -> list[ExplainResult] | None:
        found = [of_answer(results.get(request, counted=False), run.answer) for request in asked(run)]
        return None if any(one is None for one in found) else found

    def compute(tools: StudyTools) -> list[ExplainResult]:
        coverage = look_up(tools.results, asked(tools.run), tools.run.answer)
        if not coverage.missing:
            return coverage.complete([])
        return coverage.complete(compute_missing(coverage, tools.pictures, tools.explainer(), tools.on_progress))

    def save(found: list[ExplainResult], run: ExplainResult, results: ResultStore) -> None:
        # Companions are told apart by their method, which words have in common.
        for result in [gather(found)] if of_methods else found:
            results.put(result)

    return Study(read=read, compute=compute, save=save, **words)


STUDIES: dict[str, Study] = {
    "words": _maps(
        word_requests,
        of_methods=False,
        verb="Map every word",
        doing="Mapping every word",
        cost="One pass forward without noise, and one backward for each word: about as long as a run of a few "
        "noise samples.",
    ),
    "methods": _maps(
        lambda run: method_requests(run, ONE_PASS_METHODS),
        of_methods=True,
        verb="Compare all methods",
        doing="Computing all methods",
        cost="All of them together take about twice as long as this run did, with its noise samples.",
    ),
    **{
        name: _maps(
            lambda run, name=name: method_requests(run, (name,)),
            of_methods=True,
            verb=f"Add {METHODS[name].title.lower()}",
            doing=f"Computing {METHODS[name].title.lower()}",
            cost=f"{METHODS[name].title} takes many passes of its own for every noise sample of this run.",
        )
        for name in SLOW_METHODS
    },
    **BENCHMARKS,
    **RELIANCE_STUDY,
    **PROMPT_STUDIES,
}
"""Name -> study; the name is part of the job's id."""


def trust_name(layer: int | None, picture: int = 0) -> str:
    """The name of the study of how far a map can be trusted: of a layer's, or with None of the combined or only one.

    Args:
        picture: of those of the prompt.
    """
    name = "trust" if layer is None else f"trust-{layer}"
    return f"{name}{_OF_PICTURE}{picture + 1}" if picture else name


def kind_of(name: str) -> str:
    """What a study does, whichever map it is about: what one has taken is expected of others of its kind."""
    if is_what_if(name):
        return "what-if"
    return "trust" if _is_trust(name) else reading_of(name) or name


def subject_of(name: str) -> tuple[int | None, int] | None:
    """The layer and the picture of the map that a study is about, as of `trust_name`; None for one of a whole run."""
    if not _is_trust(name):
        return None
    map_name, _, picture = name.partition(_OF_PICTURE)
    _, _, layer = map_name.partition("-")
    return int(layer) if layer else None, int(picture) - 1 if picture else 0


def check_study(name: str, run: ExplainResult) -> None:
    """Refuses a study that knows nothing of time, where a run is about a video.

    Raises:
        InputError: a sentence that says so.
    """
    if run.request.is_video and not knows_time(name):
        raise InputError("This can be asked about pictures, and not yet about a video. Ask about one of its frames.")


def knows_time(name: str) -> bool:
    """Whether a study can be asked about a run about a video: maps, and what is about the model alone."""
    return name in ("words", "methods", *SLOW_METHODS, *BENCHMARKS)


def _is_trust(name: str) -> bool:
    return name not in STUDIES and name.partition("-")[0] == "trust"


def find_study(name: str) -> Study:
    """The study of that name: one of `STUDIES`, or one that `trust_name`, `what_if_name` or `reading_name` names."""
    if name in STUDIES:
        return STUDIES[name]
    if is_what_if(name):
        return what_if_study(name)
    if reading := reading_of(name):
        return READINGS[reading]
    layer, _ = subject_of(name) or (None, 0)  # the run says which picture is meant
    return _trust(layer)


def _trust(layer: int | None) -> Study:
    """A study whose findings are the `Report` about one map."""

    def subject(run: ExplainResult) -> ExplainResult:
        return run.of(COMBINED) if layer is None and run.layers else run

    def request(run: ExplainResult) -> ExplainRequest:
        return subject(run).request.for_layers(() if layer is None else (layer,))

    def key(run: ExplainResult) -> str:
        return report_key(TRUST, request(run))

    def asked(tools: StudyTools) -> tuple[Any, ...]:
        from core.evaluation.trust.assess import assess  # brings torch, which pages do without

        return assess, tools.pictures, subject(tools.run), layer

    return report_study(
        key,
        Report.from_dict,
        asked,
        verb="Measure how far this map can be trusted",
        doing="Measuring how far this map can be trusted",
        cost="Takes the picture apart, scrambles the model, the answer and the picture, and compares halves of the "
        "noise samples: some 700 passes forward.",
        tells_steps=True,
    )
