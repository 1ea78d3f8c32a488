"""Runs about videos beside each other: how the heat of each is shared out over its time."""

import streamlit as st

from dashboard.charts.over_time import TimeLine, share_figure
from dashboard.formatting import short
from dashboard.language import _, listed
from dashboard.ui.compare.chart_files import CHART
from dashboard.ui.compare.measures import Compared
from dashboard.ui.drawing.maps import first_map
from dashboard.ui.drawing.time_shares import time_shares


def only_pictures(runs: list[Compared]) -> list[Compared]:
    """Those of the runs that are about pictures; of those about videos the chart is drawn, with what cannot be done."""
    videos = [each for each in runs if each.run.request.is_video]
    if not videos:
        return runs
    pictures = [each for each in runs if each not in videos]
    if pictures:
        st.info(
            _(
                "Videos: {videos}. Pictures: {pictures}. A video's map has a time axis, which a picture's has not, so "
                "that their heat is not set against each other: videos are compared over time, pictures over depth "
                "below.",
                videos=listed(each.letter for each in videos),
                pictures=listed(each.letter for each in pictures),
            )
        )
    _over_time(videos)
    return pictures


def time_line(compared: Compared) -> TimeLine:
    """The map that a run asked for, over time."""
    first = first_map(compared.run.result)
    shown, label = time_shares(first), compared.label_of(first.method)
    return TimeLine(label, compared.colour, compared.run.result.steps, shown.shares, shown.errors)


def _over_time(videos: list[Compared]) -> None:
    st.markdown(_("**Heat over time**"))
    st.plotly_chart(
        share_figure([time_line(each) for each in videos]),
        key="compare-time-chart",
        config=CHART,
        alt=_("Share of the heat in each time step of the videos"),
    )
    st.caption(
        _(
            "The map that each run asked for: the part of its heat that lies in one time step, in any place of the "
            "picture, with a band of one standard error over the noise samples. Runs whose steps are longer have more "
            "in each: compare where a line rises, not how high it is."
        )
    )
    for each in videos:
        st.text(f"{each.letter}: {short(each.run.result.answer.text, 120) or _('(nothing)')}")
