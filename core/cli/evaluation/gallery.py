"""`python -m core gallery`: every method's map of the same pictures, side by side."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.cli import model_arguments, picture_files
from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import FAILED, ended, failed, say
from core.cli.terminal.progress_bar import ProgressBar
from core.engine.explainer import Explainer
from core.errors import ImageError
from core.evaluation.benchmark.localisation import KINDS, SEEDS, SLOW_METHODS
from core.inputs.brightness import Brightness
from core.inputs.pictures import Picture, load_picture
from core.rendering.overlay import fit, outline, overlay, sheet
from core.scenes.scene import Scene, sample
from core.schema import ExplainResult
from core.schema.methods import ONE_PASS_METHODS

TILE = 220
COLUMNS = 7
TITLE = 80
"""Characters of question and answer that a sheet has room for."""
SCENES = ("where", "color", "at")
Question = tuple[Picture, str, np.ndarray | None]
"""A picture, what is asked of it, and the true place of the answer, where it is known."""


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = CommandParser(prog="python -m core gallery", description="Draws every method's map of the same pictures.")
    parser.add_argument("pictures", nargs="*", help="picture files (default: held-out scenes, the true place outlined)")
    picture_files.add_brightness(parser)
    picture_files.add_page(parser)
    parser.add_argument("--prompt", default="Describe this image.", help="asked of each file")
    parser.add_argument("--layer", type=int, help="of methods with a map for each layer (default: half the depth)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(SCENES), help="a scene of each kind")
    parser.add_argument("--slow", action="store_true", help="methods with passes of their own, too")
    model_arguments.add_model(parser)
    parser.add_argument("--output_dir", default="gallery", help="where gallery-1.png and so on go")
    parser.add_argument("--json", action="store_true", help="print one JSON object a sheet, in a line")
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    return ended(lambda: _run(options), options.output_dir, options.json)


def _run(options: argparse.Namespace) -> int:
    folder, methods = Path(options.output_dir), (*ONE_PASS_METHODS, *(SLOW_METHODS if options.slow else ()))
    pictures = _read(options, Brightness.parse(options.brightness))
    if options.pictures and not pictures:
        return FAILED
    with ProgressBar() as bar:
        chosen = model_arguments.chosen_model(options)
        explainer = Explainer.from_pretrained(chosen, device=options.device, on_progress=bar.show)
    layer = explainer.total_layers // 2 if options.layer is None else options.layer
    questions = pictures or dict(enumerate(map(_about_scene, _scenes(options.kinds)), 1))
    for number, (picture, prompt, mask) in questions.items():
        result = explain(explainer, picture, prompt, methods, layer)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"gallery-{number}.png"
        Image.fromarray(draw(result, picture, methods, mask)).save(file)
        if options.json:
            about = {"image_path": options.pictures[number - 1]} if options.pictures else {}
            said = {"prompt": prompt, "answer": result.answer.text, "layer": layer, "methods": methods}
            say({**about, **said, "file": str(file)})
    if not options.json:
        print(f"Files are in {folder}")
    return 0 if len(pictures) == len(options.pictures) else FAILED


def _read(options: argparse.Namespace, brightness: Brightness) -> dict[int, Question]:
    """Of those files that can be used, by their numbers from 1; what is wrong with another costs it alone."""
    questions: dict[int, Question] = {}
    for number, path in enumerate(options.pictures, 1):
        try:
            questions[number] = picture_files.read(path, brightness, options.page), options.prompt, None
        except ImageError as error:
            failed(str(error), options.json, image_path=path)
    return questions


def explain(explainer: Explainer, picture: Picture, prompt: str, methods: Sequence[str], layer: int) -> ExplainResult:
    """Maps of a picture by every method, without noise; by methods with a map for each layer at one of them."""
    return explainer.explain(picture, prompt, layers=[layer], method=methods, noise_std=0.0, num_samples=1)


def draw(result: ExplainResult, picture: Picture, methods: Sequence[str], mask: np.ndarray | None = None) -> np.ndarray:
    """One sheet: the picture, and its map by each of the methods, each on a colour scale of its own.

    Args:
        result: as `explain` gives it.
        mask: bool [height, width], outlined in every tile.

    Returns:
        uint8 [height, width, 3].
    """
    small = fit(picture.pixels, 2 * TILE)
    tiles = [("picture", small)]
    for name in methods:
        found = result.of(name)
        tiles.append((name, overlay(small, found.at(found.request.maps[0]), 0.6, even=True)))
    if mask is not None:
        tiles = [(name, outline(tile, mask)) for name, tile in tiles]
    said = f"{result.request.prompt}  {' '.join(result.answer.text.split())}"
    short = said if len(said) <= TITLE else f"{said[:TITLE]}..."
    layers = {layer for name in methods for layer in result.of(name).request.layers}
    title = f"{short}  (layer {min(layers)} of {result.total_layers})" if layers else short
    return sheet(tiles, COLUMNS, title, tile_width=TILE)


def _scenes(kinds: Sequence[str]) -> list[Scene]:
    return [sample(SEEDS[number], kind=kind, objects=3) for number, kind in enumerate(kinds)]


def _about_scene(scene: Scene) -> Question:
    # Of a description, its phrases mean different objects: none is outlined.
    return load_picture(scene.image), scene.question, scene.masks.get(scene.answer)
