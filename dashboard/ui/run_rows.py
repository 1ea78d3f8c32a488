"""Past runs -> rows of tables and lines of lists."""

import base64
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from PIL import Image

from cache import Holding, Run
from core import METHODS
from core.schema.model_parts import PARTS


def when(seconds: float) -> datetime:
    """Seconds since 1970 as a time with its zone."""
    return datetime.fromtimestamp(seconds, UTC)


def method_title(name: str) -> str:
    """A method as pages call it; its bare name where this version no longer has it."""
    return METHODS[name].title if name in METHODS else name


def method_words(name: str, part: str = "decoder") -> str:
    """A method and, where it is not the decoder, what it is read at."""
    return f"{method_title(name)}, {PARTS['tower'].title.lower()}" if part == "tower" else method_title(name)


def stars(rating: int) -> str:
    """A rating as people see it; "" where there is none."""
    return "★" * rating


def short(text: str, longest: int) -> str:
    """One line of at most `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def literal(text: str) -> str:
    """Text for an element that reads markdown, escaped so that it shows as it is."""
    line = re.sub(r"([\\`*_~\[\](){}<>$#|!^&@])", r"\\\1", " ".join(text.split()))
    line = re.sub(r":(?=\S)", r"\:", line)  # a colour, an icon, an emoji or the begin of a link
    line = re.sub(r"^([-+=]|\d+(?=[.)]))", r"\\\1", line)  # a list or a heading
    return re.sub(r"(?i)\bwww\.", lambda found: f"{found[0][:-1]}\\.", line)


def cut(text: str, longest: int = 600) -> str:
    """At most `longest` characters, and how many there were."""
    return text if len(text) <= longest else f"{text[:longest]} … ({len(text):,} characters)"


def what_is_left(holding: Holding) -> str:
    """How much of a question is stored and how much is to be computed; "" where nothing of it is stored."""
    begun = {gap.first_sample for gap in holding.missing}
    ready, more = holding.maps - holding.missing_maps, holding.missing_samples
    if not ready and begun == {0}:
        return ""
    if not ready and len(begun) == 1:
        return f"{begun.pop()} of {holding.samples} samples stored, {more} to compute"
    if not ready:
        touched = sum(len(gap.request.maps) for gap in holding.missing if gap.begun is not None)
        return f"{touched} of {holding.maps} maps begun, {more} samples to compute"
    words = f"{ready} of {holding.maps} maps stored, {holding.missing_maps} to compute"
    return words if more == holding.samples else f"{words} with {more} more samples"


def label(run: Run) -> str:
    """A run in a list of choices."""
    said = short(run.answer, 24) or "(nothing)"
    return f"{short(run.prompt, 40)} → {said} · {_method(run)} · {run.run_id[:6]}"


def _method(run: Run) -> str:
    return method_words(run.method, run.request.get("part", "decoder"))


def sound_thumbnail(run: Run) -> bytes:
    """The thumbnail, if it can be drawn; b"" where there is none or it is damaged."""
    try:
        with Image.open(io.BytesIO(run.thumbnail), formats=("PNG", "WEBP")) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError):
        return b""
    return run.thumbnail


def thumbnail_uri(run: Run) -> str | None:
    """The thumbnail as a data URI for a table's picture column."""
    if not run.thumbnail:
        return None
    kind = "webp" if run.thumbnail[:4] == b"RIFF" else "png"
    return f"data:image/{kind};base64,{base64.b64encode(run.thumbnail).decode()}"


def columns(runs: Sequence[Run]) -> dict[str, list[Any]]:
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
        "when": [when(run.created) for run in runs],
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
