"""Pictures of Compare to take away: the stages as a strip and one by one, the film as one animated file."""

import io
import zipfile
from collections.abc import Iterator

import numpy as np
from PIL import Image

from core.analysis.stages import stage_means
from core.rendering.encoding import png
from core.rendering.overlay import fit, overlay, sheet
from dashboard.export.bundle import LONGEST
from dashboard.ui.compare.map_choice import layer_title, stage_title
from dashboard.ui.compare.measures import Compared, layers_of

PACE = 250
"""Milliseconds that a layer is shown in the file of a film, as in the film on the page."""
_TILE = 420
_ACROSS = 4


def stages_png(runs: list[Compared]) -> bytes:
    """A row of early, middle and late for each run, on one page."""
    tiles = [(f"{each.mark}, {words}", drawn) for each, _stage, words, drawn in _stages(runs, _TILE)]
    return png(sheet(tiles, 3, tile_width=_TILE))


def stages_zip(runs: list[Compared]) -> bytes:
    """Every stage of every run as a PNG of its own, without captions."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as file:  # PNG is compressed already
        for each, stage, _words, drawn in _stages(runs, LONGEST):
            file.writestr(f"{each.letter}_{each.run.key}_{stage}.png", png(drawn))
    return data.getvalue()


def film_file(runs: list[Compared], common_scale: bool, kind: str) -> bytes:
    """The film as an animated "webp" or "gif" that begins anew when it has ended.

    Args:
        common_scale: one colour scale for all layers of a run, or each its own.
    """
    frames = [Image.fromarray(frame) for frame in _frames(runs, common_scale)]
    data = io.BytesIO()
    options = {"quality": 85, "method": 2} if kind == "webp" else {"optimize": False}
    frames[0].save(data, kind.upper(), save_all=True, append_images=frames[1:], duration=PACE, loop=0, **options)
    return data.getvalue()


def _stages(runs: list[Compared], longest: int) -> Iterator[tuple[Compared, str, str, np.ndarray]]:
    for each in runs:
        pixels = fit(each.run.chosen.preview, longest)
        for stage, (layers, mean) in stage_means(each.run.result).items():
            yield each, stage, stage_title(stage, layers, each.run.request.part), overlay(pixels, mean)


def _frames(runs: list[Compared], common_scale: bool) -> Iterator[np.ndarray]:
    pictures = [fit(each.run.chosen.preview, _TILE) for each in runs]
    for layer in layers_of(runs):
        tiles = []
        for each, pixels in zip(runs, pictures, strict=True):
            result = each.run.result
            top = float(result.heat.max()) if common_scale else None
            is_held = layer in result.layers
            # A run that holds no map of this layer shows its picture, so that the others do not jump.
            drawn = overlay(pixels, result.at(layer), maximum=top) if is_held else pixels
            name = layer_title(layer, result.request.part)
            tiles.append((f"{each.mark}, {name}" if is_held else f"{each.mark}, no {name}", drawn))
        yield sheet(tiles, min(_ACROSS, len(tiles)), tile_width=_TILE)
