"""The axis of depth in charts: where a layer stands, and the shaded thirds behind the lines."""

from core.schema.layers import thirds
from dashboard.language import N_, _

GREY = "rgba(128,140,150,0.9)"
_SHADES = {
    "early": "rgba(128,140,150,0.05)",
    "middle": "rgba(128,140,150,0.12)",
    "late": "rgba(128,140,150,0.20)",
}
_WORDS = {"early": N_("early"), "middle": N_("middle"), "late": N_("late")}


def axis_value(layer: int, total: int, relative: bool) -> float:
    """Where a layer stands on the axis of depth."""
    return layer / max(1, total - 1) if relative else layer


def shaded_thirds(total: int, relative: bool, panels: range, with_words: bool) -> tuple[list[dict], list[dict]]:
    """Shades and names of the thirds for every panel, as plain dictionaries.

    `Figure.add_vrect` would say it shorter, but checks the whole figure for each rectangle: 100 ms a chart.
    """
    shapes, words = [], []
    for name, layers in thirds(total).items():
        if not layers:
            continue
        left = axis_value(layers[0], total, relative) if relative else layers[0] - 0.5
        right = axis_value(layers[-1] + 1, total, relative) if relative else layers[-1] + 0.5
        right = min(right, 1.0) if relative else right
        is_last = name == "late"
        for panel in panels:
            shape = panel_shape("rect", left, right, panel)
            shapes.append(shape | {"fillcolor": _SHADES[name], "line": {"width": 0}, "layer": "below"})
            if not with_words:
                continue
            words.append(
                {
                    "text": _(_WORDS[name]),
                    "font": {"size": 11, "color": GREY},
                    "showarrow": False,
                    "xref": shape["xref"],
                    "yref": shape["yref"],
                    "x": right if is_last else left,
                    "y": 0,
                    "xanchor": "right" if is_last else "left",
                    "yanchor": "bottom",
                }
            )
    return shapes, words


def panel_shape(kind: str, left: float, right: float, panel: int) -> dict:
    """A shape as high as a panel, from `left` to `right` on its axis of depth."""
    axis = "" if panel == 1 else str(panel)
    return {
        "type": kind,
        "xref": f"x{axis}",
        "yref": f"y{axis} domain",
        "x0": left,
        "x1": right,
        "y0": 0,
        "y1": 1,
    }
