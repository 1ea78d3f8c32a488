"""`python -m core gallery`: every method's map of the same pictures, side by side."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.cli import model_arguments, picture_files
from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import FAILED, ended, failed
from core.cli.terminal.progress_bar import ProgressBar
from core.engine.explainer import Explainer
from core.errors import ImageError
from core.evaluation.benchmark.localisation import KINDS, SEEDS, SLOW_METHODS
from core.inputs.brightness import Brightness
from core.inputs.pictures import Picture, load_picture
from core.rendering.overlay import fit, outline, overlay, sheet
from core.scenes.scene import Scene, sample
from core.schema.methods import ONE_PASS_METHODS

TILE = 220
COLUMNS = 7
TITLE = 80
"""Characters of question and answer that a sheet has room for."""
SCENES = ("where", "color", "at")


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
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    return ended(lambda: _run(options), options.output_dir)


def _run(options: argparse.Namespace) -> int:
    methods = (*ONE_PASS_METHODS, *(SLOW_METHODS if options.slow else ()))
    folder = Path(options.output_dir)
    pictures = _read(options.pictures, Brightness.parse(options.brightness), options.page)
    if options.pictures and not pictures:
        return FAILED
    with ProgressBar() as bar:
        chosen = model_arguments.chosen_model(options)
        explainer = Explainer.from_pretrained(chosen, device=options.device, on_progress=bar.show)
    layer = explainer.total_layers // 2 if options.layer is None else options.layer
    if pictures:
        drawn = {
            number: draw(explainer, picture, options.prompt, methods, layer) for number, picture in pictures.items()
        }
    else:
        scenes = enumerate(_scenes(options.kinds), 1)
        drawn = {number: _draw_scene(explainer, scene, methods, layer) for number, scene in scenes}
    folder.mkdir(parents=True, exist_ok=True)
    for number, pixels in drawn.items():
        Image.fromarray(pixels).save(folder / f"gallery-{number}.png")
    print(f"Files are in {folder}")
    return 0 if len(pictures) == len(options.pictures) else FAILED


def _read(paths: Sequence[str], brightness: Brightness, page: int) -> dict[int, Picture]:
    """Those that can be used, by their numbers from 1; what is wrong with another is printed and costs it alone."""
    pictures = {}
    for number, path in enumerate(paths, 1):
        try:
            pictures[number] = picture_files.read(path, brightness, page)
        except ImageError as error:
            failed(str(error))
    return pictures


def draw(
    explainer: Explainer,
    picture: Picture,
    prompt: str,
    methods: Sequence[str],
    layer: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """One sheet: the picture, and its map by each method without noise, each on a colour scale of its own.

    Args:
        layer: shown of methods with a map for each layer.
        mask: bool [height, width], outlined in every tile.

    Returns:
        uint8 [height, width, 3].

    Raises: as `Explainer.explain`.
    """
    result = explainer.explain(picture, prompt, layers=[layer], method=methods, noise_std=0.0, num_samples=1)
    small = fit(picture.pixels, 2 * TILE)
    tiles = [("picture", small)]
    for name in methods:
        found = result.of(name)
        tiles.append((name, overlay(small, found.at(found.request.maps[0]), 0.6, even=True)))
    if mask is not None:
        tiles = [(name, outline(tile, mask)) for name, tile in tiles]
    said = f"{prompt}  {' '.join(result.answer.text.split())}"
    short = said if len(said) <= TITLE else f"{said[:TITLE]}..."
    title = f"{short}  (layer {layer} of {explainer.total_layers})"
    return sheet(tiles, COLUMNS, title, tile_width=TILE)


def _scenes(kinds: Sequence[str]) -> list[Scene]:
    return [sample(SEEDS[number], kind=kind, objects=3) for number, kind in enumerate(kinds)]


def _draw_scene(explainer: Explainer, scene: Scene, methods: Sequence[str], layer: int) -> np.ndarray:
    # Of a description, its phrases mean different objects: none is outlined.
    mask = scene.masks.get(scene.answer)
    return draw(explainer, load_picture(scene.image), scene.question, methods, layer, mask)
