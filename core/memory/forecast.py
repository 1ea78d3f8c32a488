"""What a run will take in visual tokens, memory and time, said before the model was ever loaded. No torch here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from core.errors import ModelError
from core.memory.budget import expected_bytes
from core.memory.device_rate import DeviceRate
from core.memory.estimate import Workload, peak, saved_by_block, saved_by_layer, sweep_load
from core.memory.operations import answer_operations, chunk_operations
from core.memory.out_of_memory import first_chunk_size
from core.models.checkpoints import ModelCard
from core.models.dimensions import ITEM_BYTES, Dimensions, read_dimensions
from core.models.visual_token_count import most_visual_tokens
from core.schema import ExplainRequest
from core.schema.methods import METHODS

LIBRARIES = 450 << 20
"""Resident memory of a process on the CPU that has loaded torch and transformers and no model, as measured."""

TEMPLATE = 30
"""Tokens of the chat template around picture and prompt; a token of a prompt is about four letters."""

SHARE = 2 / 3
"""Of what a product of large matrices reaches: norms, attention and activations lie between the products of a model. As
measured on a CPU with models of 8 to 12 layers, of which small ones reach less."""

STARTS = 800
"""Small operations in whose time a layer is begun on its way forward, mostly by Python, as measured likewise."""

BACK_STARTS = 2
"""How many times as many on its way back."""


@dataclass(frozen=True)
class Pass:
    """A piece of work, as far as it decides the time.

    Attributes:
        operations: floating-point operations.
        bytes: read and written.
        starts: small operations that take as long as to begin it all.
    """

    operations: float
    bytes: float
    starts: float

    def seconds(self, rate: DeviceRate) -> float:
        """How long it takes: as long as calculating or as moving, whichever is longer, and what beginning takes."""
        return max(self.operations / (SHARE * rate.operations), self.bytes / rate.bytes) + self.starts / rate.starts


@dataclass(frozen=True)
class Forecast:
    """What a run will take.

    Attributes:
        visual: visual tokens of its pictures.
        peak: bytes that it takes at once where so much is free.
        least: bytes with which it manages: one noise sample at a time, layers computed again.
        prompt: encoding the pictures, and reading them with the prompt.
        token: each further token of the answer.
        sample: each noise sample.
        samples: how many of these there are.
        longest: tokens of the answer at most.
        counted: whether `sample` is all that its method does for one; some run the model many times.
    """

    visual: int
    peak: int
    least: int
    prompt: Pass
    token: Pass
    sample: Pass
    samples: int
    longest: int
    counted: bool

    def answer_seconds(self, rate: DeviceRate, tokens: int) -> float:
        """How long an answer of so many tokens takes."""
        return self.prompt.seconds(rate) + max(0, tokens - 1) * self.token.seconds(rate)

    def sample_seconds(self, rate: DeviceRate) -> float:
        """How long a noise sample takes."""
        return self.sample.seconds(rate)


def forecast(card: ModelCard, sizes: Sequence[tuple[int, int]], request: ExplainRequest) -> Forecast | None:
    """What a run will take.

    Args:
        sizes: (width, height) of its pictures in pixels; of a video, of its frames alone.

    Returns:
        None where the model's files do not tell.
    """
    known = _load(card, sizes, request)
    if known is None:
        return None
    d, load, weights = known
    item, own_library = ITEM_BYTES[card.dtype], LIBRARIES if card.device == "cpu" else 0
    answer = request.max_new_tokens
    prompt, further = answer_operations(d, load.length - answer, load.visual, answer + 1)
    tower = d.tower.depth
    return Forecast(
        visual=load.visual,
        peak=peak(d, load, item, weights) + own_library,
        least=peak(d, replace(load, samples=1, recompute=True), item, weights) + own_library,
        prompt=Pass(prompt, weights + _moved(d, replace(load, samples=1), item), STARTS * (d.layers + tower)),
        token=Pass(further / answer, weights, STARTS * d.layers),
        sample=_sample(d, load, item, weights),
        samples=request.num_samples if request.noise_std else 1,
        longest=answer,
        counted=not (request.method in METHODS and METHODS[request.method].own_passes),
    )


def predicted_peak(card: ModelCard, sizes: Sequence[tuple[int, int]], request: ExplainRequest) -> int | None:
    """Bytes that a run will take at once; see `forecast`."""
    found = forecast(card, sizes, request)
    return None if found is None else found.peak


def _load(
    card: ModelCard, sizes: Sequence[tuple[int, int]], request: ExplainRequest
) -> tuple[Dimensions, Workload, int] | None:
    """The model's dimensions, the first chunk's work, and bytes of the weights."""
    dimensions = read_dimensions(card.folder)
    if dimensions is None or dimensions.tower is None:
        return None
    try:
        weights = _weights(card)
        visual = most_visual_tokens(sizes, card.folder, request.max_pixels, request.frames)
    except (ModelError, OSError, ValueError, KeyError, TypeError):
        return None
    said = len(request.prompt) + sum(len(turn.text) for turn in request.conversation)
    length = TEMPLATE + visual + said // 4 + request.max_new_tokens
    device = card.device.partition(":")[0]
    samples = first_chunk_size(length, device, request.num_samples if request.noise_std else 1)
    load = sweep_load(dimensions.layers, length, visual, request.max_new_tokens, samples)
    if request.method in METHODS and METHODS[request.method].group == "pixels":
        load = replace(load, pixels=request.method != "occlusion")
    if request.part == "tower":
        load = replace(load, blocks=dimensions.tower.depth, patched=dimensions.tower.depth)
    return dimensions, load, weights


@lru_cache(maxsize=64)  # a page asks at every change of its form, and hundreds of tensors are looked through
def _weights(card: ModelCard) -> int:
    return expected_bytes(card)


def _sample(d: Dimensions, load: Workload, item: int, weights: int) -> Pass:
    """One sample's share of a chunk."""
    starts = STARTS * (d.tower.depth + d.layers + BACK_STARTS * load.depth)
    moved = 2 * weights + 3 * _moved(d, load, item)
    return Pass(*(each / load.samples for each in (chunk_operations(d, load), moved, starts)))


def _moved(d: Dimensions, load: Workload, item: int) -> int:
    """Bytes of what layers and blocks hold, which is written once and read by what follows."""
    patches = load.samples * load.visual * d.tower.merge**2
    decoder = d.layers * saved_by_layer(d, item) * load.samples * load.length
    return decoder + d.tower.depth * saved_by_block(d.tower, item) * patches
