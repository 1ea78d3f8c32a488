"""`ModelCard` or live objects -> `LoadedModel`: model, processor, family, fingerprint and lock."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedConfig

from core.errors import ModelError
from core.models.adapter_merge import merge_adapter
from core.models.adapters import read_adapter
from core.models.checkpoints import ATTENTION, ModelCard, describe_model
from core.models.families import FAMILIES, family_of
from core.models.families.base import Family
from core.models.families.processors import load_config
from core.models.faults.probe import check_inputs
from core.models.faults.quantisation import leftover_note
from core.models.faults.weights import check_finite, check_report
from core.models.folders.downloads import OnProgress
from core.models.live import bare_model, check_model, check_processor
from core.models.options import NO_OPTIONS, ModelOptions
from core.models.placement import deleted_with, device_of, placement_options
from core.models.quantisation.loading import loader_options
from core.models.quantisation.storage import storage_of
from core.schema.model_parts import DecoderDepth, Part
from core.schema.one_line import LONGEST_TEXT, counted, one_line

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model ready to be explained. Whoever runs it holds `lock`: hooks belong to one run at a time.

    Attributes:
        model: in eval mode, on its device.
        processor: text and pictures to tensors.
        family: how to reach the model's parts.
        name: for people.
        fingerprint: for keys; see `ModelCard`.
        chat_template: what is used in place of the processor's own; None for that one.
        notes: what people should know of how it was loaded, one sentence each.
    """

    model: nn.Module
    processor: Any
    family: Family
    name: str
    fingerprint: str
    chat_template: str | None = None
    notes: tuple[str, ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __repr__(self) -> str:
        return one_line(self, *self.facts)

    @property
    def facts(self) -> tuple[str, ...]:
        """What tells it apart, for a line: name, family, layers, where it is and in which numbers."""
        where, numbers = str(self.device), str(next(self.model.parameters()).dtype).removeprefix("torch.")
        return self.name[-LONGEST_TEXT:], self.family.title, counted(len(self.layers), "layer"), where, numbers

    @property
    def layers(self) -> nn.ModuleList:
        """The decoder layers, first to last."""
        return self.family.decoder_layers(self.model)

    @property
    def blocks(self) -> Sequence[nn.Module]:
        """The blocks of the vision tower that become features, first to last."""
        return self.family.tower_blocks(self.model)

    @property
    def decoder(self) -> DecoderDepth:
        """How many decoder layers there are, and which of them attend."""
        layers, attending = len(self.layers), self.family.attending(self.model)
        attending = range(layers) if attending is None else attending
        return DecoderDepth(layers, tuple(attending), self.family.shared_layers(self.model))

    def depth(self, part: Part) -> int:
        """How many layers a part of the model has."""
        return len(self.blocks if part == "tower" else self.layers)

    @property
    def device(self) -> torch.device:
        """Where the model's inputs go."""
        return device_of(self.model.get_input_embeddings())


@torch.inference_mode(False)  # wherever the caller is: what is made in that mode has no gradients later
def load_model(
    model: str | Path | ModelCard | None = None,
    device: str = "auto",
    options: ModelOptions = NO_OPTIONS,
    *,
    on_progress: OnProgress | None = None,
) -> LoadedModel:
    """Loads a checkpoint: bfloat16 on CUDA, float32 on the CPU, safetensors only, no remote code.

    Args:
        model: a folder, a hub id, None for the embedded checkpoint, or a card from `describe_model`.
        device, options, on_progress: see `describe_model`; not used with a card.

    Raises:
        ModelError: the checkpoint, its adapter or the device cannot be used.
    """
    card = model if isinstance(model, ModelCard) else describe_model(model, device, options, on_progress=on_progress)
    if card.device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError("A CUDA device was asked for, but PyTorch cannot use one here. Choose the device cpu.")
    family, leftover = FAMILIES[card.model_type], leftover_note(card.folder, card.name)
    try:
        config = load_config(card.folder, without=("quantization_config",) if leftover else ())
        how = {"config": config} | _how(card, family, config)
        network, report = family.model_class.from_pretrained(
            str(card.folder),
            dtype=getattr(torch, card.dtype),
            attn_implementation=ATTENTION,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # `check_report` refuses them, and names them
            **how,
        )
        processor = family.load_processor(str(card.folder))
    except ModelError:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _no_room(card) from error
    except Exception as error:  # transformers raises many kinds; people need one sentence
        raise ModelError(f"The model in {card.folder} could not be loaded: {_reason(error)}") from error
    check_report(card.folder, report)
    _check_processor(card, processor, network)
    if "offload_folder" in how:
        deleted_with(network, how["offload_folder"])
    try:
        if card.options.adapter is not None:
            merge_adapter(network, read_adapter(Path(card.options.adapter)))
        (network if "device_map" in how else network.to(card.device)).eval().requires_grad_(False)
        template, more = check_inputs(network, processor, family, card.name)
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _no_room(card) from error
    check_finite(card.folder, network)
    notes = (*filter(None, [leftover]), *more)
    for note in notes:
        logger.warning("%s", note)
    return LoadedModel(network, processor, family, card.name, card.fingerprint, template, notes)


def _reason(error: Exception) -> str:
    """The first sentence of an error of transformers', which may write many lines."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]


def _no_room(card: ModelCard) -> ModelError:
    return ModelError(
        f"The model {card.name} does not fit into this device's memory. Choose a smaller model, or try again when "
        "nothing else runs there."
    )


def _how(card: ModelCard, family: Family, config: PreTrainedConfig) -> dict[str, Any]:
    """What transformers is told of a model whose weights are quantised, or whose layers lie elsewhere; else {}."""
    layers, dtype, options = family.decoder_layers, getattr(torch, card.dtype), card.options
    stored = loader_options(config, storage_of(card.folder), dtype, layers, options.quantisation)
    return stored | placement_options(options, card.device, family.model_class, config, layers)


def _check_whole(model: nn.Module) -> None:
    """Refuses a loaded model that no map could be computed of, or only a wrong one."""
    on_cpu = {str(each.device) for each in model.parameters()} == {"cpu"}
    if getattr(model, "is_loaded_in_4bit", False) and on_cpu:
        raise ModelError(
            "This model's weights have 4 bits, and on the CPU bitsandbytes has no backward pass for them. Give its "
            "folder instead, or load it with 8 bits, or plainly."
        )
    hooked = any(hasattr(module, "_hf_hook") for module in model.modules())
    if not hooked and len({each.device for each in model.parameters()}) > 1:
        raise ModelError(
            "This model's weights lie on several devices, and nothing brings its inputs there. Load it with "
            "device_map, or bring it to one device."
        )


def _check_processor(card: ModelCard, processor: Any, network: nn.Module) -> None:
    # transformers makes up an empty tokenizer where the files are missing, and says nothing.
    if network.config.image_token_id not in processor.image_token_ids or not processor.chat_template:
        raise ModelError(
            f"The tokenizer in {card.folder} does not belong to its model (image token or chat template is missing). "
            "Copy the model again, with every .json, .txt and .jinja file."
        )


def wrap_model(model: nn.Module, processor: Any) -> LoadedModel:
    """A model that the caller has loaded already; its modes and flags stay the caller's.

    Args:
        model: of a supported class or a subclass; also inside torch.compile, DataParallel or a PEFT model with LoRA.
        processor: of this model, with tokenizer and image processor.

    Raises:
        ModelError: the model is of no supported family, its weights lie where none can use them, or no maps can be
            computed of it; or the processor is none.
    """
    bare, name = live_model(model), type(model).__name__
    check_processor(processor, bare)
    family = family_of(bare)
    template, notes = check_inputs(bare, processor, family, name)
    return LoadedModel(bare, processor, family, name, "in-memory", template, notes)


def live_model(model: nn.Module) -> nn.Module:
    """The model inside what the caller has loaded, of which maps can be computed.

    Raises:
        ModelError: as `wrap_model`.
    """
    bare = bare_model(model)
    check_model(bare)
    _check_whole(bare)
    return bare
