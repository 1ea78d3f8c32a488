"""A report -> the table that the terminal shows, with published figures beside it, and CSV that holds every figure."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.evaluation.protocol.figures import MEASURES, REMOVAL, SHORT, WORD_MEASURES
from core.evaluation.protocol.published import LABEL, PUBLISHED, Published
from core.export.tables import csv_text
from core.schema.visible_text import visible

COLUMNS = (
    *("pointing_box", "pointing_mask", "pointing", "energy", "soft_iou", "auc"),
    *("obj_iou", "func_iou", "f1_iou", "obj_iou_half", "func_iou_half", "f1_iou_half", "insertion", "deletion"),
)
"""Figures in the order in which tables have them."""

Ends = dict[str, float]
"""mean, low, high"""


def rows_of(report: dict[str, Any]) -> Iterator[tuple[str, int | None, int, dict[str, Ends]]]:
    """(name, layer, cases, figure -> its mean and interval) of every map: methods first, then what is blind.

    Areas of deletion and insertion are of one map of each method, and stand in its row; orders that are no map of a
    method have rows of their own at the end.
    """
    removal = dict(report["removal"])
    for name, row in (*report["methods"].items(), *report["blind"].items()):
        areas = removal.pop(name, None)
        middle = row["layers"][len(row["layers"]) // 2]
        for position, layer in enumerate(row["layers"]):
            told = {measure: _at(row[measure], position) for measure in MEASURES}
            words = report["words"].get(name)
            if words:
                told |= {measure: _at(words[measure], position) for measure in WORD_MEASURES}
            if areas and layer == middle:
                told |= {kind: areas[kind] for kind in REMOVAL}
            yield name, layer, row["cases"], told
    for name, areas in removal.items():
        yield name, None, areas["cases"], {kind: areas[kind] for kind in REMOVAL}


def text(report: dict[str, Any], published: Sequence[Published] = PUBLISHED) -> str:
    """The table for a terminal: maps down, figures across, half the 95 % interval below each."""
    heads = _across({name: SHORT[name] for name in COLUMNS})
    lines = [*head(report), "", f"{'map':26s}{'layer':>6s}{'objects':>9s}{heads}"]
    for name, layer, cases, figures in rows_of(report):
        means = _across({key: f"{ends['mean']:.3f}" for key, ends in figures.items()})
        lines.append(f"{name:26s}{'' if layer is None else layer:>6}{cases:>9,}{means}".rstrip())
        halves = {key: f"±{(ends['high'] - ends['low']) / 2:.3f}" for key, ends in figures.items()}
        lines.append(f"{'':41s}{_across(halves)}".rstrip())
    lines += ["", f"{LABEL[0].upper()}{LABEL[1:]}:"]
    for each in published:
        told = {name: f"{value:.3f}" for name, value in each.figures.items()}
        lines.append(f"{each.method:41s}{_across(told)}".rstrip())
    sources = dict.fromkeys((each.setting, each.source) for each in published)
    lines += [f"  {setting}: {source}" for setting, source in sources]
    return "\n".join([*lines, "", *(f"{SHORT[name]:8s} {says}" for name, says in _meanings().items())])


def head(report: dict[str, Any]) -> list[str]:
    """What was measured, and what was left out, a sentence each."""
    names = ("rows", "measured", "pictures", "unnamed", "skipped")
    rows, measured, pictures, unnamed, skipped = (report["counts"][name] for name in names)
    data, model = visible(report["data"]["name"]), visible(report["model"]["name"])
    lines = [f"{data} by {model}: {measured:,} objects on {pictures:,} pictures measured, of {rows:,} rows."]
    if unnamed:
        part = unnamed / (measured + unnamed)
        lines.append(f"{unnamed:,} objects ({part:.1%}) are left out: the answer never names them.")
    if skipped:
        lines.append(f"{skipped:,} rows cannot be used. The first of them:")
        lines += [f"  {visible(row)}: {visible(why)}" for row, why in report.get("skipped", [])]
    return lines


def to_csv(report: dict[str, Any], published: Sequence[Published] = PUBLISHED) -> str:
    """Every figure, one a line: map, layer, figure, mean, its 95 % interval, objects, source.

    `source` is empty for what was measured here, and says where a published figure was read.
    """
    return csv_text(("map", "layer", "figure", "mean", "low", "high", "objects", "source"), _lines(report, published))


def _lines(report: dict[str, Any], published: Sequence[Published]) -> Iterator[tuple]:
    for name, layer, cases, figures in rows_of(report):
        for key, ends in figures.items():
            yield name, "" if layer is None else layer, key, ends["mean"], ends["low"], ends["high"], cases, ""
    for each in published:
        for key, value in each.figures.items():
            yield each.method, "", key, value, "", "", "", f"{LABEL}: {each.setting}; {each.source}"


def _at(figures: dict[str, list[float]], position: int) -> Ends:
    return {end: values[position] for end, values in figures.items()}


def _across(cells: dict[str, str]) -> str:
    return "".join(f"{cells.get(name, ''):>8s}" for name in COLUMNS)


def _meanings() -> dict[str, str]:
    every = MEASURES | WORD_MEASURES | REMOVAL
    return {name: every[name] for name in COLUMNS}
