"""A report -> a figure: every map's pointing, energy, overlap and areas, with blind maps and published figures."""

from pathlib import Path
from typing import Any

from core.evaluation.protocol.published import LABEL, PUBLISHED
from core.evaluation.protocol.table import rows_of
from core.schema.methods import METHODS

PANELS = {
    "pointing_box": "Pointing: centre of the hottest cell in the box",
    "pointing_mask": "Pointing: the same, on the object's pixels",
    "energy": "Energy: share of heat on the object",
    "obj_iou": "obj-IoU at Otsu's threshold",
    "insertion": "Insertion (high is good)",
    "deletion": "Deletion (low is good)",
}
_OURS, _BLIND, _THEIRS = "#2a8fbd", "#8a8a8a", "#e08a1e"


def draw(report: dict[str, Any], *files: Path) -> None:
    """Writes the figure into files whose endings say their format: .png, .svg, .pdf.

    A map a line, its mean as a point with the 95 % interval; published figures, of other pictures, in another colour.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = list(rows_of(report))
    panels = {name: title for name, title in PANELS.items() if any(name in figures for *_, figures in rows)}
    titles = [_title(name, layer) for name, layer, _cases, _figures in rows]
    theirs = [each for each in PUBLISHED if panels.keys() & each.figures.keys()]
    titles += [f"{each.method} ({LABEL})" for each in theirs]
    figure, axes = pyplot.subplots(
        1, len(panels), figsize=(3 + 3.2 * len(panels), 1.6 + 0.3 * len(titles)), sharey=True, squeeze=False
    )
    for axis, (name, title) in zip(axes[0], panels.items(), strict=True):
        for at, (map_name, _layer, _cases, figures) in enumerate(rows):
            if name in figures:
                ends, colour = figures[name], _OURS if map_name in report["methods"] else _BLIND
                axis.plot([ends["low"], ends["high"]], [at, at], color=colour, lw=2, alpha=0.5)
                axis.plot(ends["mean"], at, "o", color=colour, ms=5)
        for at, each in enumerate(theirs, len(rows)):
            if name in each.figures:
                axis.plot(each.figures[name], at, "D", color=_THEIRS, ms=5)
        axis.set(title=title, xlim=(-0.02, 1.02))
        axis.title.set_fontsize(9)
        axis.grid(alpha=0.25)
    axes[0][0].set_yticks(range(len(titles)), titles, fontsize=8)
    axes[0][0].invert_yaxis()
    figure.tight_layout()
    for file in files:
        figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _title(name: str, layer: int | None) -> str:
    title = METHODS[name].title if name in METHODS else name
    return title if layer is None else f"{title}, layer {layer}"
