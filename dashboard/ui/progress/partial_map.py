"""The map of a run while it is still being averaged: what there is so far, and how its noise shrinks."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core import ExplainResult, Progress
from core.rendering import encoding
from core.rendering.overlay import overlay
from core.schema import gather
from core.schema.methods import COMBINED
from dashboard.jobs.question import Question
from dashboard.session import state
from dashboard.ui import images

HIGHEST, WIDEST = 300, 380
"""Size in pixels that the partial map takes at most: half of a narrow page."""
_COMBINED = "combined map"


def partial_map_panel(name: str, progress: Progress, question: Question) -> None:
    """The partial mean of one map, chosen by layer, beside its standard error against the samples so far.

    Args:
        name: of the job.
        progress: with partial results.
    """
    partial = gather(progress.partial)
    maps = _maps(partial)
    seen = _seen(name, partial, maps)
    left, right = st.columns(2, gap="medium")
    with left:
        shown = list(maps)[0]
        if len(maps) > 1:
            shown = st.select_slider(
                "Map so far",
                list(maps),
                key=f"growing-{name}",
                help="The combined map, or one layer: drag, or use the arrow keys. It grows steadier with each sample.",
            )
        result, layer = maps[shown]
        chosen = question.all_pictures[partial.request.picture]
        of = f", picture {partial.request.picture + 1} of {len(question.pictures)}" if question.pictures else ""
        st.image(
            encoding.encode(overlay(chosen.preview, result.at(layer))),
            width=images.picture_width(chosen.picture.size, HIGHEST, WIDEST),
            alt=f"Heat so far, {shown}",
        )
        # Not the picture's own caption, which keeps a picture as wide as it is where its column is narrower.
        st.caption(f"Mean of {partial.num_samples} sample{'' if partial.num_samples == 1 else 's'} so far{of}")
    with right:
        known = {samples: values[shown] for samples, values in seen.items() if shown in values}
        if known:
            st.plotly_chart(
                stderr_figure(known, progress.total),
                key=f"steadying-{name}",
                config={"displayModeBar": False},
                alt="Standard error of the map against the number of samples so far",
            )
        else:
            st.caption("The standard error is known from the second sample on.")


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
            hovertemplate="%{x} samples: %{y:.1f} %<extra></extra>",
        )
    )
    figure.update_xaxes(title="samples in the mean", range=[1, max(total, 2)], zeroline=False)
    figure.update_yaxes(title="standard error, % of mean heat", rangemode="tozero", zeroline=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 24, "b": 8}, height=HIGHEST)
    return figure


def _maps(partial: ExplainResult) -> dict[str | int, tuple[ExplainResult, int | None]]:
    """What can be chosen -> the result that holds it, and its layer there."""
    maps: dict[str | int, tuple[ExplainResult, int | None]] = {}
    if COMBINED in partial.companions or not partial.layers:
        maps[_COMBINED] = (partial.of(COMBINED) if partial.layers else partial, None)
    return maps | {layer: (partial, layer) for layer in partial.layers}


def _seen(name: str, partial: ExplainResult, maps: dict) -> dict[int, dict[str | int, float]]:
    """Adds what stands now to what this person saw of the job: samples -> map -> relative standard error."""
    session = state.session()
    if session.steadying[0] != name:
        session.steadying = (name, {})
    if partial.num_samples > 1:
        session.steadying[1][partial.num_samples] = {
            shown: relative_error(result.at(layer), result.stderr_at(layer)) for shown, (result, layer) in maps.items()
        }
    return session.steadying[1]
