"""SmolVLM2: the picture stretched over a grid of tiles, then the whole of it once more."""

import math
from typing import Any

from torch import Tensor, nn
from transformers import AutoConfig, BatchFeature, SmolVLMForConditionalGeneration, SmolVLMProcessor
from transformers.processing_utils import ProcessorMixin

from core.models.families.base import Family, head_logits
from core.models.families.processors import load_components
from core.models.families.vision_inputs import Vision, VisionInputs
from core.models.picture_split import split_grid
from core.models.pixel_layout import IMAGES
from core.models.token_layout import WHOLE, Rect, Tile, TokenLayout


class SmolVLMImageTextProcessor(SmolVLMProcessor):
    """SmolVLM's processor without its video part, which wants torchvision and a package that spells numbers."""

    def __init__(
        self, image_processor=None, tokenizer=None, chat_template=None, image_seq_len: int = 169, **_: Any
    ) -> None:
        # The parent's own would want the video part; what it sets is set here.
        self.image_seq_len = image_seq_len
        self.fake_image_token, self.image_token = "<fake_token_around_image>", "<image>"
        self.global_image_token, self.end_of_utterance_token = "<global-img>", "<end_of_utterance>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token = None  # no token of its tokenizer, so that a prompt may speak of it
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)

    def apply_chat_template(self, *args: Any, **options: Any) -> str | BatchFeature:
        # The parent's own asks the video part for its settings.
        return ProcessorMixin.apply_chat_template(self, *args, **options)


def _load_processor(folder: str) -> ProcessorMixin:
    image_processor, tokenizer, template, settings = load_components(folder)
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    settings.setdefault("image_seq_len", _side(config) ** 2)
    return SmolVLMImageTextProcessor(image_processor, tokenizer, chat_template=template, **settings)


def _side(config: Any) -> int:
    """Tokens on the side of an image that the tower is given."""
    return config.vision_config.image_size // config.vision_config.patch_size // config.scale_factor


def _layouts(inputs: VisionInputs) -> tuple[TokenLayout, ...]:
    return tuple(_layout(inputs, size) for size in inputs.sizes)


def _layout(inputs: VisionInputs, size: tuple[int, int]) -> TokenLayout:
    rows, columns = _tile_grid(inputs, size)
    crops = [
        WHOLE.section((row, row + 1, rows), (column, column + 1, columns))
        for row in range(rows)
        for column in range(columns)
    ]
    if len(crops) > 1:
        crops.append(WHOLE)
    tiles = tuple(_tile(inputs, crop) for crop in crops)
    return TokenLayout(tiles, tuple(crops), sum(tile.tokens for tile in tiles))


def _tile(inputs: VisionInputs, crop: Rect) -> Tile:
    """The tokens of an image. Where patches do not divide it, its last pixels are seen by none."""
    config, (height, width) = inputs.config, inputs.shape[-2:]
    side = math.isqrt(inputs.processor.image_seq_len)
    seen = side * config.scale_factor * config.vision_config.patch_size
    return Tile(side, side, crop.section((0, seen, height), (0, seen, width)))


def _tile_grid(inputs: VisionInputs, size: tuple[int, int]) -> tuple[int, int]:
    """(rows, columns) of tiles that a picture of (height, width) pixels is cut into."""
    processor = inputs.processor.image_processor
    if not processor.do_image_splitting:
        return 1, 1
    longest = inputs.options.get("size", processor.size)["longest_edge"]
    return split_grid(size, longest, processor.max_image_size["longest_edge"])


def _budget(processor: Any, pixels: int) -> dict[str, Any]:
    # A square picture has most tiles: as many on each side as the longer side of any picture has.
    tile = processor.image_processor.max_image_size["longest_edge"]
    own = processor.image_processor.size["longest_edge"]
    return {"size": {"longest_edge": min(own, tile * max(1, math.isqrt(pixels // tile**2)))}}


def _encode_image(model: nn.Module, pixels: Tensor, vision: Vision) -> Tensor:
    # The model's `get_image_features` would drop images of zeros as padding; here none is, and all are of one size.
    inner, images = model.model, pixels.flatten(0, 2).to(model.dtype)
    features = inner.connector(inner.vision_model(pixel_values=images).last_hidden_state)
    return features.unflatten(0, (len(pixels), -1)).flatten(1, 2)


def _token_logits(model: nn.Module, hidden: Tensor, ids: Tensor) -> Tensor:
    return head_logits(model.lm_head, model.model.text_model.norm(hidden), ids)


def _tower_blocks(model: nn.Module) -> nn.ModuleList:
    return model.model.vision_model.encoder.layers


SMOLVLM = Family(
    title="SmolVLM2",
    model_class=SmolVLMForConditionalGeneration,
    load_processor=_load_processor,
    picture_text="<image>",
    pixel_layout=IMAGES,
    layouts=_layouts,
    encode_image=_encode_image,
    budget=_budget,
    decoder_layers=lambda model: model.model.text_model.layers,
    decoder_config=lambda model: model.model.text_model.config,
    tower_blocks=_tower_blocks,
    final_norm=lambda model: model.model.text_model.norm,
    token_logits=_token_logits,
)
