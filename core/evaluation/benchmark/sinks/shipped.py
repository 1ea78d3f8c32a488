"""The figures that were measured with sinks, as they are shipped: for pages, which measure nothing. No torch here."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("figures.json")
"""What `python -m core evaluate --sinks --processes 2` wrote as figures.json."""


@cache
def shipped() -> dict[str, Any]:
    """The shipped figures: as `summary` says them, at mid-depth alone, with the day and the command they are from."""
    return json.loads(FIGURES.read_text("utf-8"))


def reduced(told: dict[str, Any], day: str, command: str) -> dict[str, Any]:
    """A `summary` as it is shipped.

    Args:
        day: on which it was measured, as 2026-11-30.
        command: that measured it.
    """
    strengths = {
        name: {**each, "methods": {method: _middle(figures) for method, figures in each["methods"].items()}}
        for name, each in told["strengths"].items()
    }
    return {"day": day, "command": command, "strengths": strengths}


def _middle(figures: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, list[float]]]:
    return {
        measure: {end: [values[len(values) // 2]] for end, values in ends.items()} for measure, ends in figures.items()
    }
