"""An explanation's figures for papers: files and the LaTeX that shows them; see `core.rendering.paper`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.errors import InputError
from core.inputs.pictures import Picture
from core.inputs.videos.video import Video
from core.rendering.paper.look import FigureLook
from core.rendering.paper.sizes import DPI, KINDS, FigureFormat, Kind, Width
from core.schema import ExplainResult
from core.schema.checks import check_choice, check_instance
from core.schema.words import Word


def figure(
    result: ExplainResult,
    picture: Picture | Video | None,
    kind: Kind,
    format: FigureFormat,
    width: Width,
    *,
    layer: int | None,
    step: int | None,
    text: bool,
    dpi: int,
    style: Mapping[str, Any],
) -> bytes:
    """The bytes of a figure; arguments and errors as of `core.explanation.explanation.Explanation.figure`."""
    from core.rendering.paper import depth, figures  # matplotlib, which nothing else here needs

    check_choice("figure of an explanation", kind, [each for each in KINDS if each != "words"])
    check_instance("Whether prompt and answer stand below", text, bool, "true or false")
    look = look_of(style)
    if kind == "depth":
        return depth.depth_figure(result, format, width, dpi=dpi)
    pixels, times = _pixels(picture)
    how = {"layer": layer, "times": times, "text": text, "dpi": dpi, "look": look}
    if kind == "grid":
        return figures.grid_figure(result, pixels, format, width, **how)
    return figures.overlay_figure(result, pixels, format, width, step=step, **how)


def words_figure(
    results: Mapping[Word, ExplainResult],
    picture: Picture | Video | None,
    format: FigureFormat,
    width: Width,
    *,
    text: bool,
    dpi: int = DPI,
    style: Mapping[str, Any],
) -> bytes:
    """The bytes of a strip of words; arguments and errors as of `core.explanation.words.WordExplanations.figure`."""
    from core.rendering.paper import figures

    if not results:
        raise InputError("The answer has no words to draw a map of.")
    check_instance("Whether the prompt stands below", text, bool, "true or false")
    look = look_of(style)
    pixels, _times = _pixels(picture)
    return figures.word_figure(results, pixels, format, width, text=text, dpi=dpi, look=look)


def latex(
    result: ExplainResult,
    kind: Kind,
    file: str,
    width: Width,
    layer: int | None,
    step: int | None,
    model: str,
    style: Mapping[str, Any],
) -> str:
    """The LaTeX of a figure; arguments and errors as of `core.rendering.paper.caption.latex`."""
    from core.rendering.paper import caption

    where = {"layer": layer, "step": step}
    return caption.latex(result, kind, file=file, width=width, model=model, look=look_of(style), **where)


def look_of(style: Mapping[str, Any]) -> FigureLook:
    """How heat is coloured, by names.

    Raises:
        InputError: there is no such name, or a value is out of its range.
    """
    known = FigureLook.__dataclass_fields__
    for name in style:
        if name not in known:
            raise InputError(f"A figure has no option {name!r}. Choose of: {', '.join(known)}.")
    return FigureLook(**style)


def _pixels(picture: Picture | Video | None) -> tuple[np.ndarray, np.ndarray | None]:
    if picture is None:
        raise InputError("The picture of this explanation is not at hand. Read it with its picture to draw a figure.")
    return (picture.frames, picture.times) if isinstance(picture, Video) else (picture.pixels, None)
