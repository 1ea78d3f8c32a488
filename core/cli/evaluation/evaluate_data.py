"""`python -m core evaluate --data PATH`: how true the maps are on people's own pictures, in the field's protocol."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.cli.terminal.progress_bar import ProgressBar
from core.errors import InputError, shown
from core.evaluation.protocol.drawing import draw
from core.evaluation.protocol.plan import FILLS, USUAL, Plan
from core.evaluation.protocol.report import check_data_folder, share_report, write_report
from core.evaluation.protocol.source import Source
from core.evaluation.protocol.table import text, to_csv
from core.evaluation.protocol.workers import evaluate_source
from core.models.checkpoints import describe_model
from core.models.visual_token_count import OFF, pixel_budget
from core.schema.layers import LAYER_CHOICES
from core.schema.methods import METHODS, ONE_PASS_METHODS

_NOISE = 0.15
"""Standard deviation where noise samples are asked for and no noise: that of `core.engine.run_options.RunOptions`."""
_BUDGETS = {None: USUAL, OFF: None}
_ALONE = ("prompt", "pictures", "synonyms", "sentences", "methods", "layers", "most", "share")
"""Options that mean nothing without data; all of them are None unless given."""


def add_data(parser: argparse.ArgumentParser) -> None:
    """Adds the options of data sets."""
    group = parser.add_argument_group("your own data")
    group.add_argument("--data", type=Path, metavar="PATH", help="annotations or their folder; see docs/evaluate.md")
    group.add_argument("--prompt", help="what is asked where the data has no question (default: a description)")
    group.add_argument("--pictures", type=Path, metavar="FOLDER", help="where its pictures are, if not beside it")
    group.add_argument("--synonyms", type=Path, metavar="JSON", help='as {"person": ["man"]}: names that count too')
    group.add_argument("--sentences", type=Path, metavar="JSON", help='{"1.jpg": "A dog."}: explained as the answer')
    group.add_argument("--methods", nargs="+", choices=list(METHODS), metavar="METHOD", help="default: all of one pass")
    group.add_argument("--layers", nargs="+", help=f"half (default), {', '.join(LAYER_CHOICES)}, or numbers")
    group.add_argument("--most", type=int, help="pictures to draw by lot; default: all")
    group.add_argument("--seed", type=int, default=0, help="of that lot, of noise and of blind orders")
    group.add_argument("--max_new_tokens", "--max-new-tokens", type=int, default=128, help="longest answer")
    group.add_argument("--max_pixels", "--max-pixels", type=pixel_budget, help=f"of each picture; {OFF} for no limit")
    group.add_argument("--steps", type=int, default=10, help="of deletion and insertion (default: %(default)s)")
    group.add_argument("--fill", choices=FILLS, default="mean", help="in the place of removed pixels")
    group.add_argument("--words", type=int, default=8, help="without an object, explained for each answer: func-IoU")
    group.add_argument("--json", action="store_true", help="print the figures as JSON and not as tables")
    group.add_argument("--share", type=Path, metavar="FOLDER", help="data folder of the server that shall show it")


def refuse_without_data(options: argparse.Namespace) -> None:
    """Refuses options that mean nothing for held-out scenes.

    Raises:
        InputError: naming the first of them.
    """
    given = next((name for name in _ALONE if getattr(options, name) is not None), None)
    if given is not None:
        raise InputError(f"--{given} belongs to --data PATH: name the data set, or leave it out.")


def run(options: argparse.Namespace, model: str | None) -> int:
    """Measures, prints and writes; returns the exit code.

    Raises:
        ExplainError: with the sentence for people.
    """
    source = Source(
        options.data,
        prompt=options.prompt,
        pictures=options.pictures,
        synonyms=options.synonyms,
        most=options.most,
        seed=options.seed,
        sentences=options.sentences,
    )
    plan, folder = plan_of(options), Path(options.output_dir)
    if options.share is not None:
        check_data_folder(options.share)  # before hours of work
    source.open()  # before a model is fetched for data that cannot be read
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ProgressBar() as bar:  # before there are several processes that would each fetch it
            describe_model(model, options.device, on_progress=bar.show)
        started = time.perf_counter()
        with tqdm(unit="row", desc="measured") as rows:
            report = evaluate_source(
                source,
                plan,
                folder,
                model=model,
                device=options.device,
                workers=1 if options.processes is None else options.processes,
                on_rows=_shown_by(rows),
            )
        _write(report, folder)
        where = share_report(report, options.share) if options.share is not None else None
    except OSError as error:
        raise InputError(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    print(json.dumps(report, indent=1, ensure_ascii=False) if options.json else text(report))
    print(f"{time.perf_counter() - started:.0f} s; files are in {folder}", file=sys.stderr)
    if where is not None:
        print(f"shared as {where}", file=sys.stderr)
    return 0


def plan_of(options: argparse.Namespace) -> Plan:
    """What is measured, as the options say.

    Raises:
        InputError: an option is out of its range.
    """
    noise = options.noise_std if options.noise_std or options.num_samples == 1 else _NOISE
    return Plan(
        methods=tuple(options.methods or ONE_PASS_METHODS),
        layers=_layers(options.layers),
        num_samples=options.num_samples,
        noise_std=noise,
        seed=options.seed,
        score=options.score,
        max_new_tokens=options.max_new_tokens,
        max_pixels=_BUDGETS.get(options.max_pixels, options.max_pixels),
        taken_apart=options.removal_scenes,
        steps=options.steps,
        fill=options.fill,
        words=options.words,
    )


def _layers(given: list[str] | None) -> str | tuple[int, ...]:
    if not given:
        return "half"
    if len(given) == 1 and given[0] in ("half", *LAYER_CHOICES):
        return given[0]
    try:
        return tuple(int(each) for each in given)
    except ValueError:
        raise InputError(
            f"--layers takes one of half, {', '.join(LAYER_CHOICES)}, or numbers, not {shown(' '.join(given))}."
        ) from None


def _shown_by(bar: tqdm) -> Callable[[int, int], None]:
    """Rows done of all, with the time that is left; those of an earlier call count for no speed."""

    def show(done: int, total: int) -> None:
        if bar.total is None:
            bar.reset(total)
            bar.initial = done
        bar.update(done - bar.n)

    return show


def _write(report: dict[str, Any], folder: Path) -> None:
    write_report(report, folder / "evaluation.json")
    (folder / "evaluation.csv").write_text(to_csv(report), "utf-8")
    draw(report, folder / "evaluation.png", folder / "evaluation.svg")
