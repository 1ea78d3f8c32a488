"""Whether a chunk fits: what a pass will need, against what is free on the model's device."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from torch import nn
from transformers.modeling_layers import GradientCheckpointingLayer

from core.devices import memory_of
from core.memory.budget import UNPACKING
from core.memory.estimate import Workload, phases
from core.memory.recompute import recomputed
from core.models.dimensions import Dimensions
from core.models.families.windowed_attention import grouped_windows
from core.models.hooks import HookPoint
from core.models.loading import LoadedModel
from core.models.placement import devices_of, is_offloaded
from core.models.quantisation.linear import StoredLinear

RESERVE = 0.9
"""Share of the free memory that a chunk may plan with: estimates are off by a few percent, and memory has holes."""

_forced: ContextVar[bool | None] = ContextVar("forced", default=None)


@contextmanager
def recomputing(always: bool | None) -> Iterator[None]:
    """Inside, layers are recomputed always or never, whatever is free; None leaves it to the estimate."""
    token = _forced.set(always)
    try:
        yield
    finally:
        _forced.reset(token)


def dimensions_of(loaded: LoadedModel) -> Dimensions | None:
    """Those of a loaded model; None where they cannot be told."""
    return Dimensions.of(loaded.model.config.to_dict())


def samples_at_once(loaded: LoadedModel, load: Workload, most: int) -> int:
    """How many times one sample's load fits into what is free, at least 1 and at most `most`.

    Where not even one fits with everything saved, as many as fit with layers recomputed. `most` where the
    model's dimensions are not known.
    """
    for recompute in (False, True):
        size = _times_that_fit(loaded, replace(load, samples=1, recompute=recompute))
        if size is None or size:
            return most if size is None else min(most, size)
    return 1


@contextmanager
def fit_to_memory(loaded: LoadedModel, load: Workload, cut: HookPoint | None = None) -> Iterator[None]:
    """Has the next forward pass save only what enters its layers, where saving everything would not fit.

    Where layers are offloaded, always: else every weight that was brought would stay for the backward pass.

    Args:
        cut: where the graph is cut off from what lies below; see `core.models.hooks.record_activations`.
    """
    forced = _forced.get()
    needed = is_offloaded(loaded.model) or _times_that_fit(loaded, load) == 0 if forced is None else forced
    layers = _layers_to_recompute(loaded, load, cut) if needed and load.depth else []
    with recomputed(layers, lambda: grouped_windows(loaded.model.config)):
        yield


def _times_that_fit(loaded: LoadedModel, load: Workload) -> int | None:
    """How many times a load fits into what is free; None where that is not known."""
    dimensions = dimensions_of(loaded)
    if dimensions is None:
        return None
    devices = devices_of(loaded.model)
    # A run on several devices is cut off by the fullest one.
    free = len(devices) * min(memory_of(device)[0] for device in devices)
    free -= moving_bytes(loaded)
    load = replace(load, recompute=load.recompute or is_offloaded(loaded.model))
    return int(max(0, RESERVE * free) // phases(dimensions, load, loaded.model.dtype.itemsize).peak)


def moving_bytes(loaded: LoadedModel) -> int:
    """What weights take beside themselves while a layer runs: it is brought to its device, or made of fewer bits."""
    layer = loaded.layers[0]
    brought = sum(each.numel() * each.element_size() for each in layer.parameters() if each.is_meta)
    stored = [module for module in layer.modules() if isinstance(module, StoredLinear)]
    largest = max((module.in_features * module.out_features for module in stored), default=0)
    return brought + largest * (UNPACKING + loaded.model.dtype.itemsize)


def _layers_to_recompute(loaded: LoadedModel, load: Workload, cut: HookPoint | None) -> list[nn.Module]:
    """The layers that the backward pass reaches, the vision tower's blocks among them."""
    layers = list(loaded.layers)
    first = len(layers) - load.depth
    if cut is not None and cut.part == "decoder" and cut.site != "input":
        first = max(first, cut.layer + 1)
    if not load.pixels:
        blocks = list(loaded.blocks) if load.blocks else []
        return blocks[len(blocks) - load.blocks :] + layers[first:]
    own = set(layers)
    blocks = [m for m in loaded.model.modules() if isinstance(m, GradientCheckpointingLayer) and m not in own]
    return blocks + layers[first:]
