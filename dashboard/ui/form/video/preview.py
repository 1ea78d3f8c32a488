"""The video in the form: some of its sampled frames, and what was sampled."""

import numpy as np
import streamlit as st

from core.rendering.overlay import fit
from core.rendering.step_sheet import evenly
from dashboard.formatting import visible
from dashboard.jobs.videos import ChosenVideo
from dashboard.language import _, sentence
from dashboard.memo import memoised
from dashboard.ui.form.video.fields import sampled_words

MOST = 6
"""Frames in a strip."""
GAP = 3
"""Pixels of grey between frames, which reads on light and dark pages alike."""
COLUMNS = 4
LARGE = 220
"""Of a sheet, and the longer side of its frames in pixels."""


def video_preview(chosen: ChosenVideo) -> None:
    """The strip beside the form, with the name and what was done to the file."""
    with st.container(gap=None, key="chosen-picture"):
        st.text(visible(chosen.name))
        st.image(strip(chosen, 64), alt=_("Frames of the chosen video"), width="stretch")
        st.caption(sampled_words(chosen))
    for note in chosen.reading.notes:
        st.caption(sentence(note))


def strip(chosen: ChosenVideo, longest: int) -> np.ndarray:
    """Some frames side by side from first to last, evenly spaced, uint8 RGB.

    Args:
        longest: pixels of a frame's longer side.
    """
    return memoised(chosen, ("strip", longest), lambda: _row(_some(chosen, MOST, longest)))


def sheet(chosen: ChosenVideo) -> np.ndarray:
    """More of them, row by row, uint8 RGBA; what is left of the last row is transparent."""
    return memoised(chosen, "sheet", lambda: _sheet(_some(chosen, 3 * COLUMNS, LARGE)))


def _some(chosen: ChosenVideo, most: int, longest: int) -> list[np.ndarray]:
    frames = chosen.video.frames
    return [fit(frames[number], longest) for number in evenly(len(frames), most)]


def _sheet(frames: list[np.ndarray]) -> np.ndarray:
    columns = min(COLUMNS, len(frames))
    rows = [_row(frames[first : first + columns]) for first in range(0, len(frames), columns)]
    opaque = [
        np.pad(np.concatenate([row, _gap(row, 0)]), ((0, 0), (0, 0), (0, 1)), constant_values=255) for row in rows
    ]
    wide = rows[0].shape[1]
    return np.concatenate([np.pad(row, ((0, 0), (0, wide - row.shape[1]), (0, 0))) for row in opaque])[:-GAP]


def _row(frames: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([part for frame in frames for part in (frame, _gap(frame, 1))][:-1], axis=1)


def _gap(beside: np.ndarray, axis: int) -> np.ndarray:
    shape = list(beside.shape)
    shape[axis] = GAP
    return np.full(shape, 128, np.uint8)
