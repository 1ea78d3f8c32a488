"""Command line: `python -m core explain P --prompt T --mode grid --output_dir D`; `--image_path P` says the same.

The original's options, spelt with underscores or hyphens, and a few more; several prompts, or each of several pictures
by itself, in one load of the model. What `python -m core NAME` runs for a name such as `evaluate` says
`core.cli.commands`. Exit code 2 and one sentence on standard error for anything that cannot be used.
"""

import argparse
import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from core.analysis.concentration import HEADLINE, STATISTICS, progression
from core.cli import conversation_arguments, forecast, look_options, picture_files, video_files
from core.cli.chosen_model import ChosenModel
from core.cli.commands import find_command, overview
from core.cli.explain_options import build_parser
from core.cli.explaining import answers_drawn, explain_video, paper_figures
from core.cli.explaining.box_lines import boxes_table
from core.cli.explaining.options_asked import arguments_of, counted_request, method_of
from core.cli.explaining.questions_asked import DEFAULT_PROMPT, questions
from core.cli.explaining.told import files_in, told
from core.cli.terminal.ending import FAILED, SOME_FAILED, ended, failed, say
from core.cli.terminal.progress_bar import ProgressBar
from core.errors import InputError, OutOfMemoryError
from core.export.npz import to_json, to_npz
from core.inputs.brightness import Brightness
from core.rendering.fonts import has_cjk_font
from core.schema import Answer, ExplainResult
from core.schema.depth_notes import depth_notes
from core.schema.methods import METHODS, PEAK
from core.schema.target import quoted
from core.schema.visible_text import visible
from core.schema.words import has_cjk

NO_CJK_FONT = (
    "Below the sheets, boxes stand for Chinese, Japanese and Korean characters: no font of this machine has them. "
    "Install one, such as fonts-noto-cjk."
)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] in (["-h"], ["--help"]):
        print(overview(), end="")
        return 0
    if not arguments:
        print(overview(), end="", file=sys.stderr)
        return FAILED
    command = find_command(arguments[0])
    return _flat(arguments) if command is None else command(arguments[1:])


def explain(arguments: list[str]) -> int:
    """Runs `python -m core explain`: what comes before the first option are pictures. Returns the exit code."""
    files = list(takewhile(lambda argument: not argument.startswith("-"), arguments))
    return _flat([*(f"--image_path={file}" for file in files), *arguments[len(files) :]])


def _flat(arguments: list[str]) -> int:
    """The original's form, with options alone."""
    options = build_parser().parse_args(arguments)
    return ended(lambda: run_all(options), options.output_dir, options.json)


def run_all(options: argparse.Namespace) -> int:
    """Asks every question in one load of the model; what one of several cannot be asked about costs that one alone.

    Returns:
        The exit code: 1 where some of several failed, and 2 where all did.
    """
    paper_figures.check_options(options)
    asked, model, missed, results = questions(options), ChosenModel(options), 0, []
    for number, question in enumerate(asked, 1):
        if len(asked) > 1:
            print(f"\n{number} of {len(asked)}: {_named(question)}", file=sys.stderr if options.json else sys.stdout)
        try:
            with redirect_stdout(sys.stderr) if options.json else nullcontext():
                found = run(question, model)
        except (InputError, OutOfMemoryError) as error:
            if len(asked) == 1:
                raise
            missed += failed(str(error), options.json, image_path=question.image_path, prompt=question.prompt) > 0
        else:
            results.append(found)
            if options.json:
                say(found)
    if options.answers > 1 and not options.json:
        print(answers_drawn.counts(results))
    return 0 if not missed else FAILED if missed == len(asked) else SOME_FAILED


def _named(question: argparse.Namespace) -> str:
    return visible(f"{', '.join(question.image_path)}: {quoted(question.prompt)}")


