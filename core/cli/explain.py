"""Command line: `python -m core explain P --prompt T --mode grid --output_dir D`; `--image_path P` says the same.

The original's options, spelt with underscores or hyphens, and a few more. What `python -m core NAME` runs for a name
such as `evaluate` says `core.cli.commands`. Exit code 2 and one sentence on standard error for anything that cannot be
used.
"""

import argparse
import sys
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from core.analysis.concentration import HEADLINE, STATISTICS, progression
from core.cli import explain_video, forecast, model_arguments, picture_files, video_files
from core.cli.box_lines import boxes_table
from core.cli.commands import find_command
from core.cli.explain_options import build_parser
from core.cli.progress_bar import ProgressBar
from core.errors import ExplainError, InputError
from core.export.npz import to_json, to_npz
from core.inputs.brightness import Brightness
from core.models.checkpoints import describe_model
from core.schema import Answer, ExplainRequest, ExplainResult
from core.schema.depth_notes import depth_notes
from core.schema.layers import quarters
from core.schema.methods import COMBINED, METHODS, PEAK, check_method
from core.schema.target import Target
from core.schema.visible_text import visible


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and (command := find_command(arguments[0])):
        return command(arguments[1:])
    if arguments[:1] == ["explain"]:
        files = list(takewhile(lambda argument: not argument.startswith("-"), arguments[1:]))
        arguments = [*(f"--image_path={file}" for file in files), *arguments[1 + len(files) :]]
    options = build_parser().parse_args(arguments)
    try:
        run(options)
    except ExplainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # reading has sentences of its own: this is the output folder
        where, why = error.filename or options.output_dir, error.strerror or error
        print(f"error: {where} cannot be written: {why}. Choose another --output_dir.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def run(options: argparse.Namespace) -> None:
    """Explains, writes pictures, result.npz and result.json, and prints the concentration table.

    Of several pictures of one prompt each has a folder of its own, picture-1 and so on, for what is drawn.
    """
    from core.engine.explainer import Explainer
    from core.rendering import (
        figures,  # after parsing: --help and typing errors should not wait for OpenCV and torch
    )

    film = video_files.video_among(options.image_path, options)
    if film is not None and options.page != 1:
        raise InputError("--page is for PDF documents, and a video was given. Leave it out.")
    if film is not None:
        return run_video(options, film)
    brightness = Brightness.parse(options.brightness)
    pictures = [picture_files.read(path, brightness, options.page) for path in options.image_path]
    method = _method(options)
    # A method with one map in all has nothing else to draw.
    mode = options.mode if METHODS[method].per_layer else "combined"
    folder = Path(options.output_dir) / mode
    folder.mkdir(parents=True, exist_ok=True)
    with ProgressBar() as bar:
        card = describe_model(model_arguments.chosen_model(options), options.device, on_progress=bar.show)
        bar.close()
        sizes = [picture.size for picture in pictures]
        max_pixels = picture_files.max_pixels_for(options.max_pixels, pictures, card.folder)
        expected = forecast.before_loading(card, sizes, _counted(options, method, max_pixels))
        picture_files.say_print(pictures, card.folder, max_pixels)
        explainer = Explainer.from_pretrained(card)
        forecast.after_loading(explainer, expected)
        asked = _asked(options, explainer) | {"max_pixels": max_pixels, "on_progress": bar.show}
        named = dict.fromkeys([method, PEAK]) if options.hide_sinks else method
        result = explainer.explain(pictures, options.prompt, method=named, **asked)
    save = {
        "single": figures.save_single,
        "grid": figures.save_grid,
        "multi": figures.save_multi,
        "comparative": figures.save_comparative,
        "combined": figures.save_combined,
    }[mode]
    each = result.pictures or (result,)
    for number, (own, picture) in enumerate(zip(each, pictures, strict=True), 1):
        drawn = _without_sinks(own) if options.hide_sinks else own
        save(drawn, picture.pixels, folder if len(each) == 1 else folder / f"picture-{number}")
    (folder / "result.npz").write_bytes(to_npz(result))
    (folder / "result.json").write_text(to_json(result), "utf-8")
    _say(explainer, result, options.part)
    for number, own in enumerate(each, 1):
        if len(each) > 1:
            print(f"\nPicture {number}, {options.image_path[number - 1]}")
        print(concentration_table(own))
        if boxes := boxes_table(own):
            print(boxes)
    if options.prompt_words:
        from core.cli import prompt_words

        print("\n" + prompt_words.write(explainer, pictures, result, folder))
    print(f"Files are in {folder}")


def run_video(options: argparse.Namespace, film: Path) -> None:
    """The same of a video: sheets of time steps and a film in place of pictures, and the heat's shares in time."""
    from core.engine.explainer import Explainer

    explain_video.check_options(options.hide_sinks, options.prompt_words)
    video, method = video_files.read_sampled(film, options), _method(options)
    folder = Path(options.output_dir) / (options.mode if METHODS[method].per_layer else "combined")
    folder.mkdir(parents=True, exist_ok=True)
    with ProgressBar() as bar:
        card = describe_model(model_arguments.chosen_model(options), options.device, on_progress=bar.show)
        bar.close()
        max_pixels = picture_files.max_pixels_for(options.max_pixels, [video], card.folder)
        counted = replace(_counted(options, method, max_pixels), frames=len(video))
        expected = forecast.before_loading(card, [video.size], counted)
        explainer = Explainer.from_pretrained(card)
        forecast.after_loading(explainer, expected)
        asked = _asked(options, explainer) | {"max_pixels": max_pixels, "on_progress": bar.show}
        result = explainer.explain(video=video, prompt=options.prompt, method=method, **asked)
    explain_video.write(result, video, folder, options.film)
    _say(explainer, result, options.part)
    print(concentration_table(result))
    print(explain_video.steps_table(result))
    print(f"Files are in {folder}")


def _asked(options: argparse.Namespace, explainer: Any) -> dict[str, Any]:
    """What is asked besides picture, prompt and method, as arguments of `Explainer.explain`."""
    return {
        "layers": _layers(options, explainer.depth(options.part)),
        "num_samples": options.num_samples,
        "noise_std": options.noise_std,
        "seed": options.seed,
        "part": options.part,
        "tap": options.tap,
        "target": _target(options),
        "max_new_tokens": options.max_new_tokens,
        "picture_first": not options.picture_after,
    }


def _say(explainer: Any, result: ExplainResult, part: str) -> None:
    """Prints the answer, and what is to be known of it."""
    print(_said(result.answer))
    depth = depth_notes(result.request.method, explainer.loaded.decoder, part)
    for note in (*explainer.loaded.notes, *result.answer.notes, *depth):
        print(visible(note))


def _counted(options: argparse.Namespace, method: str, max_pixels: int | None) -> ExplainRequest:
    """What is asked, as far as it decides what it takes."""
    return ExplainRequest(
        image="",
        prompt=options.prompt,
        model="",
        layers=(0,) if METHODS[method].per_layer else (),
        method=method,
        part=options.part if METHODS[method].has_tap else "decoder",
        num_samples=options.num_samples,
        noise_std=options.noise_std,
        max_new_tokens=options.max_new_tokens,
        max_pixels=max_pixels,
    )


def _said(answer: Answer) -> str:
    if answer.is_unfinished_thought:
        cut = "The model was still thinking where its answer was cut off; the thought is explained. Allow more with "
        return f"Thought: {visible(answer.thought_text)}\n{cut}--max-new-tokens."
    thought = f"Thought: {visible(answer.thought_text)}\n" if answer.thought else ""
    return f"{thought}Answer: {visible(answer.said_text if answer.thought else answer.text)}"


def _without_sinks(result: ExplainResult) -> ExplainResult:
    from core.analysis.artefacts import hide_sinks

    drawn, cells = hide_sinks(result)
    named = ", ".join(f"row {row}, column {column}" for row, column in cells)
    print(f"Sinks hidden in the pictures: {named or 'none found'}")
    return drawn


def concentration_table(result: ExplainResult) -> str:
    """Layers, or the one map in all, down; statistics across; as plain text; of a video, over all its steps."""
    values = progression(result.heat, axes=3 if result.steps else 2)
    columns = {name: values[name] for name in HEADLINE}
    lines = ["map    " + "  ".join(STATISTICS[name].title.rjust(24) for name in columns)]
    for row, layer in enumerate(result.request.maps):
        name = "one" if layer is None else str(layer)
        lines.append(f"{name:>5s}  " + "  ".join(f"{values[row]:24.3f}" for values in columns.values()))
    return "\n".join(lines)


def _method(options: argparse.Namespace) -> str:
    method = check_method(options.method)
    return COMBINED if options.mode == "combined" and METHODS[method].per_layer else method


def _target(options: argparse.Namespace) -> Target:
    common = {"sentence": options.text}
    if options.position is not None or options.instead is not None:
        return Target.contrast(options.position, options.instead, **common)
    common["score"] = options.score
    if options.words is not None:
        return Target.words(options.words, options.occurrence, **common)
    if options.tokens is not None:
        start, *stop = options.tokens
        return Target.tokens(start, stop[0] if stop else None, **common)
    return Target.answer(**common)


def _layers(options: argparse.Namespace, total: int) -> str | list[int]:
    if options.mode == "single":
        return [options.layer]
    if options.mode == "comparative":
        # The decoder's last output has no map.
        return list(range(total - 1)) if options.part == "decoder" and options.tap == "output" else "all"
    if options.mode == "multi":
        return options.layers or quarters(total)
    return options.layers or options.layer_range
