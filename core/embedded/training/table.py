"""What a checkpoint can do as a table in Markdown, beside what the one that is shipped could."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.embedded import CHECKPOINT

_SHARES = ("grammatical", "right", "hit", "time")
_COUNTS = ("at_limit", "pairs", "clips")


def table(found: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """Rows for each kind of question, then for pairs and pointing.

    Args:
        found: what `core.embedded.training.evaluate.measure` returned.
        before: the same of another checkpoint; that of the record of the shipped one when None.
    """
    if before is None:
        before = json.loads(Path(CHECKPOINT / "training.json").read_text(encoding="utf-8"))
    rows = ["| what | shipped | exact | tokens |", "|---|---|---|---|"]
    for group in ("held_out", "held_out_clips"):
        for kind, figures in found.get(group, {}).items():
            earlier = before.get(group, {}).get(kind)
            shipped = "" if earlier is None else f"{earlier['exact']:.1%}"
            rows.append(f"| {kind} | {shipped} | {figures['exact']:.1%} | {figures['tokens']:.1%} |")
    rows += ["", "| what | figure |", "|---|---|"]
    for group in ("held_out_pairs", "held_out_clip_pairs", "pointing"):
        figures = found.get(group, {})
        rows += [f"| {group}: {name} | {figures[name]:.1%} |" for name in _SHARES if name in figures]
        rows += [f"| {group}: {name} | {figures[name]} |" for name in _COUNTS if name in figures]
        for kind, of_kind in figures.get("by_kind", {}).items():
            rows.append(f"| {group}: {kind} | {of_kind['hit']:.1%} hit, {of_kind['time']:.1%} of the heat in time |")
        for style, shares in figures.get("by_style", {}).items():
            rows.append(f"| {group}: {style} | {shares['grammatical']:.1%} grammatical, {shares['right']:.1%} right |")
    return "\n".join(rows)
