"""How far a map can be trusted: all that was measured of it and of its model."""

from collections.abc import Sequence

import streamlit as st

from core.evaluation.trust.report import Findings
from core.evaluation.trust.verdict import (
    DOES_NOT_MEAN,
    MEANS,
    Check,
    Level,
    Outcome,
    checks_of,
    judge,
    still_to_come,
)
from dashboard.charts.trust import area_table, cascade_figure, removal_figure
from dashboard.jobs.job import Job
from dashboard.jobs.question import Step
from dashboard.jobs.studies.registry import trust_name
from dashboard.language import N_, _, listed, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.studies.benchmark_panel import benchmark_panel
from dashboard.ui.viewer.studies.own_data_panel import own_data_panel
from dashboard.ui.viewer.studies.sinks_section import sinks_section
from dashboard.ui.viewer.view import View

_MARKS: dict[Outcome, str] = {
    "pass": ":green[:material/check_circle:]",
    "doubt": ":orange[:material/help:]",
    "fail": ":red[:material/cancel:]",
}
_OUTCOMES: dict[Outcome, str] = {"pass": N_("pass"), "doubt": N_("doubt"), "fail": N_("fail")}
_EVIDENCE: dict[Level, str] = {
    "strong": N_("**{map}: strong evidence.** {meaning}"),
    "mixed": N_("**{map}: mixed evidence.** {meaning}"),
    "weak": N_("**{map}: weak evidence.** {meaning}"),
}


def trust_panel(run: LoadedRun, view: View) -> None:
    """All that was measured about the map on display, and how true its model's maps are where the truth is known."""
    with st.container(key="trust-of-map"):
        _of_this_map(run, view)
    st.divider()
    with st.container(key="trust-of-model"):
        benchmark_panel(run, view)
        sinks_section()
    st.divider()
    with st.container(key="trust-on-own-data"):
        own_data_panel(run, view)


def _of_this_map(run: LoadedRun, view: View) -> None:
    report = study_panels.found(run, trust_name(view.layer, run.request.picture), _so_far)
    if report is None:
        return
    trust = judge(report)
    st.markdown(_(_EVIDENCE[trust.level], map=view.title(run.result), meaning=sentence(MEANS[trust.level])))
    _checks(trust.checks)
    st.caption(sentence(DOES_NOT_MEAN))
    st.markdown(_("**Taking the picture apart**"))
    st.plotly_chart(
        removal_figure(report),
        key="removal-chart",
        config={"displaylogo": False},
        alt=_("Probability of the answer while cells are removed in the order of the map, and in blind orders"),
    )
    st.caption(
        _(
            "Where the map is true, the answer is lost early when the hottest cells go first, and late when the "
            "coolest do. Grey: orders that know nothing of the map. No fill is neutral, so there are two for pixels. "
            "The badge rests on visual tokens and blurred pixels; where the mean colour tells another story, build on "
            "neither."
        )
    )
    st.dataframe(
        area_table(report),
        key="removal-areas",
        hide_index=True,
        column_config={"Area under the probability": st.column_config.TextColumn(width=250)},
        alt=_("Areas under the curves, of the map and of orders that know nothing of it"),
    )
    st.markdown(_("**Scrambling the model**"))
    st.plotly_chart(
        cascade_figure(report),
        key="cascade-chart",
        config={"displaylogo": False},
        alt=_("Similarity with the map while layers are scrambled from the top"),
    )


def _so_far(job: Job) -> None:
    """What is measured while the rest is: no verdict, and each check as it will stand in it."""
    told = job.progress.found if isinstance(job.progress, Step) else None
    found = Findings() if told is None else Findings.from_dict(told)
    _checks(checks_of(found))
    st.caption(
        _(
            "Still to come: {checks}. All of them together make the verdict. It goes on when you leave this page; come "
            "back by the run's link or from History.",
            checks=listed(sentence(title) for title in still_to_come(found)),
        )
    )


def _checks(checks: Sequence[Check]) -> None:
    for check in checks:
        st.markdown(
            _(
                "{mark} **{check}**: {outcome}. {sentence}",
                mark=_MARKS[check.verdict],
                check=sentence(check.title),
                outcome=_(_OUTCOMES[check.verdict]),
                sentence=sentence(check.sentence),
            )
        )
