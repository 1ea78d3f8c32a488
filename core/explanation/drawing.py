"""A map of a result over its picture, and sheets of several, as pixels; without a picture, the heat alone."""

from collections.abc import Iterable
from dataclasses import asdict

import numpy as np

from core.errors import InputError
from core.inputs.pictures import Picture
from core.inputs.videos.video import Video
from core.rendering.look import MapLook
from core.rendering.overlay import fit, heatmap, overlay, sheet
from core.rendering.step_sheet import MOST_COLUMNS, evenly, frame_numbers
from core.schema import ExplainResult
from core.schema.checks import check_list, check_whole
from core.schema.limits import MOST_LAYERS
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS

BARE = 448
"""Longer side in pixels of what is drawn where there is no picture."""
TILE = 320
"""Width in pixels of a picture on a sheet."""
MOST_SHEET_COLUMNS = 12

Source = Picture | Video | None


def draw_map(
    result: ExplainResult,
    picture: Source,
    layer: int | None,
    step: int | None,
    style: MapLook,
    longest: int | None = None,
) -> np.ndarray:
    """One map over its picture, uint8 [height, width, 3].

    Args:
        picture: what the result is of; None draws the heat alone.
        layer: None for the map that was asked for (`ExplainResult.asked`).
        step: of a video, the time step, from 0; None for the one with most heat. All steps share one scale of colours.
        longest: the longer side in pixels, at most; None for the picture's own.

    Raises:
        InputError: there is no such layer or step.
    """
    heat = map_of(result, layer)
    step, top = step_of(result, heat, step), float(heat.max())
    pixels = _ground(result, picture, step)
    if step is not None:
        heat = heat[step]
    if pixels is None:
        return heatmap(heat, _bare_size(result, longest or BARE), style.colormap, style.smooth, top)
    pixels = pixels if longest is None else fit(pixels, longest)
    return overlay(pixels, heat, maximum=top, **asdict(style))


def draw_sheet(
    result: ExplainResult,
    picture: Source,
    layers: Iterable[int] | None,
    step: int | None,
    columns: int,
    style: MapLook,
) -> np.ndarray:
    """Several maps on one sheet, uint8 [height, width, 3].

    Of a picture, or of one step of a video: the map that was asked for, then each layer's. Of a video as a whole: time
    steps side by side, a row for each map; only the asked one, unless layers are named.

    Args:
        layers: those that are drawn; None for all.
        columns: maps in a row, of a picture or of one step.

    Raises:
        InputError: there is no such layer or step, or the number of columns is none.
    """
    check_whole("The number of columns", columns, 1, MOST_SHEET_COLUMNS)
    named = None if layers is None else check_list("Layers", layers, MOST_LAYERS)
    step_of(result, result.headline, step)  # before anything is drawn
    over_time = bool(result.steps) and step is None
    maps: list[int | None] = list(result.layers if named is None and not over_time else named or [])
    if named is None and (over_time or result.asked[1] is None):
        maps.insert(0, None)
    if not maps:
        raise InputError("No layer was named, so there is nothing to draw. Name one, or leave the layers out.")
    if over_time:
        shown = evenly(len(result.steps), MOST_COLUMNS)
        each = [(layer, number) for layer in maps for number in shown]
        columns = len(shown)
    else:
        each = [(layer, step) for layer in maps]
        columns = min(columns, len(maps))
    tiles = [
        (_caption(result, layer, number), draw_map(result, picture, layer, number, style, tile_side(result, picture)))
        for layer, number in each
    ]
    return sheet(tiles, columns, METHODS[result.request.method].title, TILE)


def map_of(result: ExplainResult, layer: int | None) -> np.ndarray:
    """The heat of a layer, or with None of the map that was asked for, as `ExplainResult.at` shapes it."""
    return result.headline if layer is None else result.at(layer)


def name_of(result: ExplainResult, layer: int | None) -> str:
    """What that map is called: "layer 5", or the title of a method with one map in all."""
    method, asked = result.asked
    words = PARTS[result.request.part]
    if layer is None and asked is None:
        return METHODS[method].title
    return f"{words.one} {asked if layer is None else layer}"


def step_of(result: ExplainResult, heat: np.ndarray, step: int | None) -> int | None:
    """The time step that is drawn; None of a picture.

    Raises:
        InputError: there is no such step.
    """
    if not result.steps:
        if step is not None:
            raise InputError("This result is of a picture, which has no time steps. Leave step out.")
        return None
    if step is None:
        return int(heat.sum(axis=(1, 2)).argmax())
    check_whole("The time step", step, 0, len(result.steps) - 1)
    return step


def _ground(result: ExplainResult, picture: Source, step: int | None) -> np.ndarray | None:
    """The pixels under a map."""
    if picture is None:
        return None
    if isinstance(picture, Video):
        return picture.frames[frame_numbers(picture.times, result.steps)[step or 0]]
    return picture.pixels


def _bare_size(result: ExplainResult, longest: int) -> tuple[int, int]:
    """(width, height) of a map without its picture: shaped as that was, or as its cells are where it is not known."""
    width, height = result.seen.size if result.seen is not None else result.grid[::-1]
    scale = longest / max(width, height)
    return max(1, round(scale * width)), max(1, round(scale * height))


def tile_side(result: ExplainResult, picture: Source) -> int:
    """The longer side of what is drawn for a tile: enough for its width, and no more."""
    width, height = picture.size if picture is not None else _bare_size(result, BARE)
    return max(1, round(TILE * max(width, height) / width))


def _caption(result: ExplainResult, layer: int | None, step: int | None) -> str:
    name = name_of(result, layer)
    name = name[:1].upper() + name[1:]
    return name if step is None else f"{name}, {result.steps[step].start:.4g} s"
