"""Where what of a data set lies: which file has its rows, of which format it is, where its pictures are."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.errors import InputError, shown
from core.evaluation.datasets.placement import within

KINDS = ("coco", "coco panoptic", "refer", "csv")
PICKLES = (".p", ".pkl", ".pickle")
TABLES = (".csv", ".tsv")
_PLACES = ("", "annotations")
_LOOKED_AT = 20
"""Pictures that are looked for, to tell which folder holds them."""


def rows_file(path: Path) -> Path:
    """The file that holds the rows: the path itself, or the one file in a folder that can be meant.

    Raises:
        InputError: there is none, there are several, or it is a pickle.
    """
    try:
        if path.is_dir():
            path = _only_one(path)
        if not path.is_file():
            raise InputError(f"There is no data set at {shown(str(path))}.")
        with path.open("rb") as file:
            begins_as_pickle = file.read(2)[:1] == b"\x80"
    except (OSError, ValueError) as error:  # no name that a file can have is a ValueError
        why = getattr(error, "strerror", None) or "there cannot be such a file"
        raise InputError(f"The data set at {shown(str(path))} cannot be read: {why}.") from None
    if path.suffix.casefold() in PICKLES or begins_as_pickle:
        raise InputError(
            f"{path.name} is a pickle, which runs whatever its maker put into it when it is read, and is not opened. "
            "Turn one whose origin you trust into JSON: docs/evaluate.md has the line that does it."
        )
    return path


def _only_one(folder: Path) -> Path:
    files = sorted(each for place in _PLACES if (folder / place).is_dir() for each in (folder / place).iterdir())
    by_kind = (
        [each for each in files if each.suffix.casefold() in TABLES],
        [each for each in files if each.suffix == ".json" and each.stem.startswith("refs")],
        [each for each in files if each.suffix == ".json" and each.stem.startswith(("instances", "panoptic"))],
        [each for each in files if each.suffix == ".json"],
        [each for each in files if each.suffix.casefold() in PICKLES],
    )
    found = next((kind for kind in by_kind if kind), [])
    if len(found) > 1:
        names = ", ".join(each.name for each in found[:6])
        raise InputError(f"The folder {folder.name} holds several data sets: {names}. Name one of the files.")
    if not found:
        raise InputError(f"The folder {folder.name} holds no annotations: a JSON or CSV file, also in annotations/.")
    return found[0]


def instances_file(references: Path) -> Path:
    """The file of object instances that a list of references is about: it lies in the same folder.

    Raises:
        InputError: there is none, or there are several.
    """
    found = sorted(references.parent.glob("instances*.json"))
    if len(found) != 1:
        names = f", not {', '.join(each.name for each in found[:6])}" if found else ""
        raise InputError(f"Beside {references.name} lies one instances.json with the objects it speaks of{names}.")
    return found[0]


def pictures_folder(file: Path, given: Path | None, names: Iterable[Any]) -> Path:
    """The folder in which pictures lie: the one that is given, or the first usual one that holds some of them.

    Usual are, for annotations/instances_val2017.json: val2017/ beside the folder or in images/ there, images/, the
    folder itself; for a file beside its pictures: its own folder, pictures/ and images/ in it.

    Args:
        names: of pictures, as the data set names them.

    Raises:
        InputError: a folder is given that is none.
    """
    if given is not None:
        if not _is_folder(given):
            raise InputError(f"There is no folder of pictures at {shown(str(given))}.")
        return given
    here, split = file.parent, file.stem.partition("_")[2]
    above = here.parent if here.name == "annotations" else here
    folders = [here, *(above / name for name in (split, f"images/{split}", "images", "pictures", "")), here / split]
    # Those of referring expressions lie where their makers' scripts put them.
    folders += [root / "images" / "mscoco" / "images" / "train2014" for root in (here, here.parent)]
    folders += [root / "train2014" for root in (here, here.parent)]
    some = [name for name, _ in zip(names, range(_LOOKED_AT), strict=False)]
    return next((folder for folder in folders if any(_holds(folder, name) for name in some)), here)


def _holds(folder: Path, name: Any) -> bool:
    try:
        return within(folder, name).is_file()
    except (InputError, OSError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def masks_folder(file: Path) -> Path:
    """The PNGs of a panoptic file: a folder of its own name beside it.

    Raises:
        InputError: there is none.
    """
    folder = file.with_suffix("")
    if not folder.is_dir():
        raise InputError(
            f"The masks of {file.name} lie in a folder {folder.name} beside it, which is missing. Unpack "
            f"{folder.name}.zip there."
        )
    return folder
