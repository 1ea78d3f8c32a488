"""`python -m core evaluate --sinks`: which maps hold where the model has attention sinks, as published ones do."""

import argparse
import datetime
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.engine.explainer import Explainer
from core.errors import InputError
from core.evaluation.benchmark.localisation import Case
from core.evaluation.benchmark.sinks.measure import SinksPlan, explainer_of, measure_in_processes, scenes_with_sinks
from core.evaluation.benchmark.sinks.shipped import reduced
from core.evaluation.benchmark.sinks.strengths import PLAIN, STRENGTHS
from core.evaluation.benchmark.sinks.summary import MEASURES, at_middle, summary, text, title_of
from core.rendering.overlay import fit, outline, overlay, sheet
from core.schema.methods import COMBINED

DRAWN = (COMBINED, "gradient_deviation", "attention", "attention_rollout", "input_gradient")
"""Methods of figure and gallery: the two recommended ones, and those that sinks ruin."""
TILE = 230


def run(options: argparse.Namespace, model: str | None, folder: Path) -> None:
    """Measures, prints the tables, and writes sinks.json, sinks.png, sinks-gallery.png and figures.json, for a page.

    Args:
        options: of `python -m core evaluate`.
        model: the chosen one; None for the embedded model, the only one that takes them.

    Raises:
        InputError: another model is chosen.
    """
    if model is not None:
        raise InputError("Sinks are implanted into the embedded model. Leave the model out, or leave out --sinks.")
    started = time.perf_counter()
    strengths = (PLAIN, *(options.sinks or STRENGTHS))
    plan = SinksPlan(options.scenes, strengths, options.num_samples, options.noise_std)
    processes = min(options.processes, plan.scenes)
    told = {"plan": plan.__dict__, "processes": processes, **summary(measure_in_processes(plan, processes))}
    print(text(told))
    (folder / "sinks.json").write_text(json.dumps(told, indent=1), "utf-8")
    command = f"python -m core evaluate --sinks --scenes {plan.scenes} --processes {processes}"
    shipped = reduced(told, datetime.date.today().isoformat(), command)
    (folder / "figures.json").write_text(json.dumps(shipped, indent=1), "utf-8")
    draw(told, folder / "sinks.png")
    case = next(scenes_with_sinks(explainer_of(PLAIN), 1))
    Image.fromarray(gallery(case, strengths)).save(folder / "sinks-gallery.png")
    print(f"{time.perf_counter() - started:.0f} s; files are in {folder}")


def draw(told: dict[str, Any], path: Path) -> None:
    """Pointing, energy and AUC of a few methods, from the model as shipped to the most sinks."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    strengths = told["strengths"]
    figure, axes = pyplot.subplots(1, len(MEASURES), figsize=(11, 3.4), sharex=True)
    for axis, measure in zip(axes, MEASURES, strict=True):
        for number, name in enumerate(DRAWN):
            each = [strength["methods"][name][measure] for strength in strengths.values()]
            means, lows, highs = ([at_middle(figures[end]) for figures in each] for end in ("mean", "low", "high"))
            colour = pyplot.get_cmap("tab10")(number)
            axis.plot(range(len(each)), means, marker="o", ms=4, color=colour, label=title_of(name))
            axis.fill_between(range(len(each)), lows, highs, color=colour, alpha=0.15, lw=0)
        axis.set(title=measure, ylim=(-0.02, 1.02))
        axis.set_xticks(range(len(strengths)), list(strengths), rotation=20)
        axis.grid(alpha=0.25)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=len(DRAWN), fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(path, dpi=80)
    pyplot.close(figure)


def gallery(case: Case, strengths: Sequence[str]) -> np.ndarray:
    """One scene, a row for each strength and a column for each method, the answer's object outlined.

    Returns:
        uint8 [height, width, 3].
    """
    tiles, small = [], fit(case.picture.pixels, 2 * TILE)
    for name in strengths:
        explainer = explainer_of(name)
        tiles += [(f"{name}: {title_of(method)}", pixels) for method, pixels in _maps(explainer, case, small)]
    title = f"{case.scene.question}  {case.answer.text}  (layer {explainer.total_layers // 2})"
    return sheet([(name, outline(tile, case.mask)) for name, tile in tiles], len(DRAWN), title, tile_width=TILE)


def _maps(explainer: Explainer, case: Case, pixels: np.ndarray) -> list[tuple[str, np.ndarray]]:
    middle = explainer.total_layers // 2
    result = explainer.explain(
        case.picture, case.scene.question, layers=[middle], method=DRAWN, noise_std=0.0, num_samples=1
    )
    found = [result.of(name) for name in DRAWN]
    return [(each.request.method, overlay(pixels, each.at(each.request.maps[0]), 0.6, even=True)) for each in found]
