"""How steady the map of a run is while it is still being averaged: its standard error, sample by sample."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core import ExplainResult, Progress
from core.schema import gather
from dashboard.jobs.question import Step
from dashboard.language import _
from dashboard.session import state

HEIGHT = 220
"""Of the chart, in pixels."""


def steadiness_panel(name: str, progress: Progress | Step | None) -> None:
    """The standard error of the map that was asked for, against the samples so far; nothing before the first one.

    Args:
        name: of the job.
    """
    parts = progress.partial if isinstance(progress, Progress) else ()
    if not parts:
        return
    known = _seen(name, gather(parts))
    if known:
        st.plotly_chart(
            stderr_figure(known, progress.total),
            key=f"steadying-{name}",
            config={"displayModeBar": False},
            alt=_("Standard error of the map against the number of samples so far"),
        )
    else:
        st.caption(_("The standard error is known from the second sample on."))


def relative_error(heat: np.ndarray, stderr: np.ndarray) -> float:
    """Mean standard error over mean heat, of one map; NaN where there is no heat or no error is known."""
    mean = float(np.abs(heat).mean())
    return float(stderr.mean()) / mean if mean > 0 else float("nan")


def stderr_figure(known: dict[int, float], total: int) -> go.Figure:
    """Relative standard error (0.1 is drawn as 10 %) against the samples in the mean, `total` of them at the end."""
    figure = go.Figure(
        go.Scatter(
            x=list(known),
            y=[100 * value for value in known.values()],
            mode="lines+markers",
            line={"color": "#2a8fbd"},
            hovertemplate=_("%{x} samples: %{y:.1f} %<extra></extra>"),
        )
    )
    figure.update_xaxes(title=_("samples in the mean"), range=[1, max(total, 2)], zeroline=False)
    figure.update_yaxes(title=_("standard error, % of mean heat"), rangemode="tozero", zeroline=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 24, "b": 8}, height=HEIGHT)
    return figure


def _seen(name: str, so_far: ExplainResult) -> dict[int, float]:
    """Adds what stands now to what this person saw of the job: samples -> relative standard error."""
    session = state.session()
    if session.steadying[0] != name:
        session.steadying = (name, {})
    if so_far.num_samples > 1:
        method, layer = so_far.asked
        shown = so_far.of(method)
        session.steadying[1][so_far.num_samples] = relative_error(shown.at(layer), shown.stderr_at(layer))
    return session.steadying[1]
