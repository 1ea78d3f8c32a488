"""The files of a folder that decide what a model computes, and a digest of them. No torch here."""

import hashlib
from functools import lru_cache
from pathlib import Path

from core.errors import ModelError

# Their names differ between versions (the picture's size is set in preprocessor_config.json or in
# processor_config.json), so none is taken to be without effect.
FILES = ("*.json", "*.safetensors", "*.txt", "*.jinja")
"""Patterns of their names; all lie in the folder itself."""

_MOST_NAMED = 3
_BLOCK = 1 << 16
_WHOLE = 64 << 20  # files up to this size are hashed whole
_SAMPLED_BLOCKS = 64

FolderState = tuple[tuple[str, int, int], ...]


def listed(names: list[str]) -> str:
    """Names of files as a sentence has them: the first few."""
    return ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")


def file_state(folder: Path) -> FolderState:
    """(name, size, mtime) of every file that counts: a folder is looked into again only when this changes.

    Raises:
        OSError: one of them went away meanwhile, or cannot be looked at.
    """
    files = sorted(path for pattern in FILES for path in folder.glob(pattern))
    states = ((path.name, path.stat()) for path in files)
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


def unreadable(folder: Path, error: OSError) -> ModelError:
    """What to tell people whose files cannot be read: a copy that is under way, a disk that is away for a moment."""
    reason = error.strerror or type(error).__name__
    if isinstance(error, PermissionError):
        return ModelError(f"The files in {folder} cannot be read ({reason}). Let the user that this runs as read them.")
    return ModelError(f"The files in {folder} cannot be read ({reason}). Copy the model again.")


@lru_cache(maxsize=64)
def content_digest(folder: Path, state: FolderState) -> str:
    """sha256 over the files' names and contents.

    Files over 64 MiB are sampled: their size, their first block (a safetensors header with every
    tensor's name, shape and offset) and 64 blocks spread over the rest. Any training step changes
    every block; a hand-edited single tensor may go unseen.

    Args:
        state: as `file_state` tells it now.

    Raises:
        OSError: a file went away meanwhile, or cannot be read.
    """
    digest = hashlib.sha256()
    for name, size, _ in state:
        digest.update(f"{name}\0{size}\0".encode())
        with open(folder / name, "rb") as file:
            if size <= _WHOLE:
                digest.update(file.read())
                continue
            for block in range(_SAMPLED_BLOCKS + 1):
                file.seek(block * (size - _BLOCK) // _SAMPLED_BLOCKS)
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()
