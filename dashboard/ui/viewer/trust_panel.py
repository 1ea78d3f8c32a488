"""How far the map on display can be trusted: a badge beside it, and a tab with all that was
measured of this map and of its model."""

import streamlit as st

from core.evaluation.trust.verdict import DOES_NOT_MEAN, MEANS, Level, Outcome, judge
from dashboard.charts.trust import area_table, cascade_figure, removal_figure
from dashboard.jobs.studies.registry import trust_name
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import findings
from dashboard.ui.viewer import study_panels
from dashboard.ui.viewer.benchmark_panel import benchmark_panel
from dashboard.ui.viewer.view import View

_COLOURS: dict[Level, str] = {"strong": "green", "mixed": "orange", "weak": "red"}
_ICONS: dict[Level, str] = {
    "strong": ":material/verified:",
    "mixed": ":material/balance:",
    "weak": ":material/warning:",
}
_MARKS: dict[Outcome, str] = {
    "pass": ":green[:material/check_circle:]",
    "doubt": ":orange[:material/help:]",
    "fail": ":red[:material/cancel:]",
}


def trust_badge(run: LoadedRun, view: View) -> None:
    """One word on the map on display."""
    report = findings(run, trust_name(view.layer, run.request.picture))
    if report is None:
        st.badge("Trust not measured", icon=":material/help:", color="gray", help="The tab Trust measures it.")
        return
    level = judge(report).level
    help_ = f"{MEANS[level]} The tab Trust says why."
    st.badge(f"Trust: {level}", icon=_ICONS[level], color=_COLOURS[level], help=help_)


def trust_panel(run: LoadedRun, view: View) -> None:
    """All that was measured about the map on display, and how true its model's maps are where the truth is known."""
    with st.container(key="trust-of-map"):
        _of_this_map(run, view)
    st.divider()
    with st.container(key="trust-of-model"):
        benchmark_panel(run, view)


def _of_this_map(run: LoadedRun, view: View) -> None:
    report = study_panels.found(run, trust_name(view.layer, run.request.picture))
    if report is None:
        return
    trust = judge(report)
    name = view.name(run.result)
    st.markdown(f"**{name[0].upper()}{name[1:]}: {trust.level} evidence.** {MEANS[trust.level]}")
    for check in trust.checks:
        st.markdown(f"{_MARKS[check.verdict]} **{check.title}**: {check.verdict}. {check.sentence}")
    st.caption(DOES_NOT_MEAN)
    st.markdown("**Taking the picture apart**")
    st.plotly_chart(
        removal_figure(report),
        key="removal-chart",
        config={"displaylogo": False},
        alt="Probability of the answer while cells are removed in the order of the map, and in blind orders",
    )
    st.caption(
        "Where the map is true, the answer is lost early when the hottest cells go first, and late when the coolest "
        "do. Grey: orders that know nothing of the map. No fill is neutral, so there are two for pixels. The badge "
        "rests on visual tokens and blurred pixels; where the mean colour tells another story, build on neither."
    )
    st.dataframe(
        area_table(report),
        key="removal-areas",
        hide_index=True,
        column_config={"Area under the probability": st.column_config.TextColumn(width=250)},
        alt="Areas under the curves, of the map and of orders that know nothing of it",
    )
    st.markdown("**Scrambling the model**")
    st.plotly_chart(
        cascade_figure(report),
        key="cascade-chart",
        config={"displaylogo": False},
        alt="Similarity with the map while layers are scrambled from the top",
    )
