"""Past runs -> rows of tables and lines of lists."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import streamlit as st
from PIL import Image

from cache import RunRecord
from dashboard.formatting import as_datetime, method_words, short


def label(run: RunRecord) -> str:
    """A run in a list of choices."""
    said = short(run.answer, 24) or "(nothing)"
    return f"{short(run.prompt, 40)} → {said} · {_method(run)} · {run.run_id[:6]}"


def _method(run: RunRecord) -> str:
    return method_words(run.method, run.request.get("part", "decoder"))


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
        "prompt": [short(run.prompt, 200) for run in runs],
        "answer": [short(run.answer, 200) for run in runs],
        "explained": [run.target for run in runs],
        "method": [_method(run) for run in runs],
        "samples": [run.num_samples for run in runs],
        "layers": [len(run.request["layers"]) for run in runs],
        "model": [run.model_name for run in runs],
        "when": [as_datetime(run.created) for run in runs],
        "seconds": [run.duration for run in runs],
        "picture": [short(run.picture_name, 60) for run in runs],
        "run": [run.run_id for run in runs],
    }


def column_config() -> dict[str, Any]:
    """How `columns` are shown; widths in pixels, so that what matters fits on a narrow screen."""
    config = st.column_config
    return {
        "map": config.ImageColumn("Map", width=76, help="Overlay of the combined map"),
        "prompt": config.TextColumn("Prompt", width=200),
        "answer": config.TextColumn("Answer", width=170),
        "explained": config.TextColumn("Explained", width=130),
        "method": config.TextColumn("Method", width=196),
        "samples": config.NumberColumn("Samples", width=72),
        "layers": config.NumberColumn("Layers", width=60),
        "model": config.TextColumn("Model", width=92),
        "when": config.DatetimeColumn("When", format="D MMM YYYY, HH:mm", width=140),
        "seconds": config.NumberColumn("Time", format="%.1f s", width=66, help="What the computation took"),
        "picture": config.TextColumn("Picture", width=140),
        "run": config.TextColumn("Run", width=150, help="Its name in addresses"),
    }
