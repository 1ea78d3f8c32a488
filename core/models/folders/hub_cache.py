"""The hub's cache on this machine, as huggingface_hub lays it out: which snapshot of a model is there. No torch here.

CACHE/models--OWNER--NAME/refs/main holds the commit that "main" was last; snapshots/COMMIT/ holds links to the files in
blobs/. See https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
"""

from pathlib import Path

from core.errors import ModelError

_PREFIX = "models--"
_REFERENCE, _SNAPSHOTS = "refs/main", "snapshots"


def repository_folder(hub_id: str) -> Path:
    """Where the cache keeps a model, whether it is there or not."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / (_PREFIX + hub_id.replace("/", "--"))


def is_repository(folder: Path) -> bool:
    """Whether a folder is what the cache keeps of a model: the root of its snapshots, and none of them."""
    return folder.name.startswith(_PREFIX) and (folder / _SNAPSHOTS).is_dir()


def current_snapshot(repository: Path) -> Path | None:
    """The snapshot that "main" was last, or the only one there is; None where there is none, or several without it.

    Raises:
        OSError: the folder cannot be read.
    """
    snapshots = repository / _SNAPSHOTS
    try:
        commit = (repository / _REFERENCE).read_text("utf-8").strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        commit = ""
    if commit and commit == Path(commit).name and (snapshots / commit).is_dir():
        return snapshots / commit
    there = [path for path in snapshots.iterdir() if path.is_dir()] if snapshots.is_dir() else []
    return there[0] if len(there) == 1 else None


def snapshot_of(repository: Path) -> Path:
    """`current_snapshot`, for people who gave the repository's own folder.

    Raises:
        ModelError: it cannot be told which one is meant, or there is none.
        OSError: the folder cannot be read.
    """
    found = current_snapshot(repository)
    if found is not None:
        return found
    names = sorted(path.name for path in (repository / _SNAPSHOTS).iterdir() if path.is_dir())
    if not names:
        raise ModelError(f"The hub's cache {repository} holds no snapshot of its model. Give its hub id to fetch it.")
    raise ModelError(
        f"The hub's cache {repository} holds several snapshots of its model, and does not say which is the current "
        f"one. Give one of the folders in {_SNAPSHOTS}: {', '.join(names)}."
    )


def hub_id_of(folder: Path) -> str | None:
    """OWNER/NAME of a snapshot's folder; None where it is no snapshot."""
    parts = folder.absolute().parts[-3:]
    if len(parts) < 3 or parts[1] != _SNAPSHOTS or not parts[0].startswith(_PREFIX):
        return None
    return parts[0].removeprefix(_PREFIX).replace("--", "/", 1)
