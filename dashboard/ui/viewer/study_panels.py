"""Further maps of a finished run: word by word, and method by method."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core import METHODS, ExplainError, ExplainResult
from core.rendering import encoding
from core.schema.model_parts import PARTS
from core.schema.words import Word
from dashboard.charts.base import heat_figure
from dashboard.formatting import literal, short
from dashboard.jobs.question import study_id
from dashboard.jobs.studies.registry import MOST_WORDS, SLOW_METHODS, explained_words, find_study, of_shown
from dashboard.loaded_run import LoadedRun
from dashboard.services import submit, waiting
from dashboard.services.ask import ask_about
from dashboard.services.open import findings
from dashboard.session import clicks
from dashboard.session.keys import ViewKey
from dashboard.ui import images
from dashboard.ui.progress.progress import progress_panel
from dashboard.ui.viewer import marks
from dashboard.ui.viewer.view import View

WORD_TILE = 128
METHOD_TILE = 190
"""Longer side, in pixels, of a map among words and among methods."""


def words_panel(run: LoadedRun, view: View) -> None:
    """The word-by-word strip; one word can be looked at closely."""
    words = explained_words(run.result)
    if not words:
        st.info("The answer has no words to map.")
        return
    results = found(run, "words")
    if results is None:
        return
    st.caption(
        "The combined map of each word of the answer, without noise, each on its own colour scale. A word such as "
        '"the" says nothing about the picture: its map shows what the model had in mind when it said it.'
    )
    results = of_shown(run.result, results)
    if len(words) > len(results):
        st.caption(f"The first {MOST_WORDS} of {len(words)} words.")
    small = images.small(run, WORD_TILE)
    width = images.picture_width(run.chosen.picture.size, WORD_TILE, WORD_TILE)
    with st.container(horizontal=True, key="word-strip"):
        for number, (word, result) in enumerate(zip(words, results, strict=False), 1):
            with st.container(width=width, gap="small"):
                tile = encoding.encode(marks.view_of_words(view, result).draw(small, result))
                st.image(tile, width=width, alt=f"Heat of word {number} of the answer")
                st.text(word.text)
    labels = [literal(f"{number}: {short(word.text, 24)}") for number, word in enumerate(words[: len(results)], 1)]
    picked = st.pills(
        "Look at one word",
        range(len(labels)),
        format_func=labels.__getitem__,
        default=0,
        required=True,
        key=ViewKey.WORD,
        bind="query-params",
    )
    _word(run, view, results[picked or 0], words[picked or 0])


def _word(run: LoadedRun, view: View, result: ExplainResult, word: Word) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.text(f"Where \u201c{word.text}\u201d comes from")
        st.image(
            encoding.encode(marks.view_of_words(view, result).draw(images.preview(run), result)),
            width=images.picture_width(run.chosen.picture.size),
            alt="Heat of the chosen word over the picture",
        )
    with right:
        st.markdown("**Raw heat** of the word")
        st.plotly_chart(
            heat_figure(result, None, view.colormap),
            key="word-chart",
            config={"displaylogo": False},
            alt="Raw heat of the chosen word, one cell a visual token",
        )
        asked = st.button(
            "Ask for this word at every layer",
            key="word-ask",
            icon=":material/layers:",
            on_click=ask_about,
            args=(run, run.request.for_word(word).target),
            help="Asks the run's question again and explains this word alone, by the run's own method.",
        )
        if asked:
            st.rerun()  # the new run is shown outside of this fragment


def methods_panel(run: LoadedRun, view: View) -> None:
    """The same question by every method, side by side."""
    results = found(run, "methods")
    if results is None:
        return
    named = {result.request.method: result for result in of_shown(run.result, results)}
    layer, words = view.layer if view.layer is not None else _best_layer(named), PARTS[run.request.part]
    st.caption(
        f"Methods with a map for each {words.one} at {words.one} {layer}, the others with their only map; each on its "
        "own colour scale. Recommended ones first; the last one is a diagnostic, no explanation."
    )
    _tiles(run, view, named, layer)
    st.markdown("**Slow references**")
    for name in SLOW_METHODS:
        slow = found(run, name)
        if slow is not None:
            _tiles(run, view, {name: of_shown(run.result, slow)[0]}, None)


def _tiles(run: LoadedRun, view: View, results: dict[str, ExplainResult], layer: int | None) -> None:
    small, view = images.small(run, METHOD_TILE), replace(view, maximum=None)  # methods differ in their units
    width = images.picture_width(run.chosen.picture.size, METHOD_TILE, METHOD_TILE)
    with st.container(horizontal=True):
        for name, result in results.items():
            tile = encoding.encode(view.draw(small, result, layer if result.layers else None))
            st.image(tile, width=width, caption=METHODS[name].title, alt=f"Heat by the method {METHODS[name].title}")


def _best_layer(results: dict[str, ExplainResult]) -> int:
    by_layer = next(result for name, result in results.items() if METHODS[name].per_layer)
    return by_layer.recommended_layer


def found(run: LoadedRun, study: str) -> Any:
    """What a study found; None while it has not, with a button or the progress in its place."""
    results = findings(run, study)
    if results is not None:
        return results
    name = study_id(run.id, study)
    job = waiting.watch(name)
    if job is not None and job.is_active:
        progress_panel(name)
        return None
    if job is not None and job.problem:
        st.error(job.problem)
    about = find_study(study)
    st.caption(about.cost)
    if clicks.button(about.verb, key=f"begin-{study}", icon=":material/play_arrow:"):
        try:
            submit.begin_study(run, study)
        except ExplainError as error:
            st.error(str(error))
            return None
        st.rerun()
    return None
