"""Folder or hub id -> `ModelCard`: what can be known of a model without loading it, or torch.

The card's fingerprint is part of every result's key, so that a stored result is found without the
model ever being touched.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from core.devices import installed_version, resolve_device
from core.embedded import CHECKPOINT
from core.errors import ModelError
from core.models.adapter_base import offered_folders, split_adapter
from core.models.adapters import joined_name
from core.models.faults.empty_tensors import check_not_empty
from core.models.folders.configuration import (
    Configuration,
    check_can_answer,
    check_quantisation,
    read_configuration,
)
from core.models.folders.downloads import OnProgress
from core.models.folders.files import content_digest, file_state, unreadable
from core.models.folders.locating import locate, name_of
from core.models.folders.processor_files import check_processor
from core.models.folders.weights import check_format, stored_tensors
from core.models.options import BITS, NO_OPTIONS, ModelOptions, split_options, with_options
from core.models.quantisation.storage import storage_of
from core.schema.model_parts import DecoderDepth, Part

EMBEDDED = "embedded"
"""How the small checkpoint that comes with the project is called among models."""

IMAGE_BACKEND = "pil"
ATTENTION = "sdpa"


@dataclass(frozen=True)
class ModelCard:
    """A model as it would be loaded here.

    Attributes:
        name: what people call it: the hub id, the folder's name, or `EMBEDDED`, with those options that change what
            is computed; "model + adapter" with an adapter.
        folder: where its files are; with an adapter, those of the model that it belongs to.
        model_type: as in config.json.
        total_layers: decoder layers.
        total_blocks: blocks of the vision tower that are in use; 0 where config.json does not say.
        device: "cuda" or "cpu" (or "cuda:1"...).
        dtype: "bfloat16" on CUDA, "float32" on the CPU.
        fingerprint: changes with anything that changes a result: weights, settings, dtype,
            attention kernel, image-processor backend, versions of torch and transformers.
        is_embedded: whether it is the small checkpoint that comes with the project, without an adapter.
        options: how it is loaded.
        bits: of each weight of its linear layers, where these are quantised; None: they are computed with as they are.
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
    options: ModelOptions = NO_OPTIONS
    bits: int | None = None
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


def describe_model(
    model: str | Path | None = None,
    device: str = "auto",
    options: ModelOptions = NO_OPTIONS,
    *,
    among: Iterable[str] = (),
    on_progress: OnProgress | None = None,
) -> ModelCard:
    """Looks at a model without loading it.

    Args:
        model: a folder, a hub id, or None for the embedded checkpoint; of an adapter alone, its base is looked for.
            Options may follow a name that is a string: see `core.models.options`.
        device: "auto" takes CUDA where there is one; else "cpu", "cuda", "cuda:1", ...
        options: besides those that follow the name.
        among: further models, among which an adapter's base is looked for by its name.
        on_progress: hears in bytes how far a model of the hub is fetched; what it raises stops that.

    Raises:
        ModelError: it cannot be used; the sentence says what is there, and what to do.
    """
    if isinstance(model, str):
        model, own = split_options(model)
        model, options = None if model == EMBEDDED and own else model, own.joined(options)
    given = CHECKPOINT if model is None else locate(model, on_progress)
    try:
        folder, adapter = split_adapter(
            given, options.adapter, locate, lambda: {EMBEDDED: CHECKPOINT} | offered_folders(among)
        )
    except OSError as error:
        raise unreadable(given, error) from error
    if adapter is not None:
        options = replace(options, adapter=str(adapter.folder.absolute()))
    is_embedded = folder.resolve() == CHECKPOINT.resolve()
    name = EMBEDDED if is_embedded else name_of(model if folder == given else folder, folder)
    try:
        configuration = _check_folder(folder)
        bits = _bits(folder, options)
        files = content_digest(folder, file_state(folder))
    except OSError as error:
        raise unreadable(folder, error) from error
    device = resolve_device(device)
    dtype = "bfloat16" if device.startswith("cuda") else "float32"
    traits = {
        "files": files,
        "dtype": dtype,
        "attention": ATTENTION,
        "image_backend": IMAGE_BACKEND,
        "device": device.partition(":")[0],
        "torch": installed_version("torch").partition("+")[0],
        "transformers": installed_version("transformers"),
    }
    if options.quantisation:
        traits["quantisation"] = options.quantisation
    name = with_options(name, replace(options.lasting, adapter=None))
    if adapter is not None:
        traits["adapter"] = adapter.digest()
        name = joined_name(name, adapter.name)
    fingerprint = hashlib.sha256(json.dumps(traits, sort_keys=True).encode()).hexdigest()
    return ModelCard(
        name=name,
        folder=folder,
        model_type=configuration.model_type,
        total_layers=configuration.decoder.layers,
        total_blocks=configuration.total_blocks,
        device=device,
        dtype=dtype,
        fingerprint=fingerprint,
        is_embedded=is_embedded and adapter is None,
        options=options,
        bits=bits,
        attending=configuration.decoder.attending if configuration.decoder.is_hybrid else (),
        shared=configuration.decoder.shared,
    )


def _check_folder(folder: Path) -> Configuration:
    """Refuses what cannot be loaded, as far as files tell."""
    check_format(folder)
    configuration = read_configuration(folder)
    tensors = stored_tensors(folder)
    check_not_empty(folder, tensors)
    check_quantisation(folder, configuration, tensors)
    check_can_answer(folder, configuration, tensors)
    check_processor(folder)
    return configuration


def _bits(folder: Path, options: ModelOptions) -> int | None:
    """See `ModelCard.bits`; refuses weights that cannot be read, or not with these options."""
    storage, asked = storage_of(folder), options.quantisation
    if storage is not None and asked is not None:
        raise ModelError(
            f"The weights in {folder} are quantised to {storage.bits} bits already. Leave the option {asked} out."
        )
    bits = storage.bits if storage is not None else BITS[asked] if asked is not None else None
    if options.adapter is not None and (bits is not None or options.device_map is not None):
        raise ModelError(
            "An adapter can be merged only into plain weights that lie on one device. Leave the options 4bit, 8bit and "
            "device_map out, and take a base model that is not quantised."
        )
    return bits
