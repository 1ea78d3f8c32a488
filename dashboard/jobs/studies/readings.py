"""What is read of a run's model beside its maps: the attention of single heads, and the logit lens.

No Streamlit here, and no torch before something is computed. What the heads of an answer look at, and what cells would
say, is stored by what decides it, so that runs by other methods, layers and noise share it.
"""

from typing import Any

from cache import ResultStore
from cache.keys import HEADS, LENS
from cache.results.arrays import get_layers, get_shared, put_reading
from core import ExplainResult, HeadMaps, LogitLens
from core.analysis.similarity import agreement
from core.schema.methods import COMBINED
from core.schema.readings.head_maps import heads_request
from core.schema.readings.logit_lens import lens_request
from dashboard.jobs.studies.asking import UNREADABLE, asked_once
from dashboard.jobs.studies.base import Study, StudyTools


def _read_heads(run: ExplainResult, results: ResultStore) -> HeadMaps | None:
    request = heads_request(run.request)
    try:
        reference = run.of(COMBINED).at()
        shared = get_shared(results, HEADS, request)
        if shared is None or shared["answer"] != run.answer.text:
            return None
        layers = tuple(shared["layers"])
        found = get_layers(results, HEADS, request, layers, ("heat", "picture_share", "sink_share"))
        if found is None:
            return None
        return HeadMaps(
            request=request.for_layers(layers),
            answer=run.answer,
            agreement=agreement(found["heat"], reference),
            total_layers=int(shared["total_layers"]),
            **found,
        )
    except UNREADABLE:
        return None


def _asked_for_heads(tools: StudyTools) -> tuple[Any, ...]:
    from core.methods.heads import read_heads  # brings torch, which pages do without

    return read_heads, tools.pictures, tools.run.of(COMBINED), None


def _save_heads(maps: HeadMaps, run: ExplainResult, results: ResultStore) -> None:
    shared = {"answer": maps.answer.text, "layers": list(maps.layers), "total_layers": maps.total_layers}
    put_reading(results, HEADS, maps.request, shared, maps.each_layer())


def _read_lens(run: ExplainResult, results: ResultStore) -> LogitLens | None:
    request = lens_request(run.request)
    try:
        shared = get_shared(results, LENS, request)
        if shared is None:
            return None
        layers = tuple(shared["layers"])
        found = get_layers(results, LENS, request, layers, ("ids", "probabilities"))
        if found is None:
            return None
        return LogitLens(
            request=request.for_layers(layers),
            texts={int(token): str(text) for token, text in shared["texts"].items()},
            total_layers=int(shared["total_layers"]),
            **found,
        )
    except UNREADABLE:
        return None


def _asked_for_lens(tools: StudyTools) -> tuple[Any, ...]:
    from core.inference.logit_lens import read_lens  # brings torch, which pages do without

    return read_lens, tools.pictures, tools.run.request, None, None


def _save_lens(lens: LogitLens, run: ExplainResult, results: ResultStore) -> None:
    texts = {str(token): text for token, text in lens.texts.items()}
    shared = {"layers": list(lens.layers), "total_layers": lens.total_layers, "texts": texts}
    put_reading(results, LENS, lens.request, shared, lens.each_layer())


READINGS: dict[str, Study] = {
    HEADS: Study(
        verb="Read single heads",
        doing="Reading the attention of every head",
        cost="One pass forward without noise: less than one noise sample of the run.",
        read=_read_heads,
        compute=asked_once(_read_heads, _asked_for_heads),
        save=_save_heads,
        tells_steps=True,
    ),
    LENS: Study(
        verb="Ask every cell at every layer",
        doing="Asking every cell at every layer",
        cost="One pass forward without noise, and the output head for every cell after every layer: seconds on a GPU, "
        "minutes for a large model on a CPU.",
        read=_read_lens,
        compute=asked_once(_read_lens, _asked_for_lens),
        save=_save_lens,
        tells_steps=True,
    ),
}
"""Kind -> study, whose findings are a `HeadMaps` or a `LogitLens` of one picture."""

_OF_PICTURE = "-picture-"


def reading_name(kind: str, picture: int = 0) -> str:
    """The name of a study of `READINGS` about one of the prompt's pictures, counted from 0."""
    return f"{kind}{_OF_PICTURE}{picture + 1}" if picture else kind


def reading_of(name: str) -> str | None:
    """The kind of a study of `reading_name`; None of another."""
    kind, _, picture = name.partition(_OF_PICTURE)
    return kind if kind in READINGS and (not picture or picture.isdecimal()) else None
