"""What the command line writes and prints about a video: sheets of time steps, numbers, and shares of the heat."""

from pathlib import Path

import numpy as np

from core.errors import InputError
from core.export.npz import to_json, to_npz
from core.export.tables import steps_csv
from core.inputs.videos.video import Video
from core.schema import ExplainResult
from core.schema.model_parts import PARTS

LONGEST = 2048
"""Longer side of a sheet in pixels."""


def check_options(hide_sinks: bool, prompt_words: bool) -> None:
    """
    Raises:
        InputError: what is asked knows nothing of time.
    """
    for name, is_asked in (("--hide_sinks", hide_sinks), ("--prompt_words", prompt_words)):
        if is_asked:
            raise InputError(f"{name} can be asked about pictures, and not yet about a video. Leave it out.")


def write(result: ExplainResult, video: Video, folder: Path) -> None:
    """Writes a sheet of time steps for each map, result.npz, result.json and steps.csv.

    Raises:
        OSError: the folder cannot be written.
    """
    from core.rendering.encoding import png  # after parsing: --help should not wait for OpenCV
    from core.rendering.step_sheet import step_sheet

    for layer, heat in zip(result.request.maps, result.heat, strict=True):
        name = result.request.method if layer is None else f"{PARTS[result.request.part].one}_{layer}"
        sheet = step_sheet(video.frames, video.times, result.steps, heat, LONGEST)
        (folder / f"{name}_steps.png").write_bytes(png(sheet))
    (folder / "result.npz").write_bytes(to_npz(result))
    (folder / "result.json").write_text(to_json(result), "utf-8")
    (folder / "steps.csv").write_text(steps_csv(result), "utf-8")


def steps_table(result: ExplainResult) -> str:
    """Time steps down, with the share of the heat of the asked map that lies in each; as plain text."""
    heat = result.headline
    sums = heat.sum((1, 2), dtype=np.float64)
    shares = sums / sums.sum() if sums.sum() > 0 else np.zeros(len(sums))
    lines = ["step     seconds          share of the heat"]
    for number, (step, share) in enumerate(zip(result.steps, shares, strict=True)):
        lines.append(f"{number:>4d}  {step.start:7.2f} to {step.end:7.2f}  {share:6.1%}")
    return "\n".join(lines)
