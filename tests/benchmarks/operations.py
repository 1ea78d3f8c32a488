"""How many floating-point operations a chunk takes, counted from the model's dimensions.

A multiplication with an addition counts as two. With frozen weights the backward pass takes as many as the
forward pass: gradients of activations alone. Causal attention is counted by the half that is not masked, and its
backward pass as 2.5 times the forward one, as flash attention has it (five products in place of two).
"""

from core.memory.estimate import Workload
from core.models.dimensions import Dimensions

PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12, "4090": 165e12}
"""Dense bfloat16 operations a second that makers state, by what devices' names contain."""

BACK = 2.5


def operations(dimensions: Dimensions, load: Workload, window: int = 64, whole: int = 4) -> float:
    """Operations of one chunk, the vision tower included.

    Args:
        window: patches in a window of the tower.
        whole: blocks of the tower in which every patch sees all of its picture.
    """
    return tower(dimensions, load, window, whole) + decoder(dimensions, load)


def decoder(d: Dimensions, load: Workload) -> float:
    """Layers and output head, forward and backward."""
    tokens, wide = load.samples * load.length, d.heads * d.head_width
    products = 2 * d.width * (2 * wide + 2 * d.key_heads * d.head_width + 3 * d.inner) * tokens
    attention = 2 * wide * load.length * tokens
    head = 2 * d.width * d.vocabulary * load.samples * load.rows
    again = load.depth if load.recompute else 0
    forward = (d.layers + again) * (products + attention) + head
    return forward + load.depth * (products + BACK * attention) + (head if load.depth else 0)


def tower(d: Dimensions, load: Workload, window: int, whole: int) -> float:
    """The picture's features; with a gradient of pixels, their backward pass, too."""
    t = d.tower
    if t is None:
        return 0
    merged, pictures = t.merge**2, load.samples
    patches = load.visual * merged
    block = 2 * (4 * t.width**2 + 3 * t.width * t.inner)
    seen = (t.depth - whole) * min(window, patches) + whole * patches
    embed = 2 * 3 * 2 * t.patch**2 * t.width
    merger = 2 * ((merged * t.width) ** 2 + merged * t.width * d.width) / merged
    products, attention = t.depth * block + embed + merger, 4 * t.width * seen
    times, more = (2, 1 + BACK) if load.pixels else (1, 1)
    return pictures * patches * (times * products + more * attention)
