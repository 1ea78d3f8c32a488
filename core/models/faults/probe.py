"""One small picture and a text through a model's template, tokenizer and picture processor, before anybody asks it."""

from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from core.errors import ModelError
from core.models.chat import encode_message
from core.models.dimensions import CHANNELS, FRAMES, Dimensions
from core.models.families.base import Family
from core.models.families.vision_inputs import Vision, VisionInputs, vision_of
from core.models.faults.templates import MARK, usable_template
from core.models.placement import device_of
from core.models.token_layout import TokenLayout

_HEIGHT, _WIDTH = 84, 112


def check_inputs(network: nn.Module, processor: Any, family: Family, name: str) -> tuple[str, tuple[str, ...]]:
    """Whether a picture and a text become inputs of this model.

    Args:
        name: what the sentences call the model.

    Returns:
        (the chat template to use, notes for people).

    Raises:
        ModelError: they do not; the sentence says what of the model is at fault.
    """
    _check_rotation(network, name)
    template, around = usable_template(processor, family.picture_text, name)
    _check_placeholders(network, processor, family, name, template)
    if not around:
        return template, ()
    return template, (
        f"The chat template of {name} takes texts alone; a picture is written into them as models of its family "
        "know it.",
    )


def _check_placeholders(network: nn.Module, processor: Any, family: Family, name: str, template: str) -> None:
    """Refuses a processor whose places for a picture are not as many as the model's features of it."""
    picture = Image.fromarray(_ramp())
    try:
        content = [{"type": "image", "image": picture}, {"type": "text", "text": MARK}]
        inputs = encode_message(processor, content, template)
        pixels, vision = inputs["pixel_values"], vision_of(inputs)
        seen = VisionInputs(processor, network.config, vision, tuple(pixels.shape), [(_HEIGHT, _WIDTH)], {})
        layouts = family.layouts(seen)
        needed = sum(layout.length for layout in layouts)
        if not _is_by_the_configuration(network, layouts[0], tuple(pixels.shape)):
            needed = _features(network, family, pixels, vision)  # the configuration may not tell; the model does
    except (torch.OutOfMemoryError, MemoryError):
        raise
    except Exception as error:  # processors raise many kinds; people need one sentence
        lines = str(error).strip().splitlines()
        reason = type(error).__name__ if isinstance(error, KeyError) or not lines else lines[0][:200]
        raise ModelError(
            f"The processor of {name} cannot prepare a picture ({reason}). Its preprocessor_config.json, "
            "processor_config.json or tokenizer does not belong to it; copy them from the model that it was made from."
        ) from error
    places = int((inputs["input_ids"] == family.placeholder(network)).sum())
    if places != needed:
        raise ModelError(
            f"The processor of {name} writes {places} places for a picture of which the model makes {needed} tokens. "
            "Its processor settings and its config.json do not belong together; copy the model again."
        )


def _is_by_the_configuration(network: nn.Module, layout: TokenLayout, shape: tuple[int, ...]) -> bool:
    """Whether tokens and pixels of a picture are of the sizes that the model's configuration says."""
    dimensions = Dimensions.of(network.config.to_dict())
    tower = dimensions.tower if dimensions else None
    if tower is None:
        return False
    if tower.image is None:
        patches = (layout.tokens * tower.merge**2, CHANNELS * FRAMES * tower.patch**2)
        return layout.is_plain and shape == patches
    tokens = (tower.image // (tower.patch * tower.merge)) ** 2
    return shape[-2:] == (tower.image, tower.image) and layout.tiles[0].tokens == tokens


def _features(network: nn.Module, family: Family, pixels: Tensor, vision: Vision) -> int:
    """How many features the model makes of a picture, counted."""
    device = device_of(network.get_input_embeddings())
    with torch.no_grad():
        on_device = {name: tensor.to(device) for name, tensor in vision.items()}
        return family.encode_image(network, pixels[None].to(device, network.dtype), on_device).shape[1]


def _check_rotation(network: nn.Module, name: str) -> None:
    """Refuses positions of three dimensions that do not fill the width of a head (`mrope_section`)."""
    for module in network.modules():
        sections, frequencies = getattr(module, "mrope_section", None), getattr(module, "inv_freq", None)
        if sections and frequencies is not None and sum(sections) != frequencies.numel():
            raise ModelError(
                f"The rotary positions of {name} do not fit its heads: mrope_section {list(sections)} makes "
                f"{sum(sections)} pairs, and a head has {frequencies.numel()}. Put the rope_scaling of the model that "
                "it was made from into its config.json."
            )


def _ramp() -> np.ndarray:
    """A picture that is not of one colour, uint8 [height, width, 3]."""
    row = np.linspace(0, 255, _WIDTH).astype(np.uint8)
    return np.broadcast_to(row[None, :, None], (_HEIGHT, _WIDTH, 3)).copy()
