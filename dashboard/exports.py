"""A run -> pictures and a ZIP to take away. File names come from ids, never from people's text."""

import io
import zipfile

import numpy as np
from PIL import Image

from core.export import to_json, to_npz
from core.methods import COMBINED
from core.render import fit, heatmap
from dashboard.services import ShownRun
from dashboard.viewing import View

ZIP_LONGEST = 1024
"""Longer side, in pixels, of the pictures in a ZIP: all layers at full size would take minutes."""


def overlay_png(run: ShownRun, view: View) -> bytes:
    """The map of the view over the picture, at the picture's full resolution."""
    return _png(view.draw(run.chosen.picture.pixels, view.shown(run.result), view.layer))


def archive(run: ShownRun, view: View) -> bytes:
    """A ZIP of every map's heat and overlay as PNG, `result.npz` and `result.json`."""
    result = run.result
    small = fit(run.chosen.picture.pixels, ZIP_LONGEST)
    size = small.shape[1], small.shape[0]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        maps = [(f"layer-{layer:02d}", result, layer) for layer in result.layers]
        if COMBINED in result.companions:
            maps.append((COMBINED, result.of(COMBINED), None))
        if not result.layers:
            maps.append((result.request.method, result, None))
        for name, held, layer in maps:
            pictures = {
                "heat": heatmap(held.at(layer), size, view.colormap, view.smooth, view.maximum),
                "overlay": view.draw(small, held, layer),
            }
            for kind, picture in pictures.items():
                # PNG is compressed already.
                file.writestr(f"{name}_{kind}.png", _png(picture), zipfile.ZIP_STORED)
        file.writestr("result.npz", to_npz(result), zipfile.ZIP_STORED)
        file.writestr("result.json", to_json(result))
    return data.getvalue()


def _png(pixels: np.ndarray) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=3)
    return data.getvalue()
