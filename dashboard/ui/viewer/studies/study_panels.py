"""Further maps of a finished run: word by word; and what stands in the place of a study that was not made yet."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core import ExplainError, ExplainResult
from core.rendering import encoding
from core.schema.words import Word
from dashboard.charts.base import heat_figure
from dashboard.formatting import duration, literal, visible
from dashboard.jobs.job import Job
from dashboard.jobs.question import study_id
from dashboard.jobs.studies.registry import MOST_WORDS, explained_words, find_study, of_shown
from dashboard.language import _, counted, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services import submit, waiting
from dashboard.services.ask import ask_about
from dashboard.services.open import findings
from dashboard.session import clicks
from dashboard.session.keys import ViewKey
from dashboard.ui import images
from dashboard.ui.progress.progress import progress_panel
from dashboard.ui.viewer.address_view import view_of_words
from dashboard.ui.viewer.view import View
from dashboard.ui.word_choice import word_choice

WORD_TILE = 128
"""Longer side, in pixels, of a map among words."""


def words_panel(run: LoadedRun, view: View) -> None:
    """The word-by-word strip; one word can be looked at closely."""
    words = explained_words(run.result)
    if not words:
        st.info(_("The answer has no words to map."))
        return
    results = found(run, "words")
    if results is None:
        return
    st.caption(
        _(
            "The combined map of each word of the answer, without noise, each on its own colour scale. A word such as "
            '"the" says nothing about the picture: its map shows what the model had in mind when it said it.'
        )
    )
    results = of_shown(run.result, results)
    if len(words) > len(results):
        st.caption(_("The first {shown} of {count} words.", shown=MOST_WORDS, count=len(words)))
    small = images.small(run, WORD_TILE)
    width = images.picture_width(run.chosen.size, WORD_TILE, WORD_TILE)
    with st.container(horizontal=True, key="word-strip"):
        for number, (word, result) in enumerate(zip(words, results, strict=False), 1):
            with st.container(width=width, gap="small"):
                tile = encoding.encode(view_of_words(view, result).draw(small, result))
                st.image(tile, width=width, alt=_("Heat of word {number} of the answer", number=number))
                st.text(visible(word.text))
    picked = word_choice([word.text for word in words[: len(results)]], ViewKey.WORD)
    _word(run, view, results[picked], words[picked])


def _word(run: LoadedRun, view: View, result: ExplainResult, word: Word) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.text(_("Where \u201c{word}\u201d comes from", word=visible(word.text)))
        st.image(
            encoding.encode(view_of_words(view, result).draw(images.preview(run), result)),
            width=images.picture_width(run.chosen.size),
            alt=_("Heat of the chosen word over the picture"),
        )
    with right:
        st.markdown(_("**Raw heat** of the word"))
        st.plotly_chart(
            heat_figure(result, None, view.colormap),
            key="word-chart",
            config={"displaylogo": False},
            alt=_("Raw heat of the chosen word, one cell a visual token"),
        )
        asked = st.button(
            _("Ask for this word at every layer"),
            key="word-ask",
            icon=":material/layers:",
            on_click=clicks.whole(ask_about),
            args=(run, run.request.for_word(word).target),
            help=_("Asks the run's question again and explains this word alone, by the run's own method."),
        )
        if asked:
            st.rerun()  # the new run is shown outside of this fragment


def found(run: LoadedRun, study: str, draw: Callable[[Job], None] = lambda job: None) -> Any:
    """What a study found; None while it has not, with a button or the progress in its place.

    Args:
        draw: what is drawn below its progress, such as what it has found by then.
    """
    results = findings(run, study)
    if results is not None:
        return results
    name = study_id(run.id, study)
    job = waiting.watch(name)
    if job is not None and job.is_active:
        progress_panel(name, draw)
        return None
    if job is not None and job.problem:
        st.error(literal(sentence(job.problem)))
    about = find_study(study)
    st.caption(sentence(about.cost))
    if about.tells_steps:
        st.caption(_time_words(run, study))
    if clicks.button(sentence(about.verb), key=f"begin-{study}", icon=":material/play_arrow:"):
        try:
            submit.begin_study(run, study)
        except ExplainError as error:
            st.error(literal(sentence(str(error))))
            return None
        st.rerun()
    return None


def _time_words(run: LoadedRun, study: str) -> str:
    """How long a study is likely to take, judging by the last of its kind with the run's model on this server."""
    seconds, before = waiting.usual_seconds(run, study), waiting.jobs_before()
    if seconds is None:
        return _("How long it takes is known once this was measured here with this model.")
    if before:
        return counted(
            "Takes about {time}, after {count} earlier run, judging by the last time here.",
            "Takes about {time}, after {count} earlier runs, judging by the last time here.",
            before,
            time=duration(seconds),
        )
    return _("Takes about {time}, judging by the last time here.", time=duration(seconds))
