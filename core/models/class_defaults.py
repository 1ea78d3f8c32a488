"""Sizes that a config.json leaves to the defaults of transformers' configuration classes. No torch here.

transformers writes down only what differs from a class's defaults, so that published folders leave numbers out:
LLaVA-1.5 the decoder's width and depth, Gemma 3 its heads, older Qwen2-VL fine-tunes most of their vision tower. The
classes themselves bring torch, which takes seconds that pages do not have; a test holds this table to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Whole:
    """What a model's configuration class says of itself and its parts.

    Attributes:
        text, vision: types of the decoder's and the vision tower's configuration, where theirs is not said.
        own: sizes that stand beside those of the parts.
        without_vision: the tower's sizes where nothing is said of the tower.
    """

    text: str
    vision: str
    own: Settings = field(default_factory=dict)
    without_vision: Settings = field(default_factory=dict)


def _decoder(vocabulary: int, width: int, inner: int, layers: int, heads: int, key_heads: int | None) -> dict[str, Any]:
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
    }


def _encoder(width: int, inner: int, blocks: int, heads: int, patch: int, image: int) -> dict[str, Any]:
    return {
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": blocks,
        "num_attention_heads": heads,
        "patch_size": patch,
        "image_size": image,
    }


WHOLES: dict[str, Whole] = {
    "qwen2_vl": Whole("qwen2_vl_text", "qwen2_vl_vision"),
    "qwen2_5_vl": Whole("qwen2_5_vl_text", "qwen2_5_vl_vision"),
    "qwen3_vl": Whole("qwen3_vl_text", "qwen3_vl_vision"),
    "llava": Whole("llama", "clip_vision_model", {"vision_feature_layer": -2}, _encoder(1024, 4096, 24, 16, 14, 336)),
    "llava_onevision": Whole(
        "qwen2",
        "siglip_vision_model",
        {"vision_feature_layer": -1, "vision_aspect_ratio": "anyres_max_9"},
        _encoder(1152, 4304, 26, 16, 14, 384),
    ),
    "internvl": Whole("qwen2", "internvl_vision", {"vision_feature_layer": -1, "downsample_ratio": 0.5}),
    "gemma3": Whole("gemma3_text", "siglip_vision_model", {"mm_tokens_per_image": 256}),
}
"""By the model's type."""

_QWEN2_VL = _decoder(152064, 8192, 29568, 80, 64, 8)
_QWEN_TOWER = {"num_heads": 16, "patch_size": 14, "spatial_merge_size": 2}

PARTS: dict[str, Settings] = {
    "qwen2_vl_text": _QWEN2_VL,
    "qwen2_5_vl_text": _QWEN2_VL,
    "qwen3_vl_text": {**_decoder(151936, 4096, 22016, 32, 32, 32), "head_dim": 128},
    "llama": _decoder(32000, 4096, 11008, 32, 32, None),
    "mistral": _decoder(32000, 4096, 14336, 32, 32, 8),
    "qwen2": _decoder(151936, 4096, 22016, 32, 32, 32),
    "qwen3": {**_decoder(151936, 4096, 22016, 32, 32, 32), "head_dim": 128},
    "gemma3_text": {**_decoder(262208, 2304, 9216, 26, 8, 4), "head_dim": 256},
    "qwen2_vl_vision": {**_QWEN_TOWER, "hidden_size": 3584, "embed_dim": 1280, "mlp_ratio": 4, "depth": 32},
    "qwen2_5_vl_vision": {
        **_QWEN_TOWER,
        "hidden_size": 3584,
        "intermediate_size": 3420,
        "depth": 32,
        "fullatt_block_indexes": [7, 15, 23, 31],
        "window_size": 112,
    },
    "qwen3_vl_vision": {
        **_QWEN_TOWER,
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "depth": 27,
        "patch_size": 16,
    },
    "clip_vision_model": _encoder(768, 3072, 12, 12, 32, 224),
    "siglip_vision_model": _encoder(768, 3072, 12, 12, 16, 224),
    "internvl_vision": _encoder(1024, 4096, 24, 16, 14, 448),
}
"""By the part's type."""


def complete(config: Settings) -> dict[str, Any]:
    """A config.json's content with the sizes that its class would fill in; as it is where the class is not known."""
    kind = config.get("model_type")
    whole = WHOLES.get(kind) if isinstance(kind, str) else None
    if whole is None:
        return dict(config)
    text, vision = config.get("text_config"), config.get("vision_config")
    # Older folders of Qwen's write the decoder's settings beside all others.
    decoder = text if isinstance(text, Mapping) else config if text is None else {}
    tower = {**PARTS[whole.vision], **whole.without_vision}
    if isinstance(vision, Mapping):
        tower = {**_of(vision, whole.vision, kind), **vision}
    return {
        **whole.own,
        **config,
        "text_config": {**_of(decoder, whole.text, kind), **_sizes(decoder)},
        "vision_config": tower,
    }


def _of(part: Settings, usual: str, kind: str) -> Settings:
    """Defaults of a part, which may bear the whole model's name where it should bear its own."""
    named = part.get("model_type", usual)
    return PARTS.get(usual if named == kind else named, {})


def _sizes(decoder: Settings) -> dict[str, Any]:
    """What is said of the decoder alone, where its settings stand beside others."""
    return {name: value for name, value in decoder.items() if name not in ("text_config", "vision_config")}
