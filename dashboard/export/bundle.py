"""Runs -> a ZIP that another server reads back: numbers, picture, notes, and how to compute each run again."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from cache import RunRecord
from core.export.npz import to_json, to_npz
from core.export.tables import csv_text, digits, steps_csv
from core.rendering.encoding import png
from core.rendering.overlay import fit, overlay
from core.rendering.step_sheet import step_sheet
from core.schema.request import IMPORTED
from dashboard.export.reproduce import command_of, picture_names, python_of
from dashboard.formatting import as_datetime
from dashboard.language import _, sentence
from dashboard.loaded_run import LoadedRun

NUMBERS, NOTES, TABLE = "result.npz", "history.json", "runs.csv"
LONGEST = 1024
"""Longer side, in pixels, of the pictures in a ZIP: all layers at full size would take minutes."""

_SHELL = """#!/usr/bin/env bash
# {about}
cd "$(dirname "$0")"
{command}
"""
_PYTHON = """# {about}
import numpy as np

{lines}

stored = np.load("result.npz")["heat"]
difference = np.abs(result.heat - stored).max() / stored.max()
print(f"largest difference: {{difference:.1e}} of the largest heat")
"""
_FURTHER = """
for number, each in enumerate(result.pictures[1:], 2):
    stored = np.load("result.npz")[f"heat_picture_{number}"]
    difference = np.abs(each.heat - stored).max() / stored.max()
    print(f"picture {number}: {difference:.1e}")
"""


def bundle(runs: Sequence[LoadedRun], further: Callable[[LoadedRun], Mapping[str, str]] = lambda run: {}) -> bytes:
    """A ZIP with a folder for each run, and a table of them all; folders are named by the runs' ids.

    Args:
        further: files of a run besides, by name.
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for run in runs:
            write_run(file, run, f"{run.id}/", further(run))
            if run.request.is_video:
                file.writestr(f"{run.id}/overlay.png", png(sheet_of(run)), zipfile.ZIP_STORED)
                continue
            for each in run.each_picture():
                small, number = fit(each.chosen.picture.pixels, LONGEST), each.request.picture + 1
                name = f"overlay-{number}.png" if run.pictures else "overlay.png"
                file.writestr(f"{run.id}/{name}", png(overlay(small, each.result.headline)), zipfile.ZIP_STORED)
        file.writestr(TABLE, runs_csv([run.record for run in runs if run.record is not None]))
    return data.getvalue()


def sheet_of(run: LoadedRun) -> np.ndarray:
    """The time steps of the map that was asked for, side by side over the video's frames, uint8 RGB."""
    video, result = run.chosen.video, run.result
    return step_sheet(video.frames, video.times, result.steps, result.headline, 2 * LONGEST)


def write_run(
    file: zipfile.ZipFile, run: LoadedRun, folder: str = "", besides: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Puts into a ZIP what makes a run again: numbers, picture or frames, notes, a command line and lines of Python.

    Args:
        besides: further files, by name.
    """
    for name, text in besides.items():
        file.writestr(f"{folder}{name}", text)
    pictures, further = picture_names(run), _FURTHER if run.pictures else ""
    file.writestr(f"{folder}{NUMBERS}", to_npz(run.result), zipfile.ZIP_STORED)  # compressed already
    file.writestr(f"{folder}result.json", to_json(run.result))
    if run.request.is_video:
        file.writestr(f"{folder}steps.csv", steps_csv(run.result))
    for name, chosen in zip(pictures, run.all_pictures, strict=True):
        file.writestr(f"{folder}{name}", chosen.data, zipfile.ZIP_STORED)
    file.writestr(
        f"{folder}reproduce.sh",
        _SHELL.format(command=command_of(run, pictures), about=_about_shell(run)),
    )
    about = _("Computes this run again, where the program is installed, and compares it with result.npz.")
    file.writestr(f"{folder}reproduce.py", _PYTHON.format(lines=python_of(run, pictures), about=about) + further)
    if run.record is not None:
        file.writestr(f"{folder}{NOTES}", json.dumps(_notes(run.record), indent=2))


def _about_shell(run: LoadedRun) -> str:
    about = _(
        "Computes this run again, where the program is installed; the numbers are then in cam_results/*/result.npz."
    )
    return f"{sentence(IMPORTED)} {about}" if run.request.origin else about


def runs_csv(records: Sequence[RunRecord]) -> str:
    """One line for each run: what was asked, answered and written about it."""
    numbers = ("samples", "noise", "seconds", "rating")
    texts = ("picture", "title", "prompt", "answer", "model", "method", "explained", "tags", "note", "who", "origin")
    return csv_text(("run", "first run", *numbers, *texts), map(_line, records))


def _line(record: RunRecord) -> tuple[object, ...]:
    first = as_datetime(record.created).isoformat(timespec="seconds")
    counted = (record.num_samples, record.noise_std, digits(record.duration, ".3f"), record.rating)
    told = (record.picture_name, record.title, record.prompt, record.answer)
    how = (record.model_name, record.method, record.target)
    written = (", ".join(record.tags), record.note, record.who, IMPORTED if record.origin else "")
    return record.run_id, first, *counted, *told, *how, *written


def _notes(record: RunRecord) -> dict[str, object]:
    names = ("picture_name", "picture_names", "model_name", "created", "duration", "title", "note", "tags", "rating")
    return {name: getattr(record, name) for name in names}
