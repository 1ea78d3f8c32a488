"""What a family is shown of a prompt's pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

Vision = Mapping[str, Tensor]
"""What the image processor tells beside the pixels, by the name under which the model takes it."""

_NOT_OF_VISION = {
    "input_ids",
    "attention_mask",
    "pixel_values",
    "pixel_values_videos",
    "video_metadata",
    "num_patches",
    "num_crops",
}


@dataclass(frozen=True, eq=False)
class VisionInputs:
    """What there is to find out from how a model sees the pictures of one prompt.

    Attributes:
        config: the model's.
        vision: see `Vision`.
        shape: of the pixels.
        sizes: (height, width) of each picture, in pixels.
        options: what the image processor was told beside its own settings.
    """

    processor: Any
    config: Any
    vision: Vision
    shape: tuple[int, ...]
    sizes: Sequence[tuple[int, int]]
    options: Mapping[str, Any]


def vision_of(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a processor returned beside ids and pixels."""
    return {name: inputs[name] for name in inputs if name not in _NOT_OF_VISION and "type_ids" not in name}
