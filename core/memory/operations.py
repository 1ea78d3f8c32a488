"""How many floating-point operations work takes, counted from the model's dimensions. No torch here.

A multiplication with an addition counts as two. With frozen weights the backward pass takes as many as the
forward pass: gradients of activations alone. Causal attention is counted by the half that is not masked, and its
backward pass as 2.5 times the forward one, as flash attention has it (five products in place of two).
"""

from core.memory.estimate import Workload
from core.models.dimensions import CHANNELS, FRAMES, Dimensions

BACK = 2.5


def chunk_operations(dimensions: Dimensions, load: Workload) -> float:
    """Operations of one chunk of samples: the vision tower, the decoder and its head, forward and backward."""
    d, tokens = dimensions, load.samples * load.length
    products = 2 * layer_weights(d) * tokens
    attention = 2 * d.heads * d.head_width * load.length * tokens
    head = 2 * d.width * d.vocabulary * load.samples * load.rows
    again = load.depth if load.recompute else 0
    forward = (d.layers + again) * (products + attention) + head
    backward = load.depth * (products + BACK * attention) + (head if load.depth else 0)
    reached = 1 if load.pixels or d.tower is None else load.blocks / d.tower.depth
    return forward + backward + load.samples * tower_operations(d, load.visual, reached)


def answer_operations(dimensions: Dimensions, length: int, visual: int, tokens: int) -> tuple[float, float]:
    """Operations of a greedy answer: (tower and prompt, all tokens after the first).

    Args:
        length: tokens of the prompt, the picture's included.
        visual: visual tokens among them.
        tokens: of the answer.
    """
    d = dimensions
    head = 2 * d.width * d.vocabulary
    prompt = d.layers * (2 * layer_weights(d) * length + 2 * d.heads * d.head_width * length**2) + head
    more = max(0, tokens - 1)
    seen = length + (more + 1) / 2  # on average, by each further token
    each = d.layers * (2 * layer_weights(d) + 4 * d.heads * d.head_width * seen) + head
    return tower_operations(d, visual) + prompt, more * each


def layer_weights(d: Dimensions) -> int:
    """Weights of a decoder layer's matrices: queries, keys, values, output, and a gated MLP's three."""
    return d.width * (2 * d.heads * d.head_width + 2 * d.key_heads * d.head_width + 3 * d.inner)


def block_weights(d: Dimensions) -> int:
    """The same of a block of the vision tower; 0 where that is not known."""
    return 0 if d.tower is None else d.tower.width * (4 * d.tower.width + (2 + d.tower.gated) * d.tower.inner)


def tower_operations(d: Dimensions, visual: int, reached: float = 0) -> float:
    """The features of pictures that take so many visual tokens.

    Args:
        reached: the share of the blocks that the backward pass goes through as well.
    """
    t = d.tower
    if t is None:
        return 0
    merged = t.merge**2
    patches = visual * merged
    embed = 2 * CHANNELS * FRAMES * t.patch**2 * t.width
    merger = 2 * ((merged * t.width) ** 2 + merged * t.width * d.width) / merged
    products, attention = t.depth * 2 * block_weights(d) + embed + merger, 4 * t.width * _seen(d, patches)
    return patches * ((1 + reached) * products + (1 + BACK * reached) * attention)


def _seen(d: Dimensions, patches: int) -> float:
    """How many patches each sees, of all blocks together."""
    t = d.tower
    together = patches if t.image is None else min(patches, (t.image // t.patch) ** 2)
    if t.window is None:
        return t.depth * together
    return (t.depth - t.whole) * min(t.window, together) + t.whole * together
