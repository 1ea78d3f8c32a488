"""Which files of a folder hold the model's weights, and whether they can be read. No torch here.

Whole files of safetensors, as transformers looks for them: model.safetensors, or the shards that
model.safetensors.index.json names.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

from core.errors import ModelError
from core.models.folders.files import FILES, FolderState, file_state, listed, unreadable
from core.models.folders.hub_cache import hub_id_of
from core.models.folders.safetensors_header import StoredTensor, is_lfs_pointer, read_header

WHOLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
_SHARD = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.safetensors")
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_OF_TRAINERS = {"training_args.bin", "optimizer.bin", "optimizer.pt", "scheduler.bin", "scheduler.pt", "scaler.pt"}
_FETCH = "Give the model's hub id instead of this folder, and what is missing is fetched."
_FOLLOW = "Copy the files that links lead to, as `cp -rL` does."
_COPY = "Copy what is missing."


def weight_files(folder: Path) -> list[str]:
    """Names of the files that hold the weights; of those that an index names, some may be missing.

    Raises:
        ModelError: there are none, or the index that names them is missing or cannot be read.
        OSError: the folder cannot be read.
    """
    if (folder / WHOLE).is_file():
        return [WHOLE]
    if (folder / INDEX).is_file():
        return indexed_files(folder)
    found = sorted(path.name for path in folder.glob("*.safetensors"))
    if not found:
        raise _no_weights(folder)
    shards = [match for match in map(_SHARD.fullmatch, found) if match]
    if shards:
        raise ModelError(
            f"The weights in {folder} are in {int(shards[0][3])} parts ({found[0]} ...), and {INDEX}, which says what "
            "is where, is missing. Copy it from where the model comes from."
        )
    raise ModelError(
        f"The weights in {folder} are looked for in {WHOLE}, and there is {listed(found)} instead. Rename the file, "
        "if it holds the whole model."
    )


def indexed_files(folder: Path) -> list[str]:
    """Names of the files that a folder's index names.

    Raises:
        ModelError: the index cannot be read.
        OSError: likewise, for a reason of the system's.
    """
    try:
        names = sorted(set(json.loads((folder / INDEX).read_text("utf-8"))["weight_map"].values()))
        if not names or not all(isinstance(name, str) and name == Path(name).name for name in names):
            raise ValueError("names of files in this folder")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ModelError(f"The file {INDEX} in {folder} cannot be read. Copy it again.") from None
    return names


def missing_shards(folder: Path) -> list[str]:
    """Names of the files that a folder's index names and that are not there; [] where it has none, or needs none.

    Raises: as `indexed_files`.
    """
    if (folder / WHOLE).is_file() or not (folder / INDEX).is_file():
        return []
    return [name for name in indexed_files(folder) if not (folder / name).is_file()]


def stored_tensors(folder: Path) -> dict[str, StoredTensor]:
    """Every tensor of a model's weights; read once for as long as no file changes.

    Raises:
        ModelError: weights are missing, in another format, or not whole; the sentence says which and what to do.
    """
    try:
        return _stored_tensors(folder, file_state(folder))
    except OSError as error:
        raise unreadable(folder, error) from error


@lru_cache(maxsize=16)
def _stored_tensors(folder: Path, state: FolderState) -> dict[str, StoredTensor]:
    names = weight_files(folder)
    missing = missing_shards(folder)
    if missing:
        raise ModelError(
            f"The weights in {folder} lack {listed(missing)}, of {len(names)} parts that {INDEX} names. "
            f"{_FETCH if hub_id_of(folder) else _COPY}"
        )
    return {tensor: stored for name in names for tensor, stored in read_header(folder / name).items()}


def check_format(folder: Path) -> None:
    """Refuses a folder whose files are notes of where the files are, or weights of a format that is not loaded here.

    Said before anything else: such a folder may have no config.json that could be read.

    Raises:
        ModelError: naming what is there and what to do.
        OSError: the folder cannot be read.
    """
    away = sorted(path.name for pattern in FILES for path in folder.glob(pattern) if not path.exists())
    if away:
        raise ModelError(
            f"{listed(away)} in {folder} is a link to a file that is away. {_FETCH if hub_id_of(folder) else _FOLLOW}"
        )
    pointers = [name for name, _, _ in file_state(folder) if is_lfs_pointer(folder / name)]
    if pointers:
        raise ModelError(
            f"What lies in {folder} as {listed(pointers)} is a Git LFS pointer, a note of where the file is, and not "
            "the file. Run `git lfs install` and `git lfs pull` there, or fetch the model by its hub id."
        )
    gguf = sorted(path.name for path in folder.glob("*.gguf"))
    if gguf and not any(folder.glob("*.safetensors")) and not (folder / INDEX).is_file():
        raise ModelError(
            f"The weights in {folder} are in GGUF ({listed(gguf)}), llama.cpp's format, which no maps can be computed "
            "from here. Take the model's own folder of safetensors, on the hub often the same name without GGUF."
        )


def _no_weights(folder: Path) -> ModelError:
    pickled = sorted({path.name for pattern in _PICKLED for path in folder.glob(pattern)} - _OF_TRAINERS)
    if pickled:
        return ModelError(
            f"The weights in {folder} are pickled ({listed(pickled)}), which can run code when loaded. "
            "Convert them to safetensors first."
        )
    return ModelError(f"The folder {folder} holds no weights (*.safetensors). Copy the model again.")
