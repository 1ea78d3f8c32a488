"""What interventions found -> plotly figures: an answer's tokens before and after, and what its words rest on."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.interventions.reliance_report import Reliance
from core.interventions.report import FILL_WORDS, WhatIf
from dashboard.charts.base import plain
from dashboard.language import N_, _, sentence

_OLD = "#8b959e"
_FILLS = {"blur": ("#2a8fbd", "circle"), "mean": ("#e08a1e", "square"), "noise": ("#2fa37c", "diamond")}
"""Fill -> its colour, and the shape that says the same without colour."""

PARTS = {
    "picture": (N_("picture"), "#2a8fbd", ""),
    "question": (N_("question"), "#e08a1e", "/"),
    "so_far": (N_("answer so far"), "#8f7ad6", "."),
}
"""What a word may rest on -> how it is called, its colour, and the pattern that says the same without colour."""


def probability_figure(found: WhatIf) -> go.Figure:
    """Each token of the old answer: its probability before, as a bar, and after, as a mark for each fill."""
    tokens = found.interventions[0].tokens
    at, labels = list(range(len(tokens))), [plain(token.text, 18) or "\u2423" for token in tokens]
    figure = go.Figure(
        go.Bar(
            x=at,
            y=[token.before for token in tokens],
            name=_("whole picture"),
            marker={"color": "rgba(139,149,158,0.35)", "line": {"color": _OLD, "width": 1}},
            width=0.8,
            hovertemplate="%{y:.3f}",
        )
    )
    for number, each in enumerate(found.interventions):
        colour, symbol = _FILLS[each.fill]
        # Beside each other: fills often agree, and marks of one height would hide each other.
        shift = 0.22 * (number - (len(found.interventions) - 1) / 2)
        figure.add_trace(
            go.Scatter(
                x=[place + shift for place in at],
                y=[token.after for token in each.tokens],
                name=sentence(FILL_WORDS[each.fill].title),
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 10, "line": {"color": "white", "width": 1}},
                hovertemplate="%{y:.3f}",
            )
        )
    _words_below(figure, at, labels)
    figure.update_yaxes(title=_("probability"), range=[0, 1.04])
    figure.update_layout(height=300, hovermode="closest")
    return figure


def reliance_figure(found: Reliance) -> go.Figure:
    """Each word of the answer as a bar of three parts, stacked: what it rests on, in nats."""
    words = found.words()
    at, labels = list(range(len(words))), [plain(word.text, 18) for word in words]
    figure = go.Figure()
    for name, (title, colour, pattern) in PARTS.items():
        figure.add_trace(
            go.Bar(
                x=at,
                y=[getattr(word, name) for word in words],
                name=_(title),
                marker={
                    "color": colour,
                    "pattern": {"shape": pattern, "bgcolor": colour, "fgcolor": "white", "size": 6},
                },
                hovertemplate="%{y:+.2f}",
            )
        )
    _words_below(figure, at, labels)
    figure.update_yaxes(title=_("log p with it, minus without, in nats"), zeroline=True)
    figure.update_layout(barmode="relative", height=340, hovermode="x unified")
    return figure


def _words_below(figure: go.Figure, at: Sequence[int], labels: Sequence[str]) -> None:
    """Puts words below their marks by number, for the same word may come twice."""
    figure.update_xaxes(tickmode="array", tickvals=at, ticktext=labels, showgrid=False, range=[-0.6, len(at) - 0.4])
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
    )
