"""`python -m core heads` and `python -m core lens`: the attention of single heads, and what cells would say."""

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from core.cli import conversation_arguments, model_arguments, picture_files
from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import ended
from core.cli.terminal.progress_bar import ProgressBar
from core.inputs.brightness import Brightness
from core.inputs.pictures import Picture
from core.models.checkpoints import describe_model
from core.schema import Target
from core.schema.readings.head_maps import HeadMaps
from core.schema.readings.logit_lens import LogitLens
from core.schema.visible_text import visible

ORDERS = ("agreement", "picture", "layer")
_TOLD = 10
_PROMPT = "Describe this image."


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    """The options that both commands have."""
    parser = CommandParser(prog=f"python -m core {command}", description=description)
    parser.add_argument("picture", help="the picture")
    parser.add_argument("--prompt", default=_PROMPT, help="the question (default: %(default)s)")
    conversation_arguments.add_conversation(parser)
    parser.add_argument("--layers", type=int, nargs="+", help="of these layers (default: all)")
    parser.add_argument(
        "--picture_after", "--picture-after", action="store_true", help="the picture stands after the prompt"
    )
    picture_files.add_max_pixels(parser)
    picture_files.add_brightness(parser)
    picture_files.add_page(parser)
    parser.add_argument("--json", action="store_true", help="print everything but maps as JSON, and nothing else")
    parser.add_argument("--output_dir", "--output-dir", default=command, help="where files go (default: %(default)s)")
    model_arguments.add_model(parser)
    return parser


def heads_parser() -> argparse.ArgumentParser:
    """The options of `heads`."""
    parser = _parser(
        "heads",
        "How much each attention head looks at the picture while the answer is predicted: a sheet of small maps "
        "(heads.png), the numbers (heads.npz, heads.json), and the heads that agree most with the combined map.",
    )
    parser.add_argument("--words", help="while this phrase of the answer is predicted")
    parser.add_argument("--text", help="explain this sentence instead of what the model says")
    parser.add_argument("--order", choices=ORDERS, default="agreement", help="of the sheet (default: %(default)s)")
    parser.add_argument("--max_new_tokens", "--max-new-tokens", type=int, default=128, help="longest answer, in tokens")
    return parser


def lens_parser() -> argparse.ArgumentParser:
    """The options of `lens`."""
    parser = _parser(
        "lens",
        "What the model would say at each cell of the picture if a layer were its last: the five likeliest tokens of "
        "every cell at every layer (lens.csv, lens.json), printed for one cell.",
    )
    parser.add_argument("--cell", type=int, nargs=2, metavar=("ROW", "COLUMN"), help="read this cell alone, from 0")
    parser.add_argument("--word", help="draw where this token is among the likeliest, layer by layer (lens.png)")
    return parser


def heads(arguments: list[str]) -> int:
    """Runs `heads`; returns the exit code."""
    options = heads_parser().parse_args(arguments)
    return ended(lambda: _heads(options), options.output_dir, options.json)


def lens(arguments: list[str]) -> int:
    """Runs `lens`; returns the exit code."""
    options = lens_parser().parse_args(arguments)
    return ended(lambda: _lens(options), options.output_dir, options.json)


def _heads(options: argparse.Namespace) -> None:
    from core.export.readings import describe_heads, heads_npz, numbers
    from core.rendering.encoding import png
    from core.rendering.head_sheet import head_sheet

    if options.words is None:
        target = Target.answer(sentence=options.text)
    else:
        target = Target.words(options.words, sentence=options.text)
    picture = _read(options)
    maps: HeadMaps = _asked(
        options,
        picture,
        lambda explainer, given, bar: explainer.heads(
            picture,
            options.prompt,
            target=target,
            max_new_tokens=options.max_new_tokens,
            on_progress=bar.show,
            **given,
        ),
    )
    told = describe_heads(maps)
    files = {
        "heads.png": png(head_sheet(maps, options.order).pixels),
        "heads.npz": heads_npz(maps),
        "heads.json": _json(told),
    }
    _write(options, files, told)
    if options.json:
        return
    print(f"Answer: {visible(maps.answer.text)}")
    if len(maps.layers) < maps.total_layers and options.layers is None:
        print(f"Layers that attend, the others have no heads: {', '.join(map(str, maps.layers))}")
    print(f"{'layer':>5} {'head':>5} {'agreement':>10} {'on picture':>11} {'on sinks':>9}")
    for layer, head in maps.ordered()[:_TOLD]:
        known = numbers(maps, layer, head)
        shares = f"{known['picture_share']:>11.1%} {known['sink_share']:>9.1%}"
        print(f"{layer:>5} {head:>5} {known['agreement']:>10.3f} {shares}")
    print(f"Files are in {options.output_dir}")


def _lens(options: argparse.Namespace) -> None:
    from core.export.readings import describe_lens, lens_csv

    picture, cell = _read(options), None if options.cell is None else tuple(options.cell)
    found: LogitLens = _asked(
        options, picture, lambda explainer, given, _: explainer.logit_lens(picture, options.prompt, cell=cell, **given)
    )
    told = describe_lens(found, cell)
    files: dict[str, bytes | str] = {"lens.csv": lens_csv(found), "lens.json": _json(told)}
    if options.word is not None:
        files["lens.png"] = _word_sheet(found, picture, options.word)
    _write(options, files, told)
    if options.json:
        return
    print(f"Cells: {found.grid[0]} rows and {found.grid[1]} columns, counted from 0")
    if cell is not None:
        for layer, said in found.at(*cell).items():
            print(f"{layer:>5}  " + "  ".join(f"{visible(each.text)!r} {each.probability:.3f}" for each in said))
    print(f"Files are in {options.output_dir}")


def _read(options: argparse.Namespace) -> Picture:
    """The picture; with --json what is said of it is left out, for nothing else may be printed."""
    conversation_arguments.settle(options, [options.picture], _PROMPT)
    brightness = Brightness.parse(options.brightness)
    if options.json:
        from core.inputs.pictures import load_picture

        return load_picture(options.picture, brightness, options.page)
    return picture_files.read(options.picture, brightness, options.page)


def _asked(
    options: argparse.Namespace, picture: Picture, ask: Callable[[Any, dict[str, Any], ProgressBar], Any]
) -> Any:
    """What is read of the picture by the chosen model."""
    from core.engine.explainer import Explainer

    with ProgressBar() as bar:
        card = describe_model(model_arguments.chosen_model(options), options.device, on_progress=bar.show)
        given = {
            "layers": "all" if options.layers is None else options.layers,
            "max_pixels": picture_files.max_pixels_for(options.max_pixels, [picture], card.folder),
            "picture_first": not options.picture_after,
            "conversation": options.conversation,
        }
        return ask(Explainer.from_pretrained(card), given, bar)


def _word_sheet(lens: LogitLens, picture: Picture, word: str) -> bytes:
    from core.rendering.encoding import png
    from core.rendering.overlay import fit, overlay, sheet

    small, maps = fit(picture.pixels, 360), lens.where(word)
    top = float(maps.max()) or None
    tiles: Iterable[tuple[str, Any]] = (
        (f"Layer {layer}: {float(heat.max()):.3f}", overlay(small, heat, smooth=False, maximum=top))
        for layer, heat in zip(lens.layers, maps, strict=True)
    )
    return png(sheet(list(tiles), min(6, len(lens.layers)), f"Probability of {visible(word)}"))


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2)


def _write(options: argparse.Namespace, files: dict[str, bytes | str], told: dict[str, Any]) -> None:
    folder = Path(options.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    if options.json:
        print(_json(told))
