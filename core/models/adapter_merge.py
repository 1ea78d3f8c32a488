"""A LoRA's tensors become part of its base's weights, in memory, when the model is loaded.

What is computed afterwards costs what it costs with the base. W' = W + scaling * B A (Hu et al. 2021,
arXiv:2106.09685, equation 3); with DoRA, rows of W' are brought to learned lengths (Liu et al. 2024,
arXiv:2402.09353, equation 5).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import WeightConverter, WeightRenaming, rename_source_key

from core.errors import ModelError
from core.models.adapters import CONFIG, MERGE_IT, WEIGHTS, Adapter

_PLAIN = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
_PREFIX = "base_model.model."
_PART = re.compile(
    r"(?P<module>.+)\.lora_(?P<part>A|B|embedding_A|embedding_B|magnitude_vector)"
    r"(?:\.(?P<adapter>(?!weight$)[^.]+))?(?:\.weight)?"
)
_SAVED = re.compile(r"\.modules_to_save(\.[^.]+)?(?=\.[^.]+$)|\.original_module(?=\.)|\.base_layer(?=\.[^.]+$)")
"""What PEFT puts into the name of a whole tensor."""


@dataclass(frozen=True, eq=False)
class _Update:
    """What an adapter does to one weight.

    Attributes:
        name: of its module, as the adapter has it.
        parts: "A" and "B", and "magnitude_vector" of a DoRA; "embedding_A" and "embedding_B" of an embedding.
    """

    name: str
    parts: dict[str, Tensor] = field(default_factory=dict)


def merge_adapter(network: nn.Module, adapter: Adapter) -> None:
    """Changes a model's weights into those of its tuned version. Weights that were tied, and differ now, are not tied.

    Raises:
        ModelError: the adapter's tensors cannot be read, or do not belong to this model; the sentence says which.
    """
    try:
        tensors = load_file(adapter.folder / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"The adapter in {adapter.folder} cannot be read ({error}). Copy it again.") from error
    parameters = dict(network.named_parameters(remove_duplicate=False))
    if any(parameter.is_meta for parameter in parameters.values()):
        raise ModelError(
            f"The adapter {adapter.name} cannot be merged into a model of which parts are offloaded. Leave device_map "
            "out, or merge it with peft (merge_and_unload) and name that folder."
        )
    if any(parameter.dtype not in _PLAIN for parameter in parameters.values()):
        raise ModelError(
            f"The adapter {adapter.name} cannot be merged into quantised weights. Name a base of plain weights, or "
            "give the PEFT model to core.models.loading.wrap_model."
        )
    updates, saved = _sorted(adapter, tensors, _renaming(network, parameters))
    _check_known(adapter, [*updates, *saved], parameters)
    _check_complete(adapter, updates, parameters)
    with torch.no_grad():
        for name, tensor in saved.items():
            if tensor.shape != parameters[name].shape:
                raise _other_shape(adapter, name, tensor.shape, parameters[name].shape)
            _put(network, name, tensor)
        # Saved tensors first: an update is one of what is there by then.
        parameters = dict(network.named_parameters(remove_duplicate=False))
        for name, update in updates.items():
            _put(network, name, _merged(adapter, name, parameters[name], update))


def _sorted(
    adapter: Adapter, tensors: Mapping[str, Tensor], rename: Callable[[str], str]
) -> tuple[dict[str, _Update], dict[str, Tensor]]:
    """Name of a weight -> its update, and -> the tensor that takes its place."""
    updates: dict[str, _Update] = {}
    saved, names = {}, set()
    for key, tensor in tensors.items():
        key = key.removeprefix(_PREFIX)
        found = _PART.fullmatch(key)
        if found is None:
            saved[rename(_SAVED.sub("", key))] = tensor
            continue
        names.add(found["adapter"])
        update = updates.setdefault(rename(f"{found['module']}.weight"), _Update(found["module"]))
        update.parts[found["part"]] = tensor
    if len(names) > 1:
        raise ModelError(
            f"The file {adapter.folder / WEIGHTS} holds {len(names)} adapters ({', '.join(sorted(map(str, names)))}). "
            f"{MERGE_IT}"
        )
    if not updates and not saved:
        raise ModelError(f"The adapter in {adapter.folder} holds no tensors. Copy it again.")
    return updates, saved


def _renaming(network: nn.Module, parameters: Mapping[str, Tensor]) -> Callable[[str], str]:
    """Name of a tensor as an earlier version of transformers called it -> its name in this model."""
    conversions = get_model_conversion_mapping(network)
    renamings = [each for each in conversions if isinstance(each, WeightRenaming)]
    converters = [each for each in conversions if isinstance(each, WeightConverter)]

    def rename(name: str) -> str:
        return rename_source_key(name, renamings, converters, network.base_model_prefix, parameters)[0]

    return rename


def _check_known(adapter: Adapter, names: Iterable[str], parameters: Mapping[str, Tensor]) -> None:
    unknown = [name for name in names if name not in parameters]
    if unknown:
        raise ModelError(
            f"The adapter in {adapter.folder} belongs to another model: it changes {len(unknown):,} weights that this "
            f"base does not have, such as {unknown[0]}. Name its own base."
        )


def _check_complete(adapter: Adapter, updates: Mapping[str, _Update], parameters: Mapping[str, Tensor]) -> None:
    """Refuses a file that lacks what its configuration says it changes."""
    for name, update in updates.items():
        kinds = {part.removeprefix("embedding_") for part in update.parts} - {"magnitude_vector"}
        if kinds != {"A", "B"} or bool(adapter.config.get("use_dora")) != ("magnitude_vector" in update.parts):
            raise ModelError(f"The adapter in {adapter.folder} lacks tensors of {name}. Copy it again.")
    targets = adapter.config.get("target_modules")
    if not isinstance(targets, list):
        return
    for target in targets:
        there = re.compile(rf"(.*\.)?{re.escape(str(target))}\.weight")
        known = any(map(there.fullmatch, parameters))
        if known and not any(there.fullmatch(f"{update.name}.weight") for update in updates.values()):
            raise ModelError(
                f"The adapter in {adapter.folder} lacks the tensors of {target}, which its {CONFIG} names. "
                "Copy it again."
            )


def _merged(adapter: Adapter, name: str, weight: Tensor, update: _Update) -> Tensor:
    """The weight with its update, float32.

    Weights of nn.Linear and of convolutions are [out, in, ...], whatever fan_in_fan_out says: PEFT heeds that for
    layers that no family here has.
    """
    names = (update.name, name.removesuffix(".weight"))
    rank, scaling = adapter.rank(*names), adapter.scaling(*names)
    is_embedding = "embedding_A" in update.parts
    prefix = "embedding_" if is_embedding else ""
    parts = {name: part.to(weight.device, torch.float32) for name, part in update.parts.items()}
    a, b = (parts[f"{prefix}{part}"].flatten(1) for part in "AB")
    if len(a) != rank or b.shape[1] != rank:
        raise ModelError(
            f"The adapter in {adapter.folder} says that {name} has the rank {rank}, but its tensors have {len(a)} and "
            f"{b.shape[1]}. Copy it again."
        )
    rows = weight.float().flatten(1)
    change = (b @ a).T if is_embedding else b @ a
    if change.shape != rows.shape:
        raise _other_shape(adapter, name, change.shape, rows.shape)
    rows = rows + scaling * change
    if "magnitude_vector" in update.parts:
        if is_embedding:
            raise ModelError(
                f"The adapter in {adapter.folder} is a DoRA of an embedding, which is not merged here. {MERGE_IT}"
            )
        lengths = parts["magnitude_vector"].flatten()
        if len(lengths) != len(rows):
            raise _other_shape(adapter, name, lengths.shape, rows.shape[:1])
        rows = rows * (lengths / rows.norm(dim=1))[:, None]
    return rows.view_as(weight)


def _put(network: nn.Module, name: str, tensor: Tensor) -> None:
    """Gives the one module that is named a parameter of its own: an output head that was tied to it keeps the former.

    So it is with PEFT's own layers; where both are to change alike, its file holds both.
    """
    owner, _, last = name.rpartition(".")
    module = network.get_submodule(owner)
    former = getattr(module, last)
    setattr(module, last, nn.Parameter(tensor.to(former.device, former.dtype).contiguous(), requires_grad=False))


def _other_shape(adapter: Adapter, name: str, own: Iterable[int], there: Iterable[int]) -> ModelError:
    own, there = (" x ".join(map(str, shape)) for shape in (own, there))
    return ModelError(
        f"The adapter in {adapter.folder} belongs to another model: it changes {name} of {own} numbers, and this base "
        f"has {there}. Name its own base."
    )