def run(options: argparse.Namespace, model: ChosenModel) -> dict[str, Any]:
    """Explains, writes pictures, result.npz and result.json, and prints the concentration table.

    Of several pictures of one prompt each has a folder of its own, picture-1 and so on, for what is drawn.

    Args:
        options: of one question, see `core.cli.explaining.questions_asked.questions`.

    Returns:
        What `--json` prints.
    """
    from core.rendering import figures  # after parsing: --help and typing errors should not wait for OpenCV

    conversation_arguments.settle(options, options.image_path, DEFAULT_PROMPT)
    film = video_files.video_among(options.image_path, options)
    if film is not None and options.page != 1:
        raise InputError("--page is for PDF documents, and a video was given. Leave it out.")
    if film is not None:
        return run_video(options, model, film)
    brightness = Brightness.parse(options.brightness)
    pictures = [picture_files.read(path, brightness, options.page) for path in options.image_path]
    method = method_of(options)
    # A method with one map in all has nothing else to draw.
    mode = options.mode if METHODS[method].per_layer else "combined"
    folder = Path(options.output_dir) / mode / options.folder
    folder.mkdir(parents=True, exist_ok=True)
    before, card = files_in(folder), model.card
    with ProgressBar() as bar:
        sizes = [picture.size for picture in pictures]
        max_pixels = picture_files.max_pixels_for(options.max_pixels, pictures, card.folder)
        expected = forecast.before_loading(card, sizes, counted_request(options, method, max_pixels))
        picture_files.say_print(pictures, card.folder, max_pixels)
        explainer = model.load(expected)
        asked = arguments_of(options, explainer) | {"max_pixels": max_pixels, "on_progress": bar.show}
        named = dict.fromkeys([method, PEAK]) if options.hide_sinks else method
        result = explainer.explain(pictures, options.prompt, method=named, **asked)
    missing: list[str] = []
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
        place = folder if len(each) == 1 else folder / f"picture-{number}"
        if paper_figures.is_asked(options):
            words = paper_figures.maps_of_words(explainer, pictures, own) if options.word_strip else None
            missing += paper_figures.write(drawn, picture.pixels, place, options, card.name, word_results=words)
        else:
            save(drawn, picture.pixels, place, look_options.chosen_look(options))
    (folder / "result.npz").write_bytes(to_npz(result))
    (folder / "result.json").write_text(to_json(result), "utf-8")
    notes = _say(explainer, result, options.part, has_sheets=not paper_figures.is_asked(options))
    for number, own in enumerate(each, 1):
        if len(each) > 1:
            print(f"\nPicture {number}, {options.image_path[number - 1]}")
        print(concentration_table(own))
        if boxes := boxes_table(own):
            print(boxes)
    if options.prompt_words:
        from core.cli.explaining import prompt_words

        print("\n" + prompt_words.write(explainer, pictures, result, folder))
    notes += _printed(missing)
    print(f"Files are in {folder}")
    return told(result, options, folder, before, notes)


def run_video(options: argparse.Namespace, model: ChosenModel, film: Path) -> dict[str, Any]:
    """The same of a video: sheets of time steps and a film in place of pictures, and the heat's shares in time."""
    explain_video.check_options(options.hide_sinks, options.prompt_words, options.word_strip)
    video, method = video_files.read_sampled(film, options), method_of(options)
    folder = Path(options.output_dir) / (options.mode if METHODS[method].per_layer else "combined") / options.folder
    folder.mkdir(parents=True, exist_ok=True)
    before, card = files_in(folder), model.card
    with ProgressBar() as bar:
        max_pixels = picture_files.max_pixels_for(options.max_pixels, [video], card.folder)
        counted = replace(counted_request(options, method, max_pixels), frames=len(video))
        explainer = model.load(forecast.before_loading(card, [video.size], counted))
        asked = arguments_of(options, explainer) | {"max_pixels": max_pixels, "on_progress": bar.show}
        result = explainer.explain(video=video, prompt=options.prompt, method=method, **asked)
    explain_video.write(result, video, folder, options.film, look_options.chosen_look(options))
    notes = _say(explainer, result, options.part)
    if paper_figures.is_asked(options):
        missing = paper_figures.write(result, video.frames, folder, options, card.name, video.times)
        notes += _printed(missing)
    print(concentration_table(result))
    print(explain_video.steps_table(result))
    print(f"Files are in {folder}")
    return told(result, options, folder, before, notes)


def _printed(notes: list[str]) -> list[str]:
    """The notes, each once, printed."""
    found = list(dict.fromkeys(notes))
    for note in found:
        print(note)
    return found


def _say(explainer: Any, result: ExplainResult, part: str, has_sheets: bool = True) -> list[str]:
    """Prints the answer, and what is to be known of it, which is returned."""
    print(_said(result.answer))
    depth = depth_notes(result.request.method, explainer.loaded.decoder, part)
    notes = [*explainer.loaded.notes, *result.answer.notes, *depth]
    if has_sheets and has_cjk(result.request.prompt + result.answer.text) and not has_cjk_font():
        notes.append(NO_CJK_FONT)
    for note in notes:
        print(visible(note))
    return notes


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
