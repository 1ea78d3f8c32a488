"""How true a model's maps are on people's own data: a section of the page below what was measured on drawn scenes."""

from typing import Any

import streamlit as st

from core.evaluation.protocol.figures import MEASURES, REMOVAL, WORD_MEASURES
from core.evaluation.protocol.published import PUBLISHED
from core.evaluation.protocol.table import to_csv
from dashboard.charts.own_data import TITLES, own_data_figure, own_data_rows, own_data_table
from dashboard.formatting import literal, short
from dashboard.language import N_, _, counted, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.evaluations import evaluations_of
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import choose_by_title

COMMAND = "python -m core evaluate --data PATH --model MODEL --share DATA_FOLDER"
_MEANINGS = MEASURES | WORD_MEASURES | REMOVAL
_ABOUT = N_(
    "The same methods on annotated pictures of your own, in the protocol of the field: the model is asked about each "
    "picture once, and every object that its answer names is explained by itself. Whoever runs this server measures "
    "it with one command, which can be stopped and goes on where it was; docs/evaluate.md says how, with a recipe for "
    "COCO."
)
_PUBLISHED = N_(
    "Published figures are of other pictures, and some of another protocol: they say what is usual, not who is better. "
    "Uniform, random and centred heat is measured on the same objects as the methods."
)


def own_data_panel(run: LoadedRun, view: View) -> None:
    """What was measured of a run's model on people's own data; the command for it where there is nothing yet."""
    st.markdown(_("**This model on your own data**"))
    st.caption(_(_ABOUT))
    found = evaluations_of(run)
    if found.unreadable:
        st.warning(
            counted(
                "{count} report in the data folder cannot be read. Make it again.",
                "{count} reports in the data folder cannot be read. Make them again.",
                found.unreadable,
            )
        )
    if found.reports:
        _show(found.reports)
    else:
        st.code(COMMAND, language="bash")


def _show(reports: tuple[dict[str, Any], ...]) -> None:
    titles = {report["key"]: _title(report) for report in reports}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose_by_title(_("Data"), titles, ViewKey.OWN_DATA, width=360)
        report = next((each for each in reports if each["key"] == chosen), reports[0])
        rows = own_data_rows(report)
        offered = {name: _(TITLES[name]) for name in TITLES if any(name in figures for *_others, figures in rows)}
        measure = choose_by_title(_("Measure"), offered, ViewKey.OWN_MEASURE, width=240)
    st.caption(_counts(report["counts"]))
    st.plotly_chart(
        own_data_figure(rows, measure),
        key="own-data-chart",
        config={"displaylogo": False},
        alt=_("{measure} of every map on this data, beside published figures", measure=offered[measure]),
    )
    st.caption(sentence(_MEANINGS[measure]))
    table = own_data_table(rows)
    st.dataframe(
        table,
        key="own-data-table",
        hide_index=True,
        height="content",
        column_config={
            _(TITLES[name]): st.column_config.TextColumn(_(TITLES[name]), help=sentence(_MEANINGS[name]))
            for name in TITLES
        },
        alt=_("Every figure of every map with its interval"),
    )
    sources = "; ".join(dict.fromkeys(sentence(each.source) for each in PUBLISHED))
    st.caption(f"{_(_PUBLISHED)} {_('Sources: {sources}.', sources=sources)}")
    st.download_button(
        _("All figures as CSV"),
        lambda: to_csv(report),
        file_name=f"own-data-{report['key'][:16]}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="own-data-csv",
        on_click="ignore",
    )


def _title(report: dict[str, Any]) -> str:
    return _(
        "{name}: {count:,} objects", name=literal(short(report["data"]["name"], 60)), count=report["counts"]["measured"]
    )


def _counts(counts: dict[str, int]) -> str:
    told = _(
        "{measured:,} objects on {pictures:,} pictures; 95 % intervals, by drawing pictures anew.",
        measured=counts["measured"],
        pictures=counts["pictures"],
    )
    usable = counts["measured"] + counts["unnamed"]
    if counts["unnamed"]:
        left_out = _(
            "{count:,} objects ({share:.0%}) that the model never names are left out.",
            count=counts["unnamed"],
            share=counts["unnamed"] / usable,
        )
        told = f"{told} {left_out}"
    return told
