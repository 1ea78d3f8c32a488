"""`python -m core evaluate`: how true the maps are, as a table, JSON, CSV and a figure.

On held-out scenes; with `--data`, on people's own data (`core.cli.evaluation.evaluate_data`).
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from core.cli import model_arguments
from core.cli.evaluation import evaluate_data, sinks
from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import ended, failed
from core.cli.terminal.progress_bar import ProgressBar
from core.evaluation.benchmark.answer_matching import SHORT
from core.evaluation.benchmark.localisation import KINDS
from core.evaluation.benchmark.runner import Plan, measure_in_processes
from core.evaluation.benchmark.sinks.strengths import STRENGTHS
from core.evaluation.benchmark.summary import summary
from core.evaluation.benchmark.text_report import text, to_csv
from core.models.checkpoints import describe_model
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS
from core.schema.target import DEFAULT_SCORE, SCORES

PROCESSES = min(4, os.cpu_count() or 1)


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = CommandParser(
        prog="python -m core evaluate",
        description="Measures every method against the known pixels of held-out scenes or, with --data, of your own "
        "pictures.",
    )
    evaluate_data.add_data(parser)
    parser.add_argument("--scenes", type=int, default=200, help="scenes answered right (default: %(default)s)")
    parser.add_argument("--slow_scenes", type=int, default=20, help="of them, also by methods with passes of their own")
    parser.add_argument("--removal_scenes", type=int, default=40, help="of them, taken apart cell by cell")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(SHORT), help="kinds of question")
    parser.add_argument("--part", choices=list(PARTS), default="decoder", help="whose layers are measured")
    parser.add_argument("--score", choices=list(SCORES), default=DEFAULT_SCORE, help="what is summed over the answer")
    parser.add_argument(
        "--num_samples", "--noise_samples", "--noise-samples", type=int, default=1, help="SmoothGrad samples"
    )
    parser.add_argument("--noise_std", type=float, default=0.0, help="noise, in normalised pixel values")
    parser.add_argument(
        "--sinks",
        nargs="*",
        choices=list(STRENGTHS),
        help="instead, hold every method against attention sinks implanted into the embedded model, of these strengths "
        "(default: all)",
    )
    model_arguments.add_model(parser)
    parser.add_argument(
        "--processes",
        "--workers",
        type=int,
        help=f"that share the scenes, and which are drawn depends on how many (default: {PROCESSES}); with --data, "
        "that share its rows (default: 1)",
    )
    parser.add_argument(
        "--output_dir",
        "--output-dir",
        "--out",
        default="evaluation",
        help="where evaluation.json, .csv and .png go, and with --data what is measured so far",
    )
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    return ended(lambda: _run(options), options.output_dir, options.json)


def _run(options: argparse.Namespace) -> int:
    model = model_arguments.chosen_model(options)
    if options.data is not None:
        return evaluate_data.run(options, model)
    evaluate_data.refuse_without_data(options)
    wanted = PROCESSES if options.processes is None else options.processes
    plan = Plan(
        scenes=options.scenes,
        slow_scenes=options.slow_scenes,
        removal_scenes=options.removal_scenes,
        kinds=tuple(options.kinds),
        score=options.score,
        num_samples=options.num_samples,
        noise_std=options.noise_std,
        model=model,
        device=options.device,
        tower=options.part == "tower",
    )
    if plan.scenes < 1 or wanted < 1:
        return failed("--scenes and --processes must be 1 or more.", options.json)
    folder = Path(options.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    if options.sinks is not None:
        sinks.run(options, model, folder)
        return 0
    with ProgressBar() as bar:  # before there are several processes that would each fetch it
        describe_model(plan.model, plan.device, on_progress=bar.show)
    started = time.perf_counter()
    processes = min(wanted, plan.scenes)
    told = summary(measure_in_processes(plan, processes))
    seconds = round(time.perf_counter() - started, 1)
    told = {"plan": plan.__dict__, "processes": processes, "seconds": seconds, **told}
    print(json.dumps(told, indent=1) if options.json else text(told))
    (folder / "evaluation.json").write_text(json.dumps(told, indent=1), "utf-8")
    (folder / "evaluation.csv").write_text(to_csv(told), "utf-8")
    draw(told, folder / "evaluation.png")
    print(f"{seconds:.0f} s; files are in {folder}", file=sys.stderr if options.json else sys.stdout)
    return 0


def draw(told: dict[str, Any], path: Path) -> None:
    """Pointing, energy and AUC over depth for every method; methods with one map are level lines."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(15, 5.4), sharex=True)
    layers, axis_title = range(told["total_layers"]), PARTS["tower" if told["plan"]["tower"] else "decoder"].axis
    for number, (name, row) in enumerate(told["methods"].items()):
        style = {"color": pyplot.get_cmap("tab20")(number % 20), "lw": 2.6 if number < 2 else 1.2}
        for axis, metric in zip(axes, ("pointing", "energy", "auc"), strict=True):
            values = row[metric]["mean"]
            if row["maps"] == "one":
                axis.axhline(values[0], ls="--", label=METHODS[name].title, **style)
            else:
                axis.plot(layers, values, marker="o", ms=3, label=METHODS[name].title, **style)
            if number < 2:  # the recommended ones: seventeen bands would hide the lines
                ends = [row[metric][end] * (1 if row["maps"] == "layers" else len(layers)) for end in ("low", "high")]
                axis.fill_between(layers, *ends, color=style["color"], alpha=0.2, lw=0)
    titles = (
        "Pointing: hottest cell on the object",
        "Energy: share of heat on the object",
        "AUC: on the object or not",
    )
    for axis, title in zip(axes, titles, strict=True):
        axis.set(title=title, xlabel=axis_title, ylim=(-0.02, 1.02))
        axis.grid(alpha=0.25)
    axes[0].axhline(told["chance"], color="black", ls=":", lw=1, label="blind map")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=7, fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0.13, 1, 1))
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
