"""`--format pdf` and `svg`: figures for papers in place of PNG sheets, each with its LaTeX beside it."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.cli import look_options
from core.errors import InputError
from core.rendering.paper.sizes import FORMATS, NARROWEST, WIDEST, WIDTHS, width_mm
from core.schema import ExplainResult
from core.schema.methods import COMBINED
from core.schema.words import Word, is_punctuation, said_words


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds --format, --width and --word_strip."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="png",
        help="pdf and svg draw figures for papers in place of the sheets of pictures, with LaTeX and captions beside "
        "them (default: %(default)s)",
    )
    parser.add_argument(
        "--width",
        default=None,
        help=f"of a figure for a paper: {', '.join(f'{name} ({mm:g} mm)' for name, mm in WIDTHS.items())}, or a number "
        f"of millimetres from {NARROWEST:g} to {WIDEST:g} (default: column for one map and the depth, else page)",
    )
    parser.add_argument(
        "--word_strip",
        "--word-strip",
        action="store_true",
        help="with pdf or svg: also a strip with the map of each word of the answer",
    )


def check_options(options: argparse.Namespace) -> None:
    """Refuses, before anything is computed, what cannot be drawn.

    Raises:
        InputError: saying what is allowed.
    """
    if options.width is not None:
        width_mm(options.width)
    for name, is_asked in (("--width", options.width is not None), ("--word_strip", options.word_strip)):
        if is_asked and options.format == "png":
            raise InputError(f"{name} is for figures for papers. Add --format pdf or --format svg.")


def is_asked(options: argparse.Namespace) -> bool:
    """Whether figures for papers are drawn in place of sheets."""
    return options.format != "png"


def write(
    result: ExplainResult,
    pixels: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
    model: str,
    times: np.ndarray | None = None,
    word_results: dict[Word, ExplainResult] | None = None,
) -> list[str]:
    """Writes the figures of a mode, a .tex for each, and references.bib.

    Args:
        pixels, times: as of `core.rendering.paper.figures.overlay_figure`.
        model: its name in captions.
        word_results: the maps of the answer's words, for the strip; None for none.

    Returns:
        Sentences for people: what could not be written into the figures.

    Raises:
        OSError: the folder cannot be written.
    """
    from core.rendering.paper import caption, depth, figures, fonts  # after parsing: --help should not wait for them
    from core.rendering.paper.look import FigureLook

    folder.mkdir(parents=True, exist_ok=True)
    reason = fonts.why_not("".join(figures.lines_of(result)))
    notes = [f"Prompt and answer are left out of the figures. {reason}"] if reason else []
    layer = result.layers[0] if options.mode == "single" and result.layers else None
    look = FigureLook(**vars(look_options.chosen_look(options)))
    shown, common = {"layer": layer, "times": times}, {"text": not reason, "look": look}
    draw: dict[str, Callable[..., bytes]] = {
        "overlay": lambda *file: figures.overlay_figure(result, pixels, *file, **shown, **common)
    }
    if result.request.is_video:
        draw["grid"] = lambda *file: figures.grid_figure(result, pixels, *file, **shown, **common)
    elif len(result.layers) > 1:
        draw["grid"] = lambda *file: figures.grid_figure(result, pixels, *file, **common)
    if len(result.layers) > 1:
        draw["depth"] = lambda *file: depth.depth_figure(result, *file)
    if word_results is not None and not word_results:
        notes.append("The answer has no words, so there is no strip of them.")
    if word_results:
        if words_reason := fonts.why_not("".join(word.text for word in word_results)):
            notes.append(f"The strip of words is left out. {words_reason}")
        else:
            draw["words"] = lambda *file: figures.word_figure(word_results, pixels, *file, **common)
    remarks = (caption.HIDDEN,) if options.hide_sinks else ()
    for kind, drawn in draw.items():
        width = options.width or ("page" if kind in ("grid", "words") else "column")
        file = f"{kind}.{options.format}"
        (folder / file).write_bytes(drawn(options.format, width))
        told = next(iter(word_results.values())) if kind == "words" else result
        about: dict[str, Any] = {
            "layer": layer if kind == "overlay" else None,
            "model": model,
            "look": look,
            "remarks": remarks,
        }
        lines = caption.latex(told, kind, file=file, width=width, **about)
        (folder / f"{kind}.tex").write_text(lines, "utf-8")
    (folder / "references.bib").write_text(caption.bibtex(result, layer), "utf-8")
    return notes


def maps_of_words(explainer: Any, pictures: Any, result: ExplainResult) -> dict[Word, ExplainResult]:
    """The combined map of each word of the answer that was given, without noise; of the result's own picture."""
    words = [word for word in said_words(result.answer) if not is_punctuation(word)]
    if not words:
        return {}
    one = replace(result.request.with_method(COMBINED, ()), num_samples=1, noise_std=0.0)
    requests = [one.for_word(word) for word in words]
    return dict(zip(words, explainer.run(pictures, requests, answer=result.answer), strict=True))
