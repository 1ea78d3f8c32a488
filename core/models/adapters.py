"""LoRA folders as PEFT writes them: what one holds, and which model it belongs to. No torch here.

`core.models.adapter_merge` brings its tensors into the model's weights.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import ModelError, shown

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_PICKLED = "adapter_model.bin"
MERGE_IT = "Merge it into its base with peft (merge_and_unload), save that, and use that folder."
"""What to do with an adapter that is not merged here."""

_OTHER_OPTIONS = (
    *("layer_replication", "megatron_config", "target_parameters", "trainable_token_indices", "lora_bias"),
    *("use_qalora", "use_bdlora", "alora_invocation_tokens", "arrow_config", "kasa_config", "monteclora_config"),
)
"""Options of LoRA with which the tuned weights are not simply W + scaling * B A."""
_PLAIN_STARTS = (None, True, False, "gaussian", "eva", "orthogonal", "mica")
"""Ways to begin the training that leave the base's weights as they are (`init_lora_weights`)."""


_AND = " + "


def joined_name(model: str, adapter: str) -> str:
    """What people call a model with an adapter."""
    return f"{model}{_AND}{adapter}"


def loadable_name(name: str) -> str:
    """Such a name as `core.models.options` reads it; any other one stays as it is."""
    model, found, adapter = name.rpartition(_AND)
    return f"{model};adapter={adapter}" if found else name


@dataclass(frozen=True, eq=False)
class Adapter:
    """A LoRA folder that can be merged into its base.

    Attributes:
        folder: where its files are.
        config: the content of adapter_config.json.
    """

    folder: Path
    config: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.folder.resolve().name

    @property
    def base_name(self) -> str:
        """Which model it was trained on, as its configuration names it: a hub id or a folder; "" where it does not."""
        return str(self.config.get("base_model_name_or_path") or "")

    def rank(self, *names: str) -> int:
        """The rank of a module's update; under which names the module may stand in `rank_pattern`."""
        return self._by_pattern("rank_pattern", names, self.config.get("r", 8))

    def scaling(self, *names: str) -> float:
        """The factor of a module's update: alpha over the rank, of a rank-stabilised LoRA over its root.

        Source: Hu et al. 2021, arXiv:2106.09685, section 4.1; Kalajdzievski 2023, arXiv:2312.03732.
        """
        alpha = self._by_pattern("alpha_pattern", names, self.config.get("lora_alpha", 8))
        rank = self.rank(*names)
        return alpha / (rank**0.5 if self.config.get("use_rslora") else rank)

    def digest(self) -> str:
        """Changes with anything that changes the merged weights.

        Raises:
            ModelError: its files cannot be read.
        """
        try:
            states = (os.stat(self.folder / name) for name in (CONFIG, WEIGHTS))
            return _digest(self.folder, tuple((state.st_size, state.st_mtime_ns) for state in states))
        except OSError as error:
            raise _unreadable(self.folder, error) from error

    def _by_pattern(self, field: str, names: Sequence[str], usual: Any) -> Any:
        # As PEFT reads them: a name, or a regular expression of the end of one.
        for pattern, value in (self.config.get(field) or {}).items():
            if any(re.match(rf"(.*\.)?({pattern})$", name) for name in names):
                return value
        return usual


@lru_cache(maxsize=64)  # what is hashed again is what changed
def _digest(folder: Path, state: tuple[tuple[int, int], ...]) -> str:
    digest = hashlib.sha256()
    for name in (CONFIG, WEIGHTS):
        with open(folder / name, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter and no weights of a whole model."""
    return (folder / CONFIG).is_file() and not _whole_weights(folder)


def adapters_inside(folder: Path) -> list[str]:
    """Names of the folders inside one that hold adapters, as PEFT writes several of one model."""
    return sorted(path.parent.name for path in folder.glob(f"*/{CONFIG}"))


def check_no_adapter(folder: Path) -> None:
    """Refuses a folder of a whole model beside whose weights an adapter lies.

    Raises:
        ModelError: transformers would apply it where peft is installed, and not elsewhere.
    """
    if not (folder / CONFIG).is_file():
        return
    raise ModelError(
        f"The folder {folder} holds both the weights of a whole model and an adapter ({CONFIG}), so it is not clear "
        "which is meant. Move the adapter's files into a folder of their own, or away if it is merged already."
    )


def read_adapter(folder: Path) -> Adapter:
    """The adapter in a folder.

    Raises:
        ModelError: there is none, it cannot be read, or it is of a kind that is not merged here; the sentence says why.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise ModelError(f"The folder {folder} holds no {CONFIG}, so it is no adapter. Check the path.")
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        config = None
    if not isinstance(config, dict):
        raise ModelError(f"The {CONFIG} of {folder} cannot be read as JSON. Copy the adapter again.")
    if _whole_weights(folder):
        check_no_adapter(folder)
    _check_kind(folder, config)
    if not (folder / WEIGHTS).is_file():
        if (folder / _PICKLED).is_file():
            raise ModelError(
                f"The adapter in {folder} is pickled ({_PICKLED}), which can run code when loaded. Save it as "
                "safetensors first: load it with peft, then save_pretrained."
            )
        raise ModelError(f"The adapter in {folder} has no {WEIGHTS}. Copy it again.")
    return Adapter(folder, config)


def _check_kind(folder: Path, config: Mapping[str, Any]) -> None:
    kind = str(config.get("peft_type", "LORA")).rpartition(".")[2]
    if kind != "LORA":
        raise ModelError(f"The adapter in {folder} is of kind {shown(kind)}; LoRA alone is merged here. {MERGE_IT}")
    for name in _OTHER_OPTIONS:
        if config.get(name):
            raise ModelError(f"The adapter in {folder} uses {name}, which is not merged here. {MERGE_IT}")
    start = config.get("init_lora_weights")
    if start not in _PLAIN_STARTS:
        raise ModelError(
            f"The adapter in {folder} was begun as {shown(str(start))}, which changes the base's weights, too. Convert "
            "it into a plain LoRA when saving it (path_initial_model_for_weight_conversion in peft), or merge it with "
            "peft and use that folder."
        )
    numbers = [config.get("r", 8), config.get("lora_alpha", 8)]
    for name in ("rank_pattern", "alpha_pattern"):
        pattern = config.get(name) or {}
        numbers += pattern.values() if isinstance(pattern, dict) else [None]
    if not all(isinstance(number, int | float) and number > 0 for number in numbers):
        raise ModelError(f"The {CONFIG} of {folder} says no usable rank (r) and lora_alpha. Copy the adapter again.")


def _whole_weights(folder: Path) -> bool:
    return any(path.name != WEIGHTS for path in folder.glob("*.safetensors"))


def _unreadable(folder: Path, error: OSError) -> ModelError:
    reason = error.strerror or type(error).__name__
    return ModelError(f"The files in {folder} cannot be read ({reason}). Copy the adapter again.")
