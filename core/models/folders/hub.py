"""A hub id -> a snapshot of the model on this machine that is whole; what lacks is fetched. No torch here."""

from pathlib import Path

from core.errors import ModelError
from core.models.folders.downloads import OnProgress, download
from core.models.folders.hub_cache import current_snapshot, repository_folder
from core.models.folders.processor_files import PROCESSOR_FILES
from core.models.folders.weights import INDEX, WHOLE, missing_shards

# What every supported model has, under one name or another.
_NEEDED = (("config.json",), *PROCESSOR_FILES)
_ADAPTER = "adapter_config.json"
_WEIGHTS = ("*.safetensors", "*.bin", "*.gguf")  # those of the last two are refused, and not for being away


def is_valid(hub_id: str) -> bool:
    """Whether the hub could have a model of this name."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(hub_id)
    except HFValidationError:
        return False
    return True


def fetched_snapshot(hub_id: str, on_progress: OnProgress | None = None) -> Path:
    """The folder of a model of the hub. One that is whole is taken as it is, without a look at the network.

    Args:
        on_progress: hears of every half second of fetching; what it raises stops it and is passed on.

    Raises:
        ModelError: it cannot be fetched; the sentence says why and what to do.
    """
    repository = repository_folder(hub_id)
    here, missing = _looked_up(repository)
    if here is not None and not missing:
        return here
    download(hub_id, repository.parent, missing, on_progress)
    here, _ = _looked_up(repository)
    if here is None:
        raise ModelError(f"The hub has no files of the model {hub_id}. Check the id's spelling, or take another model.")
    return here


def _looked_up(repository: Path) -> tuple[Path | None, list[str]]:
    """The current snapshot, and what it lacks."""
    try:
        here = current_snapshot(repository)
        return here, [] if here is None else missing_files(here)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(f"The hub's cache {repository} cannot be read ({reason}). See to its permissions.") from error


def is_whole_here(hub_id: str) -> bool:
    """Whether nothing of a model of the hub would have to be fetched."""
    try:
        here, missing = _looked_up(repository_folder(hub_id))
    except ModelError:
        return False
    return here is not None and not missing


def missing_files(snapshot: Path) -> list[str]:
    """Names of what a snapshot lacks, as far as its own files tell: shards that its index names, or a kind of file.

    Raises:
        OSError: the folder cannot be read.
    """
    if (snapshot / _ADAPTER).is_file():
        return [] if any(snapshot.glob("adapter_model.*")) else ["adapter_model.safetensors"]
    lacking = [names[0] for names in _NEEDED if not any((snapshot / name).is_file() for name in names)]
    if (snapshot / INDEX).is_file():
        try:
            return [*lacking, *missing_shards(snapshot)]
        except ModelError:  # it cannot be read: describing the folder says so
            return lacking
    # A link whose file is away is none; and shards come with an index.
    weights = [path.name for pattern in _WEIGHTS for path in snapshot.glob(pattern) if path.is_file()]
    if not weights:
        return [*lacking, WHOLE]
    return [*lacking, INDEX] if "-of-0" in weights[0] and weights[0].endswith(".safetensors") else lacking
