"""Past runs -> rows of tables and lines of lists."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import streamlit as st
from PIL import Image

from cache import RunRecord
from core.schema.request import IMPORTED
from dashboard.formatting import as_datetime, drawn_words, method_words, short, visible
from dashboard.language import N_, _, counted, sentence

IMPORTED_MARK = N_("imported")
"""What an imported run is marked with in lists."""


def label(run: RunRecord) -> str:
    """A run in a list of choices."""
    said = short(run.answer, 24) or _("(nothing)")
    origin = f" · {_(IMPORTED_MARK)}" if run.origin else ""
    return f"{short(run.prompt, 40)} → {said} · {_method(run)} · {run.run_id[:6]}{origin}"


def _method(run: RunRecord) -> str:
    return method_words(run.method, run.request.get("part", "decoder"))


def _picture(run: RunRecord) -> str:
    """What its picture, or its video, is called; of a video how many frames were sampled, too."""
    name, frames = short(run.picture_name, 60), run.request.get("frames", 0)
    if type(frames) is not int or not frames:
        return name
    return counted("{name} · video, {count} frame", "{name} · video, {count} frames", frames, name=name)


def sound_thumbnail(run: RunRecord) -> bytes:
    """The thumbnail, if it can be drawn; b"" where there is none or it is damaged."""
    try:
        with Image.open(io.BytesIO(run.thumbnail), formats=("PNG", "WEBP")) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError):
        return b""
    return run.thumbnail


def thumbnail_uri(run: RunRecord) -> str | None:
    """The thumbnail as a data URI for a table's picture column."""
    if not run.thumbnail:
        return None
    kind = "webp" if run.thumbnail[:4] == b"RIFF" else "png"
    return f"data:image/{kind};base64,{base64.b64encode(run.thumbnail).decode()}"


def columns(runs: Sequence[RunRecord]) -> dict[str, list[Any]]:
    """Column name -> one value a run."""
    return {
        "map": [thumbnail_uri(run) for run in runs],
        "prompt": [short(run.asked, 200) for run in runs],
        "answer": [short(run.answer, 200) for run in runs],
        "explained": [sentence(visible(run.target)) for run in runs],
        "method": [_method(run) for run in runs],
        "samples": [run.num_samples for run in runs],
        "layers": [len(run.request["layers"]) for run in runs],
        "model": [visible(run.model_name) for run in runs],
        "when": [as_datetime(run.created) for run in runs],
        "seconds": [run.duration for run in runs],
        "picture": [_picture(run) for run in runs],
        "decoding": [drawn_words(run.request) for run in runs],
        "run": [run.run_id for run in runs],
        "origin": [_(IMPORTED_MARK) if run.origin else "" for run in runs],
    }


def column_config() -> dict[str, Any]:
    """How `columns` are shown; widths in pixels, so that what matters fits on a narrow screen."""
    config = st.column_config
    return {
        "map": config.ImageColumn(_("Map"), width=76, help=_("The map that was asked for, over the picture")),
        "prompt": config.TextColumn(_("Prompt"), width=200),
        "answer": config.TextColumn(_("Answer"), width=170),
        "explained": config.TextColumn(_("Explained"), width=130),
        "method": config.TextColumn(_("Method"), width=196),
        "samples": config.NumberColumn(_("Samples"), width=72),
        "layers": config.NumberColumn(_("Layers"), width=60),
        "model": config.TextColumn(_("Model"), width=92),
        "when": config.DatetimeColumn(_("When"), format="YYYY-MM-DD HH:mm", width=140),
        "seconds": config.NumberColumn(_("Time"), format=_("%.1f s"), width=66, help=_("What the computation took")),
        "picture": config.TextColumn(_("Picture"), width=140),
        "decoding": config.TextColumn(
            _("Decoding"), width=150, help=_("How the answer was drawn; empty: the likeliest token each time")
        ),
        "run": config.TextColumn(_("Run"), width=150, help=_("Its name in addresses")),
        "origin": config.TextColumn(_("Origin"), width=80, help=sentence(IMPORTED)),
    }
