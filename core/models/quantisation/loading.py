"""transformers' loader, told how quantised weights are stored, or to how many bits plain ones are to be rounded.

The loader renames tensors, brings them to their devices and finds what is missing, as for plain weights; what it
fills are the parameters of `StoredLinear` layers, which take the places of plain ones beforehand.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from safetensors import safe_open
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import ConversionOps, WeightConverter, WeightTransform, rename_source_key
from transformers.quantizers.auto import register_quantization_config, register_quantizer
from transformers.quantizers.base import HfQuantizer
from transformers.utils.quantization_config import QuantizationConfigMixin

from core.errors import ModelError
from core.models.options import Quantisation
from core.models.quantisation.conversions import AsItIs, RoundedNames, StoredNames, split
from core.models.quantisation.linear import StoredLinear, StoredWeight
from core.models.quantisation.rounding import STORAGES, shapes
from core.models.quantisation.storage import Storage, stored_parts
from core.models.quantisation.unpacking import unpacker

_NAME = "stored"
_DTYPES = {
    **{"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16},
    **{"F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "F8_E8M0": torch.float8_e8m0fnu},
    **{"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8},
}

_CODES = {torch.float8_e4m3fn, torch.float8_e5m2, torch.int32, torch.int16, torch.int8, torch.uint8}


def loader_options(
    config: PreTrainedConfig,
    storage: Storage | None,
    dtype: torch.dtype,
    decoder_layers: Callable[[nn.Module], nn.ModuleList],
    quantisation: Quantisation | None,
) -> dict[str, Any]:
    """What `from_pretrained` is to be given besides, for a model with this configuration; {} for none.

    Args:
        config: of the model; it is changed.
        storage: how its weights are stored; None: plainly.
        dtype: that weights are computed with.
        decoder_layers: model -> the layers whose linear layers are rounded, if they are to be.

    Raises:
        ModelError: while the model is loaded: something is quantised in a way that is not read here.
    """
    if storage is None and quantisation is None and getattr(config, "quantization_config", None) is None:
        return {}
    for each in (config, config.get_text_config()):
        if hasattr(each, "quantization_config"):
            del each.quantization_config  # or transformers would take over
    if storage is None and quantisation is None:
        return {"config": config}
    how = _Storing(dtype=dtype, storage=storage, quantisation=quantisation, decoder_layers=decoder_layers)
    return {"config": config, "quantization_config": how}


@register_quantization_config(_NAME)
@dataclass
class _Storing(QuantizationConfigMixin):
    """Says to `_Loading` what `loader_options` was told."""

    dtype: torch.dtype
    storage: Storage | None
    quantisation: Quantisation | None
    decoder_layers: Callable[[nn.Module], nn.ModuleList]
    quant_method: str = field(default=_NAME, init=False)


@register_quantizer(_NAME)
class _Loading(HfQuantizer):
    """Puts the layers in place, and tells under which names and as what their tensors are loaded."""

    requires_calibration = False
    quantization_config: _Storing
    is_trainable = False

    def __init__(self, quantization_config: _Storing, **options: Any) -> None:
        super().__init__(quantization_config, **options)
        self._renamed: dict[str, str] = {}

    def is_serializable(self) -> bool:
        return False

    def _process_model_before_weight_loading(
        self, model: PreTrainedModel, checkpoint_files: Sequence[str], **_: Any
    ) -> None:
        how = self.quantization_config
        if how.quantisation is not None:
            layers = how.decoder_layers(model)
            inside = {id(module) for module in layers.modules()}
            for name, module in list(model.named_modules()):
                if isinstance(module, nn.Linear) and id(module) in inside:
                    kinds = shapes(module.out_features, module.in_features, how.quantisation)
                    self._put(model, name, kinds, STORAGES[how.quantisation], None)
                    self._renamed[f"{name}.weight"] = f"{name}.stored.weight"
            return
        self._put_stored(model, checkpoint_files, how.storage)

    def _put_stored(self, model: PreTrainedModel, files: Sequence[str], storage: Storage) -> None:
        kinds, states = _read_headers(files)
        renamings, converters = split(get_model_conversion_mapping(model))
        known = model.state_dict()

        def place(name: str, converting: list[WeightConverter]) -> str:
            return rename_source_key(name, renamings, converting, model.base_model_prefix, known)[0]

        layers = stored_parts(kinds)
        read = {name for parts in layers.values() for name in parts.values()}
        for name, (shape, dtype) in kinds.items():
            target = known.get(place(name, converters))
            if name not in read and len(shape) > 1 and dtype in _CODES and target is not None:
                raise ModelError(f"{name} is quantised, and what it is scaled by is not found. Take plain weights.")
        for layer, parts in layers.items():
            target = place(f"{layer}.weight", [])
            if target not in known:
                if place(f"{layer}.weight", converters) in known:
                    raise ModelError("Quantised weights of experts (MoE) are not read here. Take plain weights.")
                continue  # of no layer that this model has
            name = target.removesuffix(".weight")
            tensors = {part.replace(".", "_"): kinds[full] for part, full in parts.items()}
            self._put(model, name, tensors, storage, states.get(layer))
            for part, full in parts.items():
                self._renamed[rename_source_key(full, renamings, [])[0]] = f"{name}.stored.{part.replace('.', '_')}"

    def _put(
        self,
        model: PreTrainedModel,
        name: str,
        kinds: Mapping[str, tuple[tuple[int, ...], torch.dtype]],
        storage: Storage,
        state: Mapping[str, Any] | None,
    ) -> None:
        plain = model.get_submodule(name)
        if not isinstance(plain, nn.Linear):
            raise ModelError(
                f"The layer {name} is quantised and not linear, which is not read here. Take plain weights."
            )
        tensors = {part: torch.empty(shape, dtype=dtype, device="meta") for part, (shape, dtype) in kinds.items()}
        shape = (plain.out_features, plain.in_features)
        stored = StoredWeight(tensors, unpacker(storage, shape, state), self.quantization_config.dtype)
        model.set_submodule(name, StoredLinear(stored, plain.in_features, plain.out_features, plain.bias))

    def update_weight_conversions(
        self, weight_conversions: list[WeightTransform], model: PreTrainedModel
    ) -> list[WeightTransform]:
        if self.quantization_config.quantisation is None:
            return [*weight_conversions, StoredNames(self._renamed)]
        return [*weight_conversions, RoundedNames(self._renamed, self.quantization_config.quantisation)]

    def param_needs_quantization(self, model: PreTrainedModel, param_name: str, **_: Any) -> bool:
        # Or a plain weight would be cast to the type of its codes before it is rounded.
        return self.quantization_config.quantisation is not None and param_name in self._renamed.values()

    def get_quantize_ops(self) -> ConversionOps:
        return AsItIs()

    def _process_model_after_weight_loading(self, model: PreTrainedModel, **_: Any) -> None:
        self.remove_quantization_config(model)


def _read_headers(
    files: Sequence[str],
) -> tuple[dict[str, tuple[tuple[int, ...], torch.dtype]], dict[str, dict[str, Any]]]:
    """(tensor's name -> shape and type, layer -> what bitsandbytes notes of its weight)."""
    mark, kinds, states = ".weight.quant_state.bitsandbytes", {}, {}
    for path in files:
        with safe_open(path, "pt") as file:
            for name in file.keys():
                part = file.get_slice(name)
                kinds[name] = tuple(part.get_shape()), _DTYPES.get(part.get_dtype(), torch.uint8)
                if mark in name:
                    note = bytes(file.get_tensor(name).tolist()).decode("utf-8")
                    states[name.partition(mark)[0]] = json.loads(note)
    return kinds, states
