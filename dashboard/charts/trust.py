"""What was measured about a map -> plotly figures."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.evaluation.trust.report import Curves, Report
from dashboard.language import N_, _

_LINES = {
    "deletion": (N_("hottest cells first (deletion)"), "#d1603d", "solid"),
    "insertion": (N_("coolest cells first (insertion)"), "#2a8fbd", "solid"),
    "random": (N_("any order, mean"), "#8b959e", "dash"),
    "centre": (N_("from the centre, mean"), "#8b959e", "dot"),
}


_WAYS = {
    ("tokens", "mean"): N_("Visual tokens, replaced by their mean"),
    ("pixels", "blur"): N_("Pixels, replaced by blurred ones"),
    ("pixels", "mean"): N_("Pixels, replaced by the mean colour"),
}


def removal_figure(report: Report) -> go.Figure:
    """The answer's probability while the picture is taken apart: by visual tokens and by pixels, a panel each way."""
    titles = [_(_WAYS[each.surface, each.fill]) for each in report.curves]
    figure = make_subplots(1, len(titles), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.04)
    for column, curves in enumerate(report.curves, 1):
        for name, (label, colour, dash) in _LINES.items():
            figure.add_trace(_line(curves, name, _(label), colour, dash, show=column == 1), row=1, col=column)
    figure.update_annotations(font_size=13)
    figure.update_xaxes(title=_("share of cells gone"), range=[-0.02, 1.02], showgrid=False)
    figure.update_yaxes(range=[-0.02, 1.02])
    figure.update_yaxes(title=_("probability of the explained tokens"), row=1, col=1)
    figure.update_layout(
        height=390,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "xanchor": "left", "x": 0, "title": _("Cells gone:")},
        hovermode="x unified",
    )
    return figure


def area_table(report: Report) -> dict[str, list[str]]:
    """Column -> cells, a row for each way of taking the picture apart: areas under its curves."""
    return {
        _("Area under the probability"): [_(_WAYS[each.surface, each.fill]) for each in report.curves],
        _("Hottest first (deletion)"): [f"{each.deletion_area:.3f}" for each in report.curves],
        _("Coolest first (insertion)"): [f"{each.insertion_area:.3f}" for each in report.curves],
        _("Any order"): [_spread(each.random_areas) for each in report.curves],
        _("From the centre"): [_spread(each.centre_areas) for each in report.curves],
    }


def _spread(areas: tuple[float, ...]) -> str:
    return _(
        "{mean:.3f} ({count} orders: {low:.3f} to {high:.3f})",
        mean=sum(areas) / len(areas),
        count=len(areas),
        low=min(areas),
        high=max(areas),
    )


def _line(curves: Curves, name: str, label: str, colour: str, dash: str, *, show: bool) -> go.Scatter:
    return go.Scatter(
        x=curves.fractions,
        y=getattr(curves, name),
        name=label,
        legendgroup=label,
        showlegend=show,
        mode="lines",
        line={"color": colour, "width": 2, "dash": dash},
        hovertemplate="%{y:.3f}",
    )


def cascade_figure(report: Report) -> go.Figure:
    """Similarity with the true map while the model is scrambled from the top."""
    figure = go.Figure(
        go.Scatter(
            x=(0, *report.sanity.layers),
            y=(1.0, *report.sanity.cascade),
            mode="lines+markers",
            line={"color": "#2a8fbd", "width": 2},
            hovertemplate=_("{count} layers: {likeness}", count="%{x}", likeness="%{y:.2f}") + "<extra></extra>",
        )
    )
    figure.update_xaxes(title=_("decoder layers scrambled, from the top"), rangemode="tozero", showgrid=False)
    figure.update_yaxes(title=_("rank correlation with the map"), range=[-1.05, 1.05])
    figure.update_layout(height=300, margin={"l": 8, "r": 8, "t": 16, "b": 8})
    return figure
