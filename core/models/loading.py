"""`ModelCard` or live objects -> `LoadedModel`: model, processor, family, fingerprint and lock."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.errors import ModelError
from core.models.checkpoints import ATTENTION, ModelCard, describe_model, unsupported
from core.models.families import FAMILIES, family_of
from core.models.families.base import Family
from core.schema.model_parts import DecoderDepth, Part


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model ready to be explained. Whoever runs it holds `lock`: hooks belong to one run at a time.

    Attributes:
        model: in eval mode, on its device.
        processor: text and pictures to tensors.
        family: how to reach the model's parts.
        name: for people.
        fingerprint: for keys; see `ModelCard`.
    """

    model: nn.Module
    processor: Any
    family: Family
    name: str
    fingerprint: str
    lock: threading.Lock = field(default_factory=threading.Lock)

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
        return self.model.get_input_embeddings().weight.device


def load_model(model: str | Path | ModelCard | None = None, device: str = "auto") -> LoadedModel:
    """Loads a checkpoint: bfloat16 on CUDA, float32 on the CPU, safetensors only, no remote code.

    Args:
        model: a folder, a hub id, None for the embedded checkpoint, or a card from `describe_model`.
        device: see `describe_model`; not used with a card.

    Raises:
        ModelError: the checkpoint or the device cannot be used.
    """
    card = model if isinstance(model, ModelCard) else describe_model(model, device)
    if card.device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError("A CUDA device was asked for, but PyTorch cannot use one here. Choose the device cpu.")
    _check_plain(card)
    family = FAMILIES[card.model_type]
    try:
        network, report = family.model_class.from_pretrained(
            str(card.folder),
            dtype=getattr(torch, card.dtype),
            attn_implementation=ATTENTION,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
        processor = family.load_processor(str(card.folder))
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _no_room(card) from error
    except Exception as error:  # transformers raises many kinds; people need one sentence
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"The model in {card.folder} could not be loaded: {reason}") from error
    if report["missing_keys"]:
        # transformers would go on with random numbers in their place.
        raise ModelError(f"The weights in {card.folder} lack {len(report['missing_keys'])} tensor(s). Copy it again.")
    _check_processor(card, processor, network)
    try:
        network.to(card.device).eval().requires_grad_(False)
    except torch.OutOfMemoryError as error:
        raise _no_room(card) from error
    return LoadedModel(network, processor, family, card.name, card.fingerprint)


def _no_room(card: ModelCard) -> ModelError:
    return ModelError(
        f"The model {card.name} does not fit into this device's memory. Choose a smaller model, or try again when "
        "nothing else runs there."
    )


def _check_plain(card: ModelCard) -> None:
    try:
        quantised = json.loads((card.folder / "config.json").read_text("utf-8")).get("quantization_config")
    except (OSError, ValueError, AttributeError):
        return  # what is wrong with it, transformers says below
    if quantised:
        kind = quantised.get("quant_method", "an unknown method") if isinstance(quantised, dict) else quantised
        raise ModelError(
            f"The weights in {card.folder} are quantised ({kind}), and are not loaded here. Use a folder of plain "
            "weights, or load the model yourself and give it to core.models.loading.wrap_model."
        )


def _check_whole(model: nn.Module) -> None:
    """Refuses a loaded model that no map could be computed of, or only a wrong one."""
    devices = sorted({str(each.device) for each in model.parameters()})
    if "meta" in devices:
        raise ModelError(
            "Parts of this model are offloaded and come to the device only while they run; maps need the whole model "
            "there. Load it without device_map, on a device with room for it."
        )
    if len(devices) > 1:
        raise ModelError(
            f"This model is spread over several devices ({', '.join(devices)}); maps need all of its layers on one. "
            "Load it without device_map, or run one worker process for each device instead."
        )
    if getattr(model, "is_loaded_in_4bit", False) and devices == ["cpu"]:
        raise ModelError(
            "This model's weights have 4 bits, and on the CPU bitsandbytes has no backward pass for them. Load it with "
            "8 bits, or plainly."
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

    Raises:
        ModelError: the model is of no supported family, or not whole on one device.
    """
    family = family_of(model)
    if family is None:
        kind = getattr(getattr(model, "config", None), "model_type", type(model).__name__)
        raise ModelError(unsupported(kind))
    _check_whole(model)
    return LoadedModel(model, processor, family, name=type(model).__name__, fingerprint="in-memory")
