"""`python -m core.evaluation.datasets`: scenes become a data set, or one is gone through before it is measured."""

import argparse
import sys
from pathlib import Path

from core.errors import ExplainError, InputError
from core.evaluation.datasets.case import Case, DataSet, Skipped
from core.evaluation.datasets.convert import FORMATS, KINDS, write
from core.evaluation.datasets.opening import open_dataset
from core.inputs.pictures import load_picture
from core.scenes.wording import KINDS as ALL_KINDS
from core.schema.visible_text import visible


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m core.evaluation.datasets",
        description="Writes scenes whose truth is known as a data set; or, with --check, goes through a data set and "
        "says which of its rows can be measured.",
    )
    parser.add_argument("path", help="the folder to write into; with --check, a data set")
    parser.add_argument("--format", choices=list(FORMATS), default="coco", help="(default: %(default)s)")
    parser.add_argument("--scenes", type=int, default=24, help="how many are written (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="which; 0 are those of python -m core evaluate")
    parser.add_argument("--kinds", nargs="+", choices=ALL_KINDS, default=list(KINDS), help="kinds of question")
    parser.add_argument("--check", action="store_true", help="write nothing, and look at every row of a data set")
    parser.add_argument("--pictures", help="with --check: the folder of its pictures")
    parser.add_argument("--show", type=int, default=20, help="with --check: unusable rows that are named")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit code: 1 where rows of a data set cannot be measured, 2 where nothing can."""
    options = build_parser().parse_args(arguments)
    try:
        if options.check:
            return check(open_dataset(options.path, pictures=options.pictures), options.show)
        file = write(Path(options.path), options.format, options.scenes, options.seed, options.kinds)
        print(f"{options.scenes} scenes are in {visible(str(file))}")
        return 0
    except ExplainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def check(dataset: DataSet, shown: int) -> int:
    """Reads every picture and mask of a data set; prints what cannot be measured, and how many rows can."""
    unusable = usable = 0
    for row in map(measured, dataset):
        if isinstance(row, Case):
            usable += 1
            continue
        unusable += 1
        if unusable <= shown:
            print(f"{row.row}: {row.why}")
    if unusable > shown:
        print(f"... and {unusable - shown:,} more")
    print(f"{visible(dataset.name)} ({dataset.kind}): {usable:,} of {usable + unusable:,} rows can be measured")
    return 0 if not unusable else 1


def measured(row: Case | Skipped) -> Case | Skipped:
    """A row whose picture and mask were read, or the reason why they cannot be."""
    if isinstance(row, Skipped):
        return row
    try:
        width, height = load_picture(row.picture).size
        row.region((height, width))
    except InputError as error:
        return Skipped(row.row, str(error))
    return row


if __name__ == "__main__":
    sys.exit(main())
