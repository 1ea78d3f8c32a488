"""Folder or hub id -> `ModelCard`: what can be known of a model without loading it, or torch.

The card's fingerprint is part of every result's key, so that a stored result is found without the
model ever being touched.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.devices import installed_version, resolve_device
from core.embedded import CHECKPOINT
from core.errors import ModelError, shown
from core.schema.checks import check_instance
from core.schema.model_parts import DecoderDepth, Part, attending_layers, tower_depth

EMBEDDED = "embedded"
"""How the small checkpoint that comes with the project is called among models."""

SUPPORTED = (
    "qwen2_5_vl",
    "qwen2_vl",
    "qwen3_vl",
    "llava",
    "llava_onevision",
    "internvl",
    "gemma3",
    "smolvlm",
    "qwen3_vl_moe",
    "qwen3_5",
    "qwen3_5_moe",
    "glm46v",
    "glm4v",
    "glm4v_moe",
    "gemma4",
)
"""Types of models that `core.models.families` knows, which is not imported here: it imports torch."""

IMAGE_BACKEND = "pil"
ATTENTION = "sdpa"

# Files that may decide what a model computes. Their names differ between versions (the picture's size is
# set in preprocessor_config.json or in processor_config.json), so none is taken to be without effect.
_FILES = ("*.json", "*.safetensors", "*.txt", "*.jinja")
_BLOCK = 1 << 16
_WHOLE = 64 << 20  # files up to this size are hashed whole
_SAMPLED_BLOCKS = 64


@dataclass(frozen=True)
class ModelCard:
    """A model as it would be loaded here.

    Attributes:
        name: what people call it: the hub id, the folder's name, or `EMBEDDED`.
        folder: where its files are.
        model_type: as in config.json.
        total_layers: decoder layers.
        total_blocks: blocks of the vision tower that are in use; 0 where config.json does not say.
        device: "cuda" or "cpu" (or "cuda:1"...).
        dtype: "bfloat16" on CUDA, "float32" on the CPU.
        fingerprint: changes with anything that changes a result: weights, settings, dtype,
            attention kernel, image-processor backend, versions of torch and transformers.
        is_embedded: whether it is the small checkpoint that comes with the project.
        attending: decoder layers whose attention can be read, ascending; () where all can.
        shared: see `core.schema.model_parts.DecoderDepth`.
    """

    name: str
    folder: Path
    model_type: str
    total_layers: int
    total_blocks: int
    device: str
    dtype: str
    fingerprint: str
    is_embedded: bool
    attending: tuple[int, ...] = ()
    shared: int = 0

    @property
    def decoder(self) -> DecoderDepth:
        """How many decoder layers there are, and which of them attend."""
        attending = self.attending or tuple(range(self.total_layers))
        return DecoderDepth(self.total_layers, attending, self.shared)

    def depth(self, part: Part) -> int:
        """How many layers a part of the model has."""
        return self.total_blocks if part == "tower" else self.total_layers


def describe_model(model: str | Path | None = None, device: str = "auto") -> ModelCard:
    """Looks at a model without loading it.

    Args:
        model: a folder, a hub id, or None for the embedded checkpoint.
        device: "auto" takes CUDA where there is one; else "cpu", "cuda", "cuda:1", ...

    Raises:
        ModelError: missing, empty, without safetensors weights, or not a supported model.
    """
    folder = _locate(model)
    is_embedded = folder.resolve() == CHECKPOINT.resolve()
    if is_embedded:
        name = EMBEDDED
    else:
        name = str(model) if is_hub_id(model) else folder.resolve().name
    model_type, decoder, total_blocks = _read_config(folder)
    _check_weights(folder)
    device = resolve_device(device)
    dtype = "bfloat16" if device.startswith("cuda") else "float32"
    traits = {
        "files": _digest_of(folder),
        "dtype": dtype,
        "attention": ATTENTION,
        "image_backend": IMAGE_BACKEND,
        "device": device.partition(":")[0],
        "torch": installed_version("torch").partition("+")[0],
        "transformers": installed_version("transformers"),
    }
    fingerprint = hashlib.sha256(json.dumps(traits, sort_keys=True).encode()).hexdigest()
    attending = decoder.attending if decoder.is_hybrid else ()
    return ModelCard(
        name,
        folder,
        model_type,
        decoder.layers,
        total_blocks,
        device,
        dtype,
        fingerprint,
        is_embedded,
        attending,
        decoder.shared,
    )


def is_hub_id(model: str | Path) -> bool:
    """Whether this names a model on the hub, "owner/name", rather than a folder (one that is there wins)."""
    if isinstance(model, Path) or model.startswith((".", "/", "~")) or model.count("/") != 1:
        return False
    return not Path(model).is_dir()


def _locate(model: str | Path | None) -> Path:
    if model is None:
        return CHECKPOINT
    check_instance("A model", model, str | Path, "a folder, a hub id or None")
    try:
        if is_hub_id(model):
            return _download(str(model))
        folder = Path(model).expanduser()
        if folder.is_dir():
            return folder
    except (OSError, RuntimeError, ValueError):  # no name that a file system takes, or nobody's home
        pass
    raise ModelError(
        f"There is no model folder {shown(str(model))}. Give a folder, or a hub id like Qwen/Qwen2.5-VL-3B-Instruct."
    )


def _download(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(hub_id, allow_patterns=list(_FILES), local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        pass  # Not in the local cache: ask the hub.
    try:
        return Path(snapshot_download(hub_id, allow_patterns=list(_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"The model {shown(hub_id)} is neither a folder here nor could it be fetched from the hub ({reason})."
        ) from None


def _read_config(folder: Path) -> tuple[str, DecoderDepth, int]:
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"The folder {folder} holds no config.json, so it is not a model. Check the path.")
    try:
        config = json.loads(path.read_text("utf-8"))
        model_type = config.get("model_type")
    except (ValueError, OSError, AttributeError):
        raise ModelError(f"The config.json of {folder} cannot be read as JSON. Copy the model again.") from None
    if model_type not in SUPPORTED:
        raise ModelError(f"The model in {folder} cannot be explained. {unsupported(model_type)}")
    decoder = attending_layers(config)
    if decoder is None:
        raise ModelError(f"The config.json of {folder} does not say how many decoder layers there are.")
    return model_type, decoder, tower_depth(config)


def unsupported(model_type: object) -> str:
    """What to tell people whose model is of no supported type."""
    return (
        f"Models of type {model_type!r} are not supported. Supported: {', '.join(SUPPORTED)}. "
        "docs/families.md says how another one is added."
    )


def _check_weights(folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise ModelError(
            f"The weights in {folder} are pickled (.bin or .pt), which can run code when loaded. "
            "Convert them to safetensors first."
        )
    raise ModelError(f"The folder {folder} holds no weights (*.safetensors). Copy the model again.")


def _digest_of(folder: Path) -> str:
    try:
        return _content_digest(folder, file_state(folder))
    except OSError as error:  # a copy that is under way, a disk that is away for a moment
        reason = error.strerror or type(error).__name__
        raise ModelError(f"The files in {folder} cannot be read ({reason}). Copy the model again.") from error


def file_state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """(name, size, mtime) of every file that counts: hashing is repeated only when this changes.

    Raises:
        OSError: one of them went away meanwhile, or cannot be looked at.
    """
    files = sorted(path for pattern in _FILES for path in folder.glob(pattern))
    states = ((path.name, path.stat()) for path in files)
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


@lru_cache(maxsize=64)
def _content_digest(folder: Path, state: tuple[tuple[str, int, int], ...]) -> str:
    """sha256 over the files' names and contents.

    Files over 64 MiB are sampled: their size, their first block (a safetensors header with every
    tensor's name, shape and offset) and 64 blocks spread over the rest. Any training step changes
    every block; a hand-edited single tensor may go unseen.
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
