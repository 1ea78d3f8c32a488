"""A file or folder of people -> its data set."""

import hashlib
import json
from pathlib import Path

from core.errors import InputError, shown
from core.evaluation.datasets import coco, refer
from core.evaluation.datasets.case import Case, DataSet, Skipped
from core.evaluation.datasets.coco import rows_of_coco
from core.evaluation.datasets.coco_file import CocoFile, read_coco
from core.evaluation.datasets.layout import TABLES, instances_file, masks_folder, pictures_folder, rows_file
from core.evaluation.datasets.names import read_synonyms
from core.evaluation.datasets.panoptic import rows_of_panoptic
from core.evaluation.datasets.refer import rows_of_refer
from core.evaluation.datasets.rows import RowsByPicture
from core.evaluation.datasets.tables import rows_of_table

_VERSION = 1
"""Of what rows are made of a file; part of digests."""


def open_dataset(
    path: str | Path,
    *,
    prompt: str | None = None,
    pictures: str | Path | None = None,
    synonyms: str | Path | None = None,
    most: int | None = None,
    seed: int = 0,
) -> DataSet:
    """Opens a data set: COCO's instances or panoptic JSON, RefCOCO's references as JSON, or a CSV.

    Args:
        path: the annotation file, or a folder in the usual layout that holds one.
        prompt: asked where the data have no question; None for the format's own (`coco.PROMPT`, `refer.PROMPT`).
        pictures: the folder of pictures; looked for where None.
        synonyms: a JSON file {"person": ["man", "woman"]} of further words for categories.
        most: pictures, drawn by lot with `seed`; all where None.

    Raises:
        InputError: it cannot be read, or none of its rows can be measured; says why.
    """
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
        raise InputError(f"The most pictures of a data set to be measured is a whole number from 1 on, not {most!r}.")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise InputError(f"A seed is a whole number, not {shown(seed)}.")
    words = read_synonyms(Path(synonyms)) if synonyms is not None else {}
    file = rows_file(Path(path))
    try:
        kind, digests, rows = _read(file, prompt, None if pictures is None else Path(pictures), words)
    except OSError as error:
        raise InputError(f"{file.name} cannot be read: {error.strerror}.") from None
    rows = rows.of_some(most, seed)
    _refuse_useless(file.name, rows)
    options = {"version": _VERSION, "kind": kind, "prompt": prompt, "synonyms": words, "most": most, "seed": seed}
    named = json.dumps([options, digests], sort_keys=True, ensure_ascii=True)
    return DataSet(file.name, file, kind, hashlib.sha256(named.encode()).hexdigest(), rows)


def _read(
    file: Path, prompt: str | None, pictures: Path | None, words: dict[str, tuple[str, ...]]
) -> tuple[str, list[str], RowsByPicture]:
    """(kind, digests of its files, rows)."""
    if file.suffix.casefold() in TABLES:
        rows = rows_of_table(file, file.parent, prompt)
        folder = pictures_folder(file, pictures, (each.file for each in rows.pictures))
        return "csv", [_digest(file)], RowsByPicture(rows.reader, folder, rows.pictures, rows.unplaced)
    if _is_list(file):
        found = read_coco(instances_file(file))
        folder = pictures_folder(found.file.path, pictures, _names(found))
        digests = [_digest(file), found.file.digest]
        return "refer", digests, rows_of_refer(file, found, folder, prompt or refer.PROMPT)
    found = read_coco(file)
    folder, asked = pictures_folder(file, pictures, _names(found)), prompt or coco.PROMPT
    if found.is_panoptic:
        rows = rows_of_panoptic(found, folder, masks_folder(file), asked, words)
        return "coco panoptic", [found.file.digest], rows
    return "coco", [found.file.digest], rows_of_coco(found, folder, asked, words)


def _names(found: CocoFile) -> list[object]:
    return [image.file for image in found.images.values()]


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _is_list(file: Path) -> bool:
    """Whether a JSON file is a list at its top, as references are."""
    with file.open("rb") as data:
        return data.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["


def _refuse_useless(name: str, rows: RowsByPicture) -> None:
    """
    Raises:
        InputError: no row can be measured; names the first that cannot.
    """
    first: Skipped | None = None
    for row in rows:
        if isinstance(row, Case):
            return
        first = first or row
    why = f" The first is {first.row}: {first.why}" if first else ""
    raise InputError(f"No row of {name} can be measured.{why}")
