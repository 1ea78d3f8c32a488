"""How true a model's maps are on scenes whose truth is known: a section of the page beside the trust of one map."""

from typing import Any

import streamlit as st

from core.evaluation.benchmark.text_report import to_csv
from core.schema.methods import COMBINED
from core.schema.model_parts import Part
from dashboard.charts.benchmark import (
    MEASURES,
    WORD_MEASURES,
    benchmark_figure,
    benchmark_table,
    chosen_rows,
    removal_table,
)
from dashboard.jobs.studies.benchmark import benchmark_name
from dashboard.language import N_, _, counted
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import choose_by_title

_QUESTIONS = {
    ("short", ""): N_("All short questions"),
    ("short", "where"): "Where is the red circle?",
    ("short", "color"): "What color is the circle?",
    ("short", "shape"): "What shape is the red object?",
    ("short", "at"): "What is in the top left?",
    ("short", "where_zh"): "红色圆形在哪里？",
    ("described", ""): N_("All descriptions"),
    ("described", "describe_en"): "Describe this image.",
    ("described", "describe_zh"): "描述这张图片。",
}
"""(short or described, kind of question) -> an example of what is asked."""
_STEPS = (N_("Asking about scenes whose truth is known"), N_("Having such scenes described"))
"""What the study says that it does, as catalogues have to hold it: it is said where nothing is marked."""
_READ_AT: dict[tuple[str, Part], str] = {
    ("half", "decoder"): N_(
        "{phrases}; 95 % intervals, by drawing scenes anew. The method on display is drawn strongly. In the table, "
        "methods with a map for each layer are read at layer {layer}, half the depth."
    ),
    ("half", "tower"): N_(
        "{phrases}; 95 % intervals, by drawing scenes anew. The method on display is drawn strongly. In the table, "
        "methods with a map for each block are read at block {layer}, half the depth."
    ),
    ("shown", "decoder"): N_(
        "{phrases}; 95 % intervals, by drawing scenes anew. The method on display is drawn strongly. In the table, "
        "methods with a map for each layer are read at layer {layer}, on display."
    ),
    ("shown", "tower"): N_(
        "{phrases}; 95 % intervals, by drawing scenes anew. The method on display is drawn strongly. In the table, "
        "methods with a map for each block are read at block {layer}, on display."
    ),
}


def part_of(run: LoadedRun, view: View) -> Part:
    """The part of the model whose maps are looked at."""
    return run.request.part if view.layer is not None else "decoder"


def benchmark_panel(run: LoadedRun, view: View) -> None:
    """How true the maps of a run's model are, with the method and the layer on display marked."""
    part = part_of(run, view)
    st.markdown(_("**This model on scenes whose truth is known**"))
    st.caption(
        _(
            "The same methods on drawn scenes of coloured shapes that no training of the embedded model has seen. "
            "Which pixels the answer speaks of is known there, so that a map is right or wrong. It says how far a "
            "method can be trusted with this model, not whether the map above is true."
        )
    )
    found = study_panels.found(run, benchmark_name(part))
    if found is not None:
        _show(found, run, view, part)


def _show(found: dict[str, Any], run: LoadedRun, view: View, part: Part) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source, kind = _choose_questions(found)
        summary = found[source]
        offered = MEASURES | (WORD_MEASURES if summary["silence"] else {})
        measure = choose_by_title(
            _("Measure"), {name: _(title) for name, (title, _axis) in offered.items()}, ViewKey.MEASURE, width=180
        )
    method = run.request.method if view.layer is not None or not run.result.layers else COMBINED
    layer, total = view.layer, summary["total_layers"]
    blind = _blind(summary, kind, measure)
    st.plotly_chart(
        benchmark_figure(chosen_rows(summary, kind, measure), measure, total, part, method, layer, blind),
        key="evidence-chart",
        config={"displaylogo": False},
        alt=_("{measure} of every method over depth on scenes whose truth is known", measure=_(offered[measure][0])),
    )
    cases, at = summary["kinds"].get(kind, summary["cases"]), total // 2 if layer is None else layer
    read = _READ_AT["half" if layer is None else "shown", part]
    st.caption(_(read, phrases=_counted(cases), layer=at))
    st.dataframe(
        benchmark_table(summary, kind, at, part, method),
        key="evidence-table",
        hide_index=True,
        height="content",
        column_config={"Method": st.column_config.TextColumn(_("Method"), width="medium")},
        alt=_("Every method's figures with their intervals"),
    )
    if summary["removal"]:
        _removal(summary)
    st.caption(
        _(
            "Drawn shapes are not photographs, and objects that hold one another up can hide each other. Figures of "
            "the embedded model say little about a large one: this section is about the model of this run alone."
        )
    )
    st.download_button(
        _("All figures as CSV"),
        lambda: to_csv(summary),
        file_name=f"evidence-{run.request.model[:16]}-{part}-{source}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="evidence-csv",
        on_click="ignore",
    )


def _counted(cases: int) -> str:
    return counted("{count} phrase of a right answer", "{count} phrases of right answers", cases)


def _choose_questions(found: dict[str, Any]) -> tuple[str, str]:
    offered = {
        key: _(title)
        for key, title in _QUESTIONS.items()
        if found[key[0]] is not None and (not key[1] or key[1] in found[key[0]]["kinds"])
    }
    return choose_by_title(_("Questions"), offered, ViewKey.QUESTIONS, width=320)


def _blind(summary: dict[str, Any], kind: str, measure: str) -> float | None:
    """What a map that knows nothing would score: even heat, too, lies on the object by its share of the cells."""
    if measure == "auc":
        return 0.5
    return summary["chance"] if measure in ("pointing", "energy") and not kind else None


def _removal(summary: dict[str, Any]) -> None:
    scenes = max(row["cases"] for row in summary["removal"].values())
    st.markdown(_("**These scenes taken apart**"))
    st.caption(
        _(
            "Area under the answer's probability while visual tokens of {scenes} scenes are replaced by their mean, "
            "hottest first (deletion) or coolest first (insertion); maps of layers at half the depth. This needs no "
            "mask: the true one is one order among others. On the right, by how much the combined map is better on "
            "the same scenes: where the interval holds 0, the two are equals as far as this tells.",
            scenes=scenes,
        )
    )
    st.dataframe(
        removal_table(summary),
        key="evidence-removal",
        hide_index=True,
        height="content",
        column_config={"Order of removal": st.column_config.TextColumn(_("Order of removal"), width="medium")},
        alt=_("Areas of every method"),
    )
