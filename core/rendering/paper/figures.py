"""`ExplainResult` + picture -> a figure for a paper: overlay, grid of layers or time steps, strip of words.

Depth is drawn by `core.rendering.paper.depth`; captions and LaTeX are written by `core.rendering.paper.caption`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.errors import InputError
from core.rendering.paper.chosen import Chosen, chosen_map
from core.rendering.paper.look import USUAL, FigureLook
from core.rendering.paper.sizes import DPI, FigureFormat, Width
from core.rendering.paper.tiles import Tile, tiles_figure
from core.rendering.step_sheet import evenly, frame_numbers
from core.schema import ExplainResult
from core.schema.checks import check_instance
from core.schema.model_parts import PARTS
from core.schema.time_steps import refuse_video
from core.schema.words import Word

MOST_TILES = 64
"""Of one grid; of more, as many evenly spaced ones."""


def overlay_figure(
    result: ExplainResult,
    pixels: np.ndarray,
    format: FigureFormat = "pdf",
    width: Width = "column",
    *,
    layer: int | None = None,
    step: int | None = None,
    times: np.ndarray | None = None,
    text: bool = True,
    dpi: int = DPI,
    look: FigureLook = USUAL,
) -> bytes:
    """One map over its picture, with a colour bar, the prompt and the answer: the bytes of a file.

    Args:
        pixels: uint8 RGB [height, width, 3] of the picture, which keeps them; of a video, its sampled frames.
        format: "pdf", "svg" or "png".
        width: "column" (85 mm), "page" (175 mm) or a number of millimetres.
        layer: whose map; None for the one that was asked for (`ExplainResult.asked`).
        step: of a video, the time step, from 0; None for the hottest.
        times: of a video, of its frames, in seconds.
        text: whether prompt and answer stand below.
        dpi: of a PNG.
        look: how heat is coloured.

    Raises:
        InputError: an argument is out of its range, or no font here has a character of prompt or answer.
    """
    chosen = _chosen(look, result, layer, step)
    (picture,) = _pictures(chosen, pixels, times, [chosen.step])
    bar = look.bar(look.top(chosen.heat), chosen.result.request.heat_unit)
    tile = Tile(chosen.step_title, look.over(picture, chosen.heat))
    return tiles_figure([tile], format, width, bar=bar, lines=lines_of(result) if text else (), dpi=dpi)


def grid_figure(
    result: ExplainResult,
    pixels: np.ndarray,
    format: FigureFormat = "pdf",
    width: Width = "page",
    *,
    layer: int | None = None,
    times: np.ndarray | None = None,
    columns: int | None = None,
    text: bool = True,
    dpi: int = DPI,
    look: FigureLook = USUAL,
) -> bytes:
    """The picture and the maps of all layers over it, each on a scale of its own; of a video, one map's time steps.

    Args:
        layer: of a video, whose map; None for the one that was asked for. The steps share one scale.
        columns: tiles in a row; by default as many as there is room for.
        The rest: as of `overlay_figure`.

    Raises: as `overlay_figure`.
    """
    chosen = _chosen(look, result, layer)
    if result.request.is_video:
        heats, numbers = chosen.all_steps, evenly(len(result.steps), MOST_TILES)
        top = look.top(heats)
        bar = look.bar(top, chosen.result.request.heat_unit)
        pictures = _pictures(chosen, pixels, times, numbers)
        tiles = [
            Tile(f"{result.steps[number].start:.2f} s", look.over(picture, heats[number], top))
            for number, picture in zip(numbers, pictures, strict=True)
        ]
    else:
        (picture,) = _pictures(chosen, pixels, times, [None])
        bar, name = look.own_bar(), PARTS[result.request.part].one.capitalize()
        tiles = [Tile("Picture", picture)]
        for number in evenly(len(result.request.maps), MOST_TILES):
            layer = result.request.maps[number]
            tiles.append(Tile("Map" if layer is None else f"{name} {layer}", look.over(picture, result.heat[number])))
    lines = lines_of(result) if text else ()
    return tiles_figure(tiles, format, width, bar=bar, lines=lines, columns=columns, dpi=dpi)


def word_figure(
    results: Mapping[Word, ExplainResult],
    pixels: np.ndarray,
    format: FigureFormat = "pdf",
    width: Width = "page",
    *,
    columns: int | None = None,
    text: bool = True,
    dpi: int = DPI,
    look: FigureLook = USUAL,
) -> bytes:
    """The map of each word of an answer under the word, each on a scale of its own.

    Args:
        results: as `Explainer.explain_words` gives them.
        text: whether the prompt stands below; the answer's words stand over their maps in any case.
        The rest: as of `overlay_figure`.

    Raises: as `overlay_figure`; of a video, which has no such strip.
    """
    check_instance("The results of words", results, Mapping, "what explain_words gives")
    if not results:
        raise InputError("The answer has no words to draw a map of.")
    first = next(iter(results.values()))
    chosen = _chosen(look, first)
    refuse_video(first.request, "A strip of words")
    (picture,) = _pictures(chosen, pixels, None, [None])
    tiles = [Tile(word.text, look.over(picture, result.headline)) for word, result in results.items()]
    lines = lines_of(first)[:1] if text else ()
    return tiles_figure(tiles[:MOST_TILES], format, width, bar=look.own_bar(), lines=lines, columns=columns, dpi=dpi)


def _chosen(look: FigureLook, result: ExplainResult, layer: int | None = None, step: int | None = None) -> Chosen:
    check_instance("How heat is coloured", look, FigureLook, "a FigureLook")
    return chosen_map(result, layer, step)


def lines_of(result: ExplainResult) -> list[str]:
    """Prompt and answer, as they stand below a figure."""
    answer = result.answer.said_text if result.answer.thought else result.answer.text
    return [f"Prompt: {result.request.prompt}", f"Answer: {answer or '(nothing)'}"]


def _pictures(chosen: Chosen, pixels: Any, times: Any, steps: list[int | None]) -> list[np.ndarray]:
    """What lies under the maps of these steps, uint8 RGB; of a picture, the picture for each."""
    is_video = chosen.result.request.is_video
    shape = "[frames, height, width, 3], the sampled frames" if is_video else "[height, width, 3]"
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        raise InputError(f"The pixels of a figure are a uint8 array {shape}.")
    if pixels.ndim != 3 + is_video or pixels.shape[-1] != 3 or 0 in pixels.shape:
        raise InputError(f"The pixels of a figure are a uint8 array {shape}, not {list(pixels.shape)}.")
    if not is_video:
        return [pixels for _ in steps]
    if not isinstance(times, np.ndarray) or times.shape != pixels.shape[:1]:
        raise InputError("A figure of a video needs the times of its frames, one for each, in seconds.")
    numbers = frame_numbers(times, chosen.result.steps)
    return [pixels[numbers[step]] for step in steps]
