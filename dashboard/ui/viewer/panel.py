"""A run -> elements on a page. Everything here reads stored numbers; nothing computes a map.

Prompts, answers and file names are other people's text: they go through elements that show text as
it is, never through ones that read markdown.
"""

from dataclasses import replace

import streamlit as st

from core import METHODS, ExplainResult, InputError
from core.schema.model_parts import PARTS
from core.schema.target import Target
from dashboard.charts.base import RUN_COLOURS
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.formatting import cut, sample_words, short
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer import panes, scrubber, study_panels
from dashboard.ui.viewer.answer_chips import chips_panel
from dashboard.ui.viewer.controls import choose_view
from dashboard.ui.viewer.downloads import downloads
from dashboard.ui.viewer.marks import choose_marks
from dashboard.ui.viewer.tables import parameter_table, token_table
from dashboard.ui.viewer.tiles import tiles_panel
from dashboard.ui.viewer.trust_panel import trust_panel
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import lazy_tabs


def answer_panel(run: LoadedRun, from_store: bool) -> None:
    """What was asked and answered, by whom, and where the numbers come from."""
    result = run.result
    facts = [METHODS[result.request.method].title, sample_words(result)]
    if result.layers:
        tower = " of the vision tower" if result.request.part == "tower" else ""
        facts.append(f"{len(result.layers)} {PARTS[result.request.part].many}{tower}")
    if run.record is not None:
        facts.insert(0, run.record.model_name)
    with st.container(border=True, key="answer-panel", gap="small"):
        asked, answered = st.columns(2, gap="medium")
        with asked:
            st.caption("Prompt")
            st.text(cut(result.request.prompt))
        with answered.container(key="answer"):
            st.caption("Answer")
            st.text(result.answer.text or "(The model said nothing.)")
            if result.request.target != Target.answer():
                st.text(f"Explained: {_explained(result)}")
        chips_panel(run)
        with st.container(horizontal=True, vertical_alignment="center"):
            if from_store:
                st.badge("From the store", icon=":material/inventory_2:", color="green")
                facts.append(_timing(run))
            st.caption(" · ".join(facts))


def _explained(result: ExplainResult) -> str:
    """What of the answer is explained; numbers of tokens alone would have to be counted."""
    target = result.request.target
    said = cut(target.describe(result.answer))
    if target.kind != "tokens":
        return said
    try:
        chosen = [result.tokens[index] for index in target.indices(result.answer)]
    except InputError:
        return said  # an answer stored without the positions of its tokens
    words = result.answer.text[chosen[0].start : chosen[-1].stop].strip() if chosen else ""
    return f'{said}: "{short(words, 60)}"' if words else said


def result_panel(run: LoadedRun) -> None:
    """The maps of a run. Moving any control draws stored numbers again and computes nothing."""
    is_playing = scrubber.is_playing(run)
    st.fragment(_result, run_every=scrubber.PACE if is_playing else None)(run, is_playing)


def _result(run: LoadedRun, was_playing: bool) -> None:
    result = run.result
    view, panes_chosen = choose_view(run)
    if scrubber.is_playing(run) != was_playing:
        st.rerun()  # only a run of the whole page changes how often this part of it runs
    view = replace(view, marks=choose_marks(run, view))
    panes.show(run, view, panes_chosen)
    downloads(run, view)
    contents = {
        "All layers": lambda: tiles_panel(run, view),
        "Words": lambda: study_panels.words_panel(run, view),
        "Methods": lambda: study_panels.methods_panel(run, view),
        "Trust": lambda: trust_panel(run, view),
        "Concentration over depth": lambda: _depth(run, view),
        "Answer tokens": lambda: token_table(result),
        "Parameters": lambda: parameter_table(run),
    }
    lazy_tabs(contents, ViewKey.TAB)


def _depth(run: LoadedRun, view: View) -> None:
    if not run.result.layers:
        st.info("This method gives one map, not one for each layer. Choose another method to see how heat gathers.")
        return
    _depth_panel(DepthLine.of("this run", run.result, RUN_COLOURS[0]), view.layer)


def _depth_panel(line: DepthLine, layer: int | None) -> None:
    """The chart of concentration over depth, and how to read it."""
    st.plotly_chart(
        depth_figure([line], layer),
        key="depth-chart",
        config={"displaylogo": False},
        alt=f"Entropy, Gini coefficient and share of the hottest tenth over {PARTS[line.part].axis}s",
    )
    words = PARTS[line.part]
    st.caption(
        f"Low entropy, a high Gini coefficient and a high share mean that the heat of a {words.one} gathers in few "
        f"cells. Shaded: the early, middle and late third of the {words.many}."
    )


def _timing(run: LoadedRun) -> str:
    computed = sum(run.result.timings.values())
    return f"read in {1000 * (run.read_seconds or 0):.0f} ms, computed once in {computed:.2f} s"
