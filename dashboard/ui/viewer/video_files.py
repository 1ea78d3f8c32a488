"""What can be taken away of a run about a video: pictures, films, numbers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from core.export.npz import to_npz
from core.export.tables import heat_csv, steps_csv
from core.rendering.encoded_films import FilmKind, animated_webp, encode_film
from core.rendering.encoding import png
from core.rendering.overlay import fit
from dashboard.export.reproduce import VIDEO
from dashboard.language import N_, _
from dashboard.loaded_run import LoadedRun
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.downloads import extras_field
from dashboard.ui.viewer.paper_panel import paper_panel
from dashboard.ui.viewer.step_frames import frames_of_steps
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import file_download

SIDE = 640
"""Longer side of a film's frames in pixels."""
Extras = tuple[bool, bool]
"""Of `extras_field`: whether there is a colour bar, and a caption."""
NO_EXTRAS: Extras = (False, False)
TILE, COLUMNS = 240, 6
"""Likewise of a contact sheet's, and how many stand side by side."""


def video_files_panel(run: LoadedRun, view: View) -> None:
    """Files to take away; one is made when its button is pressed. They show the map and the look of the view."""
    name = f"{run.key}_{exports.map_name(replace(view, step=None))}"
    extras = extras_field(_("Into PNG and films, under the picture"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="downloads"):
        file_download(
            _("Overlay PNG"),
            lambda: exports.overlay_png(run, view, *extras),
            f"{run.key}_{exports.map_name(view)}_overlay.png",
            "download-png",
            _("This map over the frame of this step, at full resolution."),
        )
        for title, kind, make in _FILMS:
            file_download(
                _(title),
                partial(make, run, view, extras=extras),
                f"{name}_film.{kind}",
                f"download-{kind}",
                _("This map over the first frame of each step, one after the other, as long as each lasts."),
            )
        file_download(
            _("Contact sheet PNG"),
            lambda: contact_sheet(run, view, extras),
            f"{name}_steps.png",
            "download-sheet",
            _("This map over the first frame of each step, side by side."),
        )
        file_download(
            _("Frame PNG"),
            lambda: exports.frame_png(run, view),
            f"{run.key}_step-{(view.step or 0) + 1:03d}_frame.png",
            "download-frame",
            _("The first frame of this step without the map, to ask about it as a picture."),
        )
        file_download(
            _("Sampled frames ZIP"),
            lambda: run.chosen.data,
            VIDEO,
            "download-frames",
            _("The frames that the model saw, with their times: the same can be asked again from them."),
        )
        file_download(
            _("Time CSV"),
            lambda: steps_csv(run.result),
            f"{run.key}_time.csv",
            "download-time",
            _(
                "Share of the heat in each time step of all maps, with its standard error and its hottest cell, a line "
                "each."
            ),
        )
        file_download(
            _("Heat NPZ"),
            lambda: to_npz(run.result),
            f"{run.id}.npz",
            "download-npz",
            _("Raw heat and standard error of all maps at all steps for numpy, and all about the run as JSON."),
        )
        file_download(
            _("Heat CSV"),
            lambda: heat_csv(run.result),
            f"{run.key}_heat.csv",
            "download-csv",
            _("Raw heat and standard error of all maps, a line for each cell of each step."),
        )
    paper_panel(run, view)


def drawn_steps(run: LoadedRun, view: View, longest: int, extras: Extras = NO_EXTRAS) -> Iterator[np.ndarray]:
    """The map of the view at each step over its frame, uint8 RGB.

    Args:
        longest: pixels of a frame's longer side.
        extras: whether a colour bar, and a caption with the step's time, stand under each.
    """
    shown = view.shown(run.result)
    for step, frame in enumerate(frames_of_steps(run.chosen, run.result)):
        at = replace(view, step=step)
        yield exports.with_extras(at.draw(fit(frame, longest), shown, view.layer), run, at, *extras)


def film_webp(run: LoadedRun, view: View, extras: Extras = NO_EXTRAS) -> bytes:
    """An animated WebP in which each step lasts as long as in the video."""
    return animated_webp(drawn_steps(run, view, SIDE, extras), _seconds(run))


def film(run: LoadedRun, view: View, kind: FilmKind, extras: Extras = NO_EXTRAS) -> bytes:
    """An MP4 or a WebM of the same."""
    return encode_film(drawn_steps(run, view, SIDE, extras), _seconds(run), kind)


def _seconds(run: LoadedRun) -> list[float]:
    return [step.end - step.start for step in run.result.steps]


_FILMS: tuple[tuple[str, str, Callable[..., bytes]], ...] = (
    (N_("Film MP4"), "mp4", partial(film, kind="mp4")),
    (N_("Film WebM"), "webm", partial(film, kind="webm")),
    (N_("Film WebP"), "webp", film_webp),
)


def contact_sheet(run: LoadedRun, view: View, extras: Extras = NO_EXTRAS) -> bytes:
    """A PNG of all steps, row by row; what is left of the last row is white, and `extras` stand once under all."""
    tiles = list(drawn_steps(run, view, TILE))
    columns, (height, width, _channels) = min(COLUMNS, len(tiles)), tiles[0].shape
    sheet = np.full((-(-len(tiles) // columns) * height, columns * width, 3), 255, np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = tile
    return png(exports.with_extras(sheet, run, replace(view, step=None), *extras))
