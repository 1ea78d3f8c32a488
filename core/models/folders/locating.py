"""What people call a model -> the folder that its files lie in. No torch here."""

import errno
from pathlib import Path

from core.errors import ModelError, shown
from core.models.folders.downloads import OnProgress
from core.models.folders.files import unreadable
from core.models.folders.hub import fetched_snapshot, is_valid
from core.models.folders.hub_cache import hub_id_of, is_repository, snapshot_of
from core.schema.checks import check_instance

_NO_NAME = (errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL)


def is_hub_id(model: str | Path) -> bool:
    """Whether this names a model on the hub, "owner/name", rather than a folder (one that is there wins)."""
    if isinstance(model, Path) or model.startswith((".", "/", "~")) or model.count("/") != 1:
        return False
    return not Path(model).is_dir()


def locate(model: str | Path, on_progress: OnProgress | None = None) -> Path:
    """The folder of a model; what lacks of one of the hub is fetched first.

    Args:
        model: a folder, the root of the hub's cache of a model, or a hub id.
        on_progress: hears of every half second of fetching; what it raises stops it and is passed on.

    Raises:
        ModelError: there is no such folder, or the model cannot be fetched; the sentence says why and what to do.
    """
    check_instance("A model", model, str | Path, "a folder, a hub id or None")
    try:
        of_hub = is_hub_id(model) and is_valid(str(model))
        folder = None if of_hub else _existing(model)
    except (OSError, RuntimeError, ValueError) as error:  # no name that a file system takes, or nobody's home
        if isinstance(error, OSError) and error.errno not in _NO_NAME:
            raise unreadable(Path(model), error) from error
        of_hub = folder = None
    if of_hub:
        return fetched_snapshot(str(model), on_progress)
    if folder is None:
        raise ModelError(
            f"There is no model folder {shown(str(model))}. Give a folder, or a hub id like "
            "Qwen/Qwen2.5-VL-3B-Instruct."
        )
    return snapshot_of(folder) if is_repository(folder) else folder


def _existing(model: str | Path) -> Path | None:
    path = Path(model).expanduser()
    if path.is_file():
        raise ModelError(f"{shown(str(model))} is a file. Give the folder that it lies in, with all of its files.")
    return path if path.is_dir() else None


def name_of(model: str | Path, folder: Path) -> str:
    """What people call the model in a folder: its hub id, also where a snapshot's folder was given, or its name."""
    if is_hub_id(model):
        return str(model)
    resolved = folder.resolve()
    return hub_id_of(resolved) or resolved.name
