"""A result as the command line writes it: pictures of its maps, its numbers, and all that is said of them."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import InputError
from core.explanation.drawing import Source, draw_map, draw_sheet
from core.export.npz import to_json, to_npz
from core.export.tables import steps_csv
from core.inputs.pictures import Picture
from core.inputs.videos.clips import to_clip
from core.inputs.videos.video import Video
from core.rendering import figures
from core.rendering.look import MapLook
from core.schema import ExplainResult
from core.schema.checks import check_instance
from core.schema.methods import COMBINED

NUMBERS, TOLD = "result.npz", "result.json"
PIXELS, FRAMES = "original_image.png", "video.zip"
_COLUMNS = 4


def save(
    result: ExplainResult, results: Sequence[tuple[ExplainResult, Source]], folder: str | Path
) -> tuple[Path, ...]:
    """See `core.explanation.explanation.Explanation.save`.

    Args:
        results: what there is of each picture of the prompt, with that picture.

    Raises:
        InputError: the folder cannot be written; the sentence says why.
    """
    check_instance("The folder", folder, str | Path, "the path of a folder")
    try:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        # Whole, then moved: whoever reads meanwhile finds no half of a file, and what was written is known.
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as made:
            _write(result, results, Path(made))
            return tuple(_moved(Path(made), folder))
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = getattr(error, "strerror", None) or "there cannot be such a folder"
        raise InputError(f"The folder {str(folder)[:100]!r} cannot be written: {why}. Choose another one.") from None


def picture_folder(folder: Path, number: int, of: int) -> Path:
    """Where the files of a picture of the prompt lie, counted from 0; those of the only one lie beside the numbers."""
    return folder if of == 1 else folder / f"picture-{number + 1}"


def _write(result: ExplainResult, results: Sequence[tuple[ExplainResult, Source]], folder: Path) -> None:
    for number, (one, picture) in enumerate(results):
        own = picture_folder(folder, number, len(results))
        own.mkdir(exist_ok=True)
        if isinstance(picture, Picture):
            _write_figures(one, picture.pixels, own)
        else:
            _write_drawings(one, picture, own)
    (folder / NUMBERS).write_bytes(to_npz(result))
    (folder / TOLD).write_text(to_json(result), "utf-8")


def _write_figures(result: ExplainResult, pixels: np.ndarray, folder: Path) -> None:
    """Of a picture: every layer's heat and overlay and a sheet of them, the combined map's, and the picture."""
    if result.layers:
        figures.save_grid(result, pixels, folder)
    for one in (result, *result.companions.values()):
        if one.request.method == COMBINED or (one is result and not one.layers):
            figures.save_combined(one, pixels, folder)
    Image.fromarray(pixels).save(folder / PIXELS)


def _write_drawings(result: ExplainResult, picture: Video | None, folder: Path) -> None:
    """Of a video, or where there is no picture: the asked map, and a sheet of steps or of layers."""
    style = MapLook()
    Image.fromarray(draw_map(result, picture, None, None, style)).save(folder / "overlay.png")
    Image.fromarray(draw_sheet(result, picture, None, None, _COLUMNS, style)).save(folder / "sheet.png")
    if result.steps:
        (folder / "steps.csv").write_text(steps_csv(result), "utf-8")
    if picture is not None:
        (folder / FRAMES).write_bytes(to_clip(picture))


def _moved(made: Path, folder: Path) -> list[Path]:
    """Moves what lies in one folder into another, replacing files of those names; returns where they are now."""
    found = sorted(path for path in made.rglob("*") if path.is_file())
    places = [folder / path.relative_to(made) for path in found]
    for path, place in zip(found, places, strict=True):
        place.parent.mkdir(exist_ok=True)
        os.replace(path, place)
    return places
