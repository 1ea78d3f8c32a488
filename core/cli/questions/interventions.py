"""`python -m core what-if` and `reliance`: the model is asked again without a part of what it was given."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout

from core.analysis.regions import Region
from core.cli import conversation_arguments, model_arguments, picture_files
from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import ended
from core.cli.terminal.progress_bar import ProgressBar
from core.errors import InputError, shown
from core.inputs.brightness import Brightness
from core.inputs.pictures import Picture
from core.interventions.reliance_report import Reliance
from core.interventions.removal import Cell
from core.interventions.report import FILLS, WhatIf
from core.models.checkpoints import describe_model
from core.schema.visible_text import visible

WHAT_IF = "what-if"
RELIANCE = "reliance"


def build_parser(command: str) -> argparse.ArgumentParser:
    """The options of one of the two commands."""
    about = {
        WHAT_IF: "What the model says without a part of the picture, or with nothing but that part, and how likely "
        "each token of its answer is then.",
        RELIANCE: "By how much each word of the answer gets less likely without the picture, without the question, and "
        "without the answer so far, in nats.",
    }
    parser = CommandParser(prog=f"python -m core {command}", description=about[command])
    picture_files.add_pictures(parser)
    parser.add_argument("--prompt", help="the question")
    conversation_arguments.add_conversation(parser)
    if command == WHAT_IF:
        part = parser.add_mutually_exclusive_group(required=True)
        part.add_argument(
            "--region",
            metavar="LEFT,TOP,RIGHT,BOTTOM",
            help="a box in pixels, or in parts of the picture where no number is above 1; or a polygon of corners in "
            "parts of the picture, as 0.1,0.2;0.5,0.2;0.3,0.6",
        )
        part.add_argument("--cells", metavar="ROW,COLUMN;...", help="cells of the map, counted from 0")
        parser.add_argument("--keep", action="store_true", help="keep only that part; default: remove it")
        parser.add_argument("--picture", type=int, default=1, help="which of several pictures is meant, from 1")
    parser.add_argument("--fills", nargs="+", default=list(FILLS), help=f"of {', '.join(FILLS)} (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the fill of noise")
    parser.add_argument("--text", help="follow this sentence instead of what the model says")
    parser.add_argument("--picture_after", "--picture-after", action="store_true", help="the picture after the prompt")
    parser.add_argument("--max_new_tokens", "--max-new-tokens", type=int, default=128, help="longest answer, in tokens")
    picture_files.add_max_pixels(parser)
    picture_files.add_brightness(parser)
    picture_files.add_page(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    model_arguments.add_model(parser)
    return parser


def what_if(arguments: list[str]) -> int:
    """Runs `python -m core what-if`; returns the exit code."""
    return _run(WHAT_IF, arguments)


def reliance(arguments: list[str]) -> int:
    """Runs `python -m core reliance`; returns the exit code."""
    return _run(RELIANCE, arguments)


def _run(command: str, arguments: list[str]) -> int:
    options = build_parser(command).parse_args(arguments)
    return ended(lambda: _tell(command, options), as_json=options.json)


def _tell(command: str, options: argparse.Namespace) -> None:
    found = _ask(command, options)
    if options.json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        print(what_if_text(found) if isinstance(found, WhatIf) else reliance_text(found))


def _ask(command: str, options: argparse.Namespace) -> WhatIf | Reliance:
    conversation_arguments.settle(options, options.image_path)
    brightness = Brightness.parse(options.brightness)
    with redirect_stdout(sys.stderr):  # what was done to them is no part of the findings
        pictures = [picture_files.read(path, brightness, options.page) for path in options.image_path]
    part = _part(options, pictures) if command == WHAT_IF else {}  # before a model is loaded for nothing
    from core.engine.explainer import Explainer

    with ProgressBar() as bar:
        card = describe_model(model_arguments.chosen_model(options), options.device, on_progress=bar.show)
    explainer = Explainer.from_pretrained(card)
    for note in explainer.loaded.notes:
        print(visible(note), file=sys.stderr)
    return (explainer.what_if if command == WHAT_IF else explainer.reliance)(
        pictures,
        options.prompt,
        **part,
        fills=options.fills,
        sentence=options.text,
        seed=options.seed,
        max_new_tokens=options.max_new_tokens,
        max_pixels=picture_files.max_pixels_for(options.max_pixels, pictures, card.folder),
        picture_first=not options.picture_after,
        conversation=options.conversation,
    )


def _part(options: argparse.Namespace, pictures: Sequence[Picture]) -> dict[str, object]:
    if not 1 <= options.picture <= len(pictures):
        raise InputError(f"There is no picture number {options.picture}; the prompt has {len(pictures)}.")
    number = options.picture - 1
    if options.region is None:
        return {"cells": cells_of(options.cells), "keep": options.keep, "picture": number}
    return {"region": region_of(options.region, pictures[number].size), "keep": options.keep, "picture": number}


def region_of(text: str, size: tuple[int, int]) -> Region:
    """A region as it is typed: a box in pixels or in parts of the picture, or a polygon in parts of it.

    Args:
        size: (width, height) in pixels.

    Raises:
        InputError: it is none, or lies outside of the picture.
    """
    if ";" in text:
        return Region.from_text(text)
    values = _numbers(text, float, 4, "A box is written as LEFT,TOP,RIGHT,BOTTOM, four numbers")
    width, height = size
    if max(values) > 1:
        if min(values) < 0 or max(values[0::2]) > width or max(values[1::2]) > height:
            raise InputError(f"The box {text} lies outside of the picture, which has {width:,} x {height:,} pixels.")
        values = [value / side for value, side in zip(values, (width, height) * 2, strict=True)]
    return Region((tuple(values[:2]), tuple(values[2:])))


def cells_of(text: str) -> list[Cell]:
    """Cells as they are typed.

    Raises:
        InputError: there is none.
    """
    told = "Cells are written as ROW,COLUMN with ; between them, whole numbers"
    return [tuple(_numbers(each, int, 2, told)) for each in text.split(";")]


def _numbers(text: str, kind: Callable[[str], float], count: int, told: str) -> list[float]:
    try:
        values = [kind(value) for value in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count:
        raise InputError(f"{told}, not {shown(text)}.")
    return values


def what_if_text(found: WhatIf) -> str:
    """What a removal came to, as plain text: answers, and a table of the tokens followed."""
    part = "with nothing but the part" if found.keep else "without the part"
    lines = [f"Answer: {visible(found.old_answer)}", f"{found.share:.1%} of the picture removed; {part}:"]
    for each in found.interventions:
        changed = "changed" if each.changed else "the same"
        lines.append(
            f"  {each.fill:6s} {changed:9s} {visible(each.answer)}\n"
            f"         log p of the answer {each.log_p_before:.2f} -> {each.log_p_after:.2f}"
        )
    lines.append("\nProbability of each token of the answer, before and after")
    lines.append(f"{'token':20s}{'before':>8s}" + "".join(f"{each.fill:>8s}" for each in found.interventions))
    for tokens in zip(*(each.tokens for each in found.interventions), strict=True):
        after = "".join(f"{token.after:8.3f}" for token in tokens)
        lines.append(f"{visible(tokens[0].text)[:19]!r:20s}{tokens[0].before:8.3f}{after}")
    return "\n".join(lines)


def reliance_text(found: Reliance) -> str:
    """What words rest on, as plain text."""
    lines = [f"Answer: {visible(found.answer)}", "Nats by which a word gets less likely without it"]
    lines.append(f"{'word':20s}{'picture':>9s}{'question':>10s}{'so far':>8s}")
    for word in found.words():
        numbers = f"{word.picture:9.2f}{word.question:10.2f}{word.so_far:8.2f}"
        lines.append(f"{visible(word.text)[:19]:20s}{numbers}  {word.kind}")
    return "\n".join(lines)
