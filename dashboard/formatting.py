"""Texts for people: sizes, times, durations, methods, shortened and escaped text. No Streamlit."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cache import Coverage
from core import METHODS, ExplainResult
from core.schema.visible_text import visible
from dashboard.language import N_, _, counted, listed


def as_datetime(seconds: float) -> datetime:
    """Seconds since 1970 as a time with its zone."""
    return datetime.fromtimestamp(seconds, UTC)


def method_title(name: str) -> str:
    """A method as pages call it; its bare name where this version no longer has it."""
    return _(METHODS[name].title) if name in METHODS else name


def method_words(name: str, part: str = "decoder") -> str:
    """A method and, where it is not the decoder, what it is read at."""
    return _("{method}, vision tower", method=method_title(name)) if part == "tower" else method_title(name)


def stars(rating: int) -> str:
    """A rating as people see it; "" where there is none."""
    return "★" * rating


def short(text: str, longest: int) -> str:
    """One line of at most `longest` characters; what cannot be seen is named, as by `visible`."""
    line = " ".join(visible(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def literal(text: str) -> str:
    """Text for an element that reads markdown, escaped so that it shows as it is; what cannot be seen is named."""
    line = re.sub(r"([\\`*_~\[\](){}<>$#|!^&@])", r"\\\1", " ".join(visible(text).split()))
    line = re.sub(r":(?=\S)", r"\:", line)  # a colour, an icon, an emoji or the begin of a link
    line = re.sub(r"^(\d*)([-+=.])", r"\1\\\2", line)  # a list or a heading
    return re.sub(r"(?i)\bwww\.", lambda found: f"{found[0][:-1]}\\.", line)


def cut(text: str, longest: int = 600) -> str:
    """At most `longest` characters, and how many there were; what cannot be seen is named."""
    if len(text) <= longest:
        return visible(text)
    return _("{text} … ({count:,} characters)", text=visible(text[:longest]), count=len(text))


def what_is_left(coverage: Coverage) -> str:
    """How much of a question is stored and how much is to be computed; "" where nothing of it is stored."""
    begun = {gap.first_sample for gap in coverage.missing}
    ready, more = coverage.maps - coverage.missing_maps, coverage.missing_samples
    if not ready and begun == {0}:
        return ""
    if not ready and len(begun) == 1:
        return _(
            "{stored} of {samples} samples stored, {count} to compute",
            stored=begun.pop(),
            samples=coverage.samples,
            count=more,
        )
    if not ready:
        touched = sum(len(gap.request.maps) for gap in coverage.missing if gap.begun is not None)
        return _(
            "{begun} of {maps} maps begun, {count} samples to compute", begun=touched, maps=coverage.maps, count=more
        )
    counts = {"stored": ready, "maps": coverage.maps, "count": coverage.missing_maps}
    if more == coverage.samples:
        return _("{stored} of {maps} maps stored, {count} to compute", **counts)
    return _("{stored} of {maps} maps stored, {count} to compute with {samples} more samples", samples=more, **counts)


def size(count: float) -> str:
    """Bytes for people."""
    for unit, factor in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count:,.0f} B"


def duration(seconds: float) -> str:
    """A time to wait, in words."""
    return _("{count:.0f} s", count=seconds) if seconds < 90 else _("{count:.0f} min", count=seconds / 60)


PICTURE_POSITIONS = {True: N_("before the prompt"), False: N_("after the prompt")}
"""Whether the picture comes first, and how the form calls that."""


def sample_words(result: ExplainResult) -> str:
    """The samples behind a map, in words."""
    if result.request.noise_std == 0:
        return _("no noise")
    return counted(
        "{count} sample with noise {noise:g}",
        "{count} samples with noise {noise:g}",
        result.num_samples,
        noise=result.request.noise_std,
    )


def drawn_words(request: Mapping[str, Any]) -> str:
    """How a run's answer was drawn, in a few words; "" where it is the likeliest token each time.

    Args:
        request: as `ExplainRequest.to_dict` wrote it.
    """
    temperature, top_p = request.get("temperature", 0), request.get("top_p", 1)
    if not isinstance(temperature, int | float) or not temperature:
        return ""
    words = [_("temperature {temperature:g}", temperature=temperature)]
    if isinstance(top_p, int | float) and top_p < 1:
        words.append(_("top-p {top_p:g}", top_p=top_p))
    return listed([*words, _("seed {seed}", seed=request.get("answer_seed", 0))])


def when(seconds: float) -> str:
    """A time for people."""
    return as_datetime(seconds).strftime("%Y-%m-%d %H:%M UTC")
