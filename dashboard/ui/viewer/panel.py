"""A run -> elements on a page. Everything here reads stored numbers; nothing computes a map.

Prompts, answers and file names are other people's text: they go through elements that show text as
it is, never through ones that read markdown.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from core import METHODS, ExplainResult, InputError
from core.schema.model_parts import Part
from core.schema.target import Target
from dashboard.charts.base import RUN_COLOURS
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.formatting import cut, drawn_words, literal, sample_words, short
from dashboard.jobs.job import Job
from dashboard.jobs.studies.benchmark import benchmark_name
from dashboard.jobs.studies.prompt_words import PROMPT_WORDS
from dashboard.jobs.studies.registry import SLOW_METHODS, trust_name
from dashboard.language import N_, _, counted, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import ViewKey
from dashboard.ui.attention_note import attention_note_of
from dashboard.ui.viewer.address_view import view_of
from dashboard.ui.viewer.answer_chips import chips_panel
from dashboard.ui.viewer.conversation import conversation_panel
from dashboard.ui.viewer.downloads import files_panel, share_panel
from dashboard.ui.viewer.growing import growing_map, growing_panel
from dashboard.ui.viewer.maps import has_boxes
from dashboard.ui.viewer.resolution import resolution_note
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.studies.benchmark_panel import part_of
from dashboard.ui.viewer.studies.boxes_panel import boxes_panel
from dashboard.ui.viewer.studies.heads_panel import heads_panel, heads_study
from dashboard.ui.viewer.studies.interventions.interventions_panel import interventions_panel, interventions_shown
from dashboard.ui.viewer.studies.lens_panel import lens_panel, lens_study
from dashboard.ui.viewer.studies.methods_panel import methods_panel
from dashboard.ui.viewer.studies.other_models import other_models_panel
from dashboard.ui.viewer.studies.prompt_panel import prompt_panel
from dashboard.ui.viewer.studies.trust_panel import trust_panel
from dashboard.ui.viewer.tables import parameter_table, token_table
from dashboard.ui.viewer.time_panel import time_panel, words_over_time_panel
from dashboard.ui.viewer.under_way import under_way_panel
from dashboard.ui.viewer.video_files import video_files_panel
from dashboard.ui.viewer.view import View
from dashboard.ui.viewer.viewer import viewer
from dashboard.ui.widgets import lazy_tabs

FOLLOWING = "follows-view"
"""Key of what the viewer in the browser looks for (`viewer.js`)."""
_OVER_DEPTH: dict[Part, str] = {
    "decoder": N_("Entropy, Gini coefficient and share of the hottest tenth over decoder layers"),
    "tower": N_("Entropy, Gini coefficient and share of the hottest tenth over vision tower blocks"),
}
_HOW_TO_READ: dict[Part, str] = {
    "decoder": N_(
        "Low entropy, a high Gini coefficient and a high share mean that the heat of a layer gathers in few cells. "
        "Shaded: the early, middle and late third of the layers."
    ),
    "tower": N_(
        "Low entropy, a high Gini coefficient and a high share mean that the heat of a block gathers in few cells. "
        "Shaded: the early, middle and late third of the blocks."
    ),
}
_CSS = Path(__file__).with_name("panel.css")


def run_panel(
    run: LoadedRun,
    from_store: bool,
    growing: str | None = None,
    beside_answer: Callable[[LoadedRun], None] = lambda _: None,
) -> None:
    """A run: what was asked and answered in a line, the maps as large as the window allows, and all the rest below.

    Args:
        growing: the job whose map is to grow in the place of the run's.
        beside_answer: draws what else stands beside the answer.
    """
    st.html(_CSS)
    with st.container(key="run", gap=None):
        _question(run, beside_answer)
        # Looking at the maps otherwise is the browser's work; what the server draws follows the address.
        st.fragment(_result)(run, from_store, growing)


def job_panel(job: Job) -> None:
    """A run that is computed, where it will be shown."""
    st.html(_CSS)
    with st.container(key="run", gap=None):
        growing_panel(job)


def _question(run: LoadedRun, beside_answer: Callable[[LoadedRun], None]) -> None:
    result = run.result
    conversation_panel(result.request)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="answer-panel"):
        st.text(cut(result.request.prompt), width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="answer"):
            chips_panel(run)
            if result.request.target != Target.answer():
                st.text(_("Explained: {words}", words=_explained(result)), width="content")
            beside_answer(run)
    for note in result.answer.notes:
        st.caption(literal(sentence(note)))


def _result(run: LoadedRun, from_store: bool, growing: str | None) -> None:
    view = view_of(run)
    if growing is None:
        viewer(run)
    else:
        growing_map(growing, run)
    with st.container(gap="small", key="below-the-map"):
        with st.container(horizontal=True, vertical_alignment="center", key="facts"):
            _facts(run, from_store)
            if not run.request.is_video:  # Compare has no difference of their maps
                other_models_panel(run)
        resolution_note(run)
        under_way, opened = st.container(), []
        contents = _tabs_of_video(run, view) if run.request.is_video else _tabs(run, view)
        # A tab stands in the address, so that the browser names the view there as well when one is opened.
        lazy_tabs({title: partial(_open, opened, title, draw) for title, draw in contents.items()}, ViewKey.TAB)
        with under_way:
            under_way_panel(run, [study for title in opened for study in _studies(run, view).get(title, ())])


def _tabs(run: LoadedRun, view: View) -> dict[str, Callable[[], None]]:
    """Title, in English, of a tab -> what draws it."""
    return {
        N_("Words"): lambda: study_panels.words_panel(run, view),
        N_("Prompt heat"): lambda: _following(prompt_panel, run, view),
        **({N_("Boxes"): lambda: boxes_panel(run, view)} if has_boxes(run.result) else {}),
        N_("Methods"): lambda: methods_panel(run, view),
        N_("Trust"): lambda: trust_panel(run, view),
        N_("What if"): lambda: _following(interventions_panel, run, view),
        N_("Heads"): lambda: heads_panel(run, view),
        N_("Logit lens"): lambda: _following(lens_panel, run, view),
        N_("Concentration over depth"): lambda: _depth(run, view),
        N_("Answer tokens"): lambda: token_table(run.result),
        N_("Parameters"): lambda: parameter_table(run),
        N_("Take away"): lambda: _following(files_panel, run, view),
        N_("Share"): lambda: _following(share_panel, run),
    }


def _tabs_of_video(run: LoadedRun, view: View) -> dict[str, Callable[[], None]]:
    """Those that know time."""
    return {
        N_("Heat over time"): lambda: time_panel(run),
        N_("Words over time"): lambda: words_over_time_panel(run),
        N_("Methods"): lambda: methods_panel(run, view),
        N_("Concentration over depth"): lambda: _depth(run, view),
        N_("Answer tokens"): lambda: token_table(run.result),
        N_("Parameters"): lambda: parameter_table(run),
        N_("Take away"): lambda: _following(video_files_panel, run, view),
        N_("Share"): lambda: _following(share_panel, run),
    }


def _open(opened: list[str], title: str, draw: Callable[[], None]) -> None:
    """Draws a tab, and notes that it is open."""
    opened.append(title)
    draw()


def _studies(run: LoadedRun, view: View) -> dict[str, tuple[str, ...]]:
    """Title of a tab -> the studies that it shows."""
    return {
        "Words": ("words",),
        "Words over time": ("words",),
        "Prompt heat": (PROMPT_WORDS,),
        "Methods": ("methods", *SLOW_METHODS),
        "Trust": (trust_name(view.layer, run.request.picture), benchmark_name(part_of(run, view))),
        "What if": interventions_shown(run),
        "Heads": (heads_study(run),),
        "Logit lens": (lens_study(run),),
    }


def _following(draw: Callable[..., None], *arguments: Any) -> None:
    """Draws what has to be of the view as it stands: while it is there, the viewer tells the server of every change."""
    with st.container(key=FOLLOWING):
        draw(*arguments)


def _facts(run: LoadedRun, from_store: bool) -> None:
    """By whom it was answered, and where the numbers come from."""
    result = run.result
    facts = [_(METHODS[result.request.method].title), sample_words(result)]
    if result.layers and result.request.part == "tower":
        facts.append(
            counted("{count} block of the vision tower", "{count} blocks of the vision tower", len(result.layers))
        )
    elif result.layers:
        facts.append(counted("{count} layer", "{count} layers", len(result.layers)))
    if drawn := drawn_words(result.request.to_dict()):
        facts.append(_("answer drawn at {how}", how=drawn))
    if run.record is not None:
        facts.insert(0, literal(run.record.model_name))
    if result.request.origin:
        st.badge(_("Imported"), icon=":material/move_to_inbox:", color="orange")
    if from_store:
        st.badge(_("From the store"), icon=":material/inventory_2:", color="green")
        facts.append(_timing(run))
    st.caption(" · ".join(facts))
    attention_note_of(result)


def _explained(result: ExplainResult) -> str:
    """What of the answer is explained; numbers of tokens alone would have to be counted."""
    target = result.request.target
    said = cut(sentence(target.describe(result.answer)))
    if target.kind != "tokens":
        return said
    try:
        chosen = [result.tokens[index] for index in target.indices(result.answer)]
    except InputError:
        return said  # an answer stored without the positions of its tokens
    words = result.answer.text[chosen[0].start : chosen[-1].stop].strip() if chosen else ""
    return _('{what}: "{words}"', what=said, words=short(words, 60)) if words else said


def _depth(run: LoadedRun, view: View) -> None:
    if not run.result.layers:
        st.info(_("This method gives one map, not one for each layer. Choose another method to see how heat gathers."))
        return
    _depth_panel(DepthLine.of(_("this run"), run.result, RUN_COLOURS[0]), view.layer)


def _depth_panel(line: DepthLine, layer: int | None) -> None:
    """The chart of concentration over depth, and how to read it."""
    st.plotly_chart(
        depth_figure([line], layer),
        key="depth-chart",
        config={"displaylogo": False},
        alt=_(_OVER_DEPTH[line.part]),
    )
    st.caption(_(_HOW_TO_READ[line.part]))


def _timing(run: LoadedRun) -> str:
    read, computed = 1000 * (run.read_seconds or 0), sum(run.result.timings.values())
    if run.request.origin:
        return _("read in {read:.0f} ms, computed once elsewhere in {computed:.2f} s", read=read, computed=computed)
    return _("read in {read:.0f} ms, computed once in {computed:.2f} s", read=read, computed=computed)
