"""Shares of picture, prompt, answer so far and template -> plotly figures."""

import plotly.graph_objects as go

from core.schema.model_parts import PARTS
from core.schema.readings.prompt_heat import PromptHeat
from dashboard.charts.depth_axes import GREY, panel_shape, shaded_thirds
from dashboard.language import N_, _

SOURCE_TITLES = {
    "picture": N_("picture"),
    "prompt": N_("prompt"),
    "answer": N_("answer so far"),
    "template": N_("template"),
}
"""Source -> what it is called; see `core.schema.readings.prompt_heat.SOURCES`."""
_COLOURS = {"picture": "#2a8fbd", "prompt": "#e08a1e", "answer": "#2fa37c", "template": "#8b959e"}
_PATTERNS = {"picture": "", "prompt": "/", "answer": ".", "template": "x"}
_DASHES = {"picture": "solid", "prompt": "dash", "answer": "dot", "template": "dashdot"}

_LEAST_WRITTEN = 0.03
"""Share below which a piece of the bar is too narrow for its number; pointing at it tells it."""


def share_figure(heat: PromptHeat, layer: int) -> go.Figure:
    """The whole of a layer's heat as one bar: each picture, the prompt, the answer so far, the template."""
    pictures, shares = heat.picture_shares(layer), heat.shares(layer)
    parts = [("picture", _picture_name(number, len(pictures)), share) for number, share in enumerate(pictures, 1)]
    parts += [(name, _(SOURCE_TITLES[name]), share) for name, share in shares.items() if name != "picture"]
    figure = go.Figure([_piece(source, label, share) for source, label, share in parts])
    figure.update_xaxes(range=[0, 1], tickformat=".0%", showgrid=False, title=_("share of all heat of the layer"))
    figure.update_yaxes(visible=False)
    figure.update_layout(
        barmode="stack",
        height=150,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0, "traceorder": "normal"},
    )
    return figure


def shares_over_depth(heat: PromptHeat, layer: int) -> go.Figure:
    """The four shares at every layer, a line each; a dotted line marks the layer on display."""
    layers = list(range(heat.total_layers))
    shares = [heat.shares(each) for each in layers]
    figure = go.Figure(
        [
            go.Scatter(
                x=layers,
                y=[each[source] for each in shares],
                name=_(title),
                mode="lines+markers",
                line={"color": _COLOURS[source], "width": 2, "dash": _DASHES[source]},
                marker={"size": 6},
                hovertemplate=_("layer {number}: {value}", number="%{x}", value="%{y:.1%}")
                + f"<extra>{_(title)}</extra>",
            )
            for source, title in SOURCE_TITLES.items()
        ]
    )
    shapes, words = shaded_thirds(heat.total_layers, False, range(1, 2), with_words=True)
    shapes.append(panel_shape("line", layer, layer, 1) | {"line": {"color": GREY, "width": 1.5, "dash": "dot"}})
    figure.update_xaxes(
        title=_(PARTS["decoder"].axis),
        range=[-0.5, heat.total_layers - 0.5],
        showgrid=False,
        tickmode="linear",
        tick0=0,
        dtick=max(1, -(-heat.total_layers // 8)),
    )
    figure.update_yaxes(title=_("share of all heat of the layer"), tickformat=".0%", rangemode="tozero")
    figure.update_layout(
        shapes=shapes,
        annotations=words,
        height=320,
        margin={"l": 8, "r": 8, "t": 16, "b": 8},
        legend={"orientation": "h", "yanchor": "top", "y": -0.25, "xanchor": "left", "x": 0},
    )
    return figure


def _picture_name(number: int, count: int) -> str:
    return _("picture {number}", number=number) if count > 1 else _(SOURCE_TITLES["picture"])


def _piece(source: str, label: str, share: float) -> go.Bar:
    return go.Bar(
        x=[share],
        y=[""],
        orientation="h",
        name=label,
        marker={
            "color": _COLOURS[source],
            "pattern": {"shape": _PATTERNS[source], "fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.35)"},
            "line": {"width": 1, "color": "rgba(255,255,255,0.6)"},
        },
        text=f"{100 * share:.0f} %" if share >= _LEAST_WRITTEN else "",
        textposition="inside",
        insidetextanchor="middle",
        hovertemplate=f"{label}: %{{x:.1%}}<extra></extra>",
    )
