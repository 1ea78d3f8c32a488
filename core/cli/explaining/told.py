"""What `--json` prints of a result: one object that a machine reads, in one line."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.analysis.concentration import HEADLINE, progression
from core.analysis.time.shares import time_shares
from core.export.boxes import describe_boxes
from core.schema import ExplainResult
from core.schema.drawn_answers import TOKEN_SAMPLING

Files = dict[Path, int]
"""Each file with when it was last written."""


def files_in(folder: Path) -> Files:
    """All files below a folder; none where it is not there."""
    return {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()}


def told(
    result: ExplainResult, options: argparse.Namespace, folder: Path, before: Files, notes: Sequence[str]
) -> dict[str, Any]:
    """The object.

    Args:
        options: of this question.
        folder: of its files; told are those that are newer than `before`, which `files_in` gave.
        notes: what is to be known of it.
    """
    answer, request = result.answer, result.request
    first, *further = result.pictures or (result,)
    return {
        "image_path": options.image_path,
        "prompt": options.prompt,
        "answer": answer.said_text if answer.thought else answer.text,
        **({"thought": answer.thought_text} if answer.thought else {}),
        "explained": request.target.describe(answer),
        "method": request.method,
        "model": request.model,
        **({name: getattr(request, name) for name in TOKEN_SAMPLING} if request.sampling else {}),
        **_of_picture(first),
        **({"pictures": [_of_picture(each) for each in further]} if further else {}),
        "notes": list(notes),
        "seconds": dict(result.timings),
        "num_samples": result.num_samples,
        "folder": str(folder),
        "files": [str(path) for path, written in files_in(folder).items() if before.get(path) != written],
    }


def _of_picture(result: ExplainResult) -> dict[str, Any]:
    values = progression(result.heat, axes=3 if result.steps else 2)
    statistics = [
        {"layer": layer} | {name: float(values[name][row]) for name in HEADLINE}
        for row, layer in enumerate(result.request.maps)
    ]
    method, layer = result.asked
    found: dict[str, Any] = {"grid": list(result.grid), "statistics": statistics, "asked_map": [method, layer]}
    if result.steps:
        shares = time_shares(result.headline)
        return found | {
            "steps": [
                {"start": step.start, "end": step.end, "share": float(share)}
                for step, share in zip(result.steps, shares, strict=True)
            ]
        }
    told_boxes = describe_boxes(result)
    return found | {"boxes": told_boxes.get("boxes", []), "boxes_notes": told_boxes.get("boxes_notes", [])}
