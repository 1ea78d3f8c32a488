"""`python -m core fits`: which sizes of a model fit which card, as a table in Markdown."""

import argparse

from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import say
from core.memory.what_fits import CARDS, rows, table


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = CommandParser(
        prog="python -m core fits",
        description="Tells for each size of Qwen2.5-VL, and each number of bits, how many noise samples of a run of "
        "all layers go through it at once on a card. A star: with layers computed again; a dash: not one fits.",
    )
    parser.add_argument("--visual", type=int, default=1230, help="visual tokens (default: %(default)s)")
    parser.add_argument("--answer", type=int, default=64, help="tokens of the answer (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=10, help="noise samples wanted (default: %(default)s)")
    parser.add_argument("--cards", type=int, nargs="+", default=list(CARDS), help="memory of each, in GiB")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row, in a line")
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    if min(options.visual, options.answer, options.samples, *options.cards) < 1:
        build_parser().error("every number must be 1 or more")
    asked = (options.visual, options.answer, options.samples, options.cards)
    if not options.json:
        print(table(*asked))
        return 0
    for row in rows(*asked):
        fits = [
            {"gib": card, "samples": samples, "recompute": again}
            for card, (samples, again) in zip(options.cards, row.found, strict=True)
        ]
        say({"model": row.model, "bits": row.bits, "bytes": row.bytes, "cards": fits})
    return 0
