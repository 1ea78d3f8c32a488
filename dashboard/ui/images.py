"""Sizes of pictures on a page, and the run's picture at such a size."""

import numpy as np
from PIL import Image

from core.rendering.overlay import fit
from dashboard.jobs.pictures import PREVIEW
from dashboard.loaded_run import LoadedRun
from dashboard.memo import memoised

HIGHEST = 500
"""Height in pixels that a picture takes at most on a page."""


def picture_width(size: tuple[int, int], highest: int = HIGHEST, widest: int = PREVIEW) -> int:
    """Width at which a picture of (width, height) stays within both limits."""
    return max(1, min(widest, round(highest * size[0] / size[1])))


def preview(run: LoadedRun) -> np.ndarray:
    """The run's picture at the very size in which pages show it: Streamlit would scale another one each time."""
    return memoised(run.chosen, "preview", lambda: _at_width(run.chosen.preview, picture_width(run.chosen.size)))


def small(run: LoadedRun, longest: int) -> np.ndarray:
    """The run's picture for tiles, its longer side at most `longest` pixels."""
    return memoised(run.chosen, longest, lambda: fit(run.chosen.preview, longest))


def _at_width(pixels: np.ndarray, width: int) -> np.ndarray:
    # A small picture is enlarged here, so that the browser does not blur the heat's cells with it.
    size = width, max(1, round(width * pixels.shape[0] / pixels.shape[1]))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
