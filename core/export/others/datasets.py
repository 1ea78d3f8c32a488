"""The files of a data set for each of the other programs, ready to be written or packed."""

import io
import zipfile
from collections.abc import Sequence

from core.errors import InputError, shown
from core.export.others.coco import to_coco
from core.export.others.entries import HALF, Entry, Threshold
from core.export.others.fiftyone import to_fiftyone
from core.export.others.json_bytes import json_bytes
from core.export.others.label_studio import LOCAL_FILES, label_config, to_label_studio

PROGRAMS = {"coco": "COCO", "fiftyone": "FiftyOne", "label-studio": "Label Studio"}
"""Name -> what it is called."""


def dataset_files(
    program: str,
    entries: Sequence[Entry],
    threshold: Threshold = HALF,
    prefix: str = LOCAL_FILES,
) -> dict[str, bytes]:
    """The files, by their paths.

    Args:
        program: one of `PROGRAMS`.
        prefix: for Label Studio, see `to_label_studio`.

    Raises:
        InputError: there is no such program, or no entry.
    """
    if program not in PROGRAMS:
        raise InputError(f"Results can be written for {', '.join(PROGRAMS)}, not for {shown(program)}.")
    if not entries:
        raise InputError("There is no result to be written.")
    if program == "fiftyone":
        return to_fiftyone(entries, threshold)
    if program == "coco":
        return {"coco.json": json_bytes(to_coco(entries, threshold))}
    tasks = to_label_studio(entries, threshold, prefix)
    return {"tasks.json": json_bytes(tasks), "label_config.xml": label_config(entries, threshold).encode()}


def packed(files: dict[str, bytes]) -> bytes:
    """Them as a ZIP."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return data.getvalue()
