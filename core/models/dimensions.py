"""How large a model is inside, from its config.json. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.models.class_defaults import complete
from core.models.configuration import read_config
from core.schema.model_parts import attending_layers

ITEM_BYTES = {"bfloat16": 2, "float16": 2, "float32": 4}
CHANNELS, FRAMES = 3, 2
"""Of a picture as vision towers take it; Qwen's take two frames, which are alike in a picture."""
USUAL_TOKENS = 280
"""Tokens that Gemma 4's image processor fits a picture into unless it is told otherwise."""
_PATCH, _QWEN3_PATCH, _MERGE, _WINDOW = 14, 16, 2, 112


@dataclass(frozen=True)
class Tower:
    """The vision tower.

    Attributes:
        depth: blocks.
        width: of hidden states.
        inner: width inside its MLPs.
        patch: pixels on a patch's side.
        merge: patches on a visual token's side.
        image: pixels on the side of what it looks at; None where it takes pictures in their own shape.
        window: patches that see each other in most blocks; None where each sees all of its picture.
        whole: blocks of a tower with windows in which each patch sees all of its picture.
        gated: whether its MLPs have a gate, a third matrix.
        beside: float32 numbers that a block keeps of each patch beside those of a plain one.
        filled: patches that each picture is filled up to; 0 where it is not.
    """

    depth: int
    width: int
    inner: int
    heads: int
    patch: int
    merge: int
    image: int | None = None
    window: int | None = None
    whole: int = 0
    gated: bool = False
    beside: int = 0
    filled: int = 0


@dataclass(frozen=True)
class LinearLayers:
    """Those decoder layers of a hybrid that mix tokens by a gated delta rule.

    Attributes:
        share: of all decoder layers.
        key_heads, value_heads: of queries and keys, and of values.
        key_width, value_width: of one head.
    """

    share: float
    key_heads: int
    value_heads: int
    key_width: int
    value_width: int

    @property
    def mixed(self) -> int:
        """Width of queries, keys and values together."""
        return 2 * self.key_heads * self.key_width + self.value_heads * self.value_width


@dataclass(frozen=True)
class Dimensions:
    """The decoder, and the vision tower where it is known.

    Attributes:
        layers: decoder layers.
        width: of hidden states.
        inner: width inside an MLP; inside all that a token goes through, where it is given to several experts.
        heads, key_heads: of queries, and of keys and values.
        head_width: of one head.
        vocabulary: tokens.
        experts: that each token is given to, of the many that there are; 0 where there is one MLP for all.
        linear: the layers that do not attend, of a hybrid.
        beside: float32 numbers that a layer keeps of each token beside those of a plain one.
    """

    layers: int
    width: int
    inner: int
    heads: int
    key_heads: int
    head_width: int
    vocabulary: int
    tower: Tower | None = None
    experts: int = 0
    linear: LinearLayers | None = None
    beside: int = 0

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Dimensions | None":
        """Those of a config.json's content; None where it does not tell."""
        text = config.get("text_config") or config
        vocabulary = text.get("vocab_size", config.get("vocab_size"))
        inner, experts = _inner(text)
        values = [text.get("num_hidden_layers"), text.get("hidden_size"), inner, text.get("num_attention_heads")]
        if not all(isinstance(value, int) and value > 0 for value in (*values, vocabulary)):
            return None
        layers, width, inner, heads = values
        return cls(
            layers,
            width,
            inner,
            heads,
            text.get("num_key_value_heads") or heads,
            text.get("head_dim") or width // heads,
            vocabulary,
            _tower(config),
            experts,
            _linear(config),
            _beside(text, width, heads),
        )


def _inner(text: Mapping[str, Any]) -> tuple[int | None, int]:
    """(width inside the MLPs that a token goes through, experts among them); None where a config does not tell."""
    if not any(text.get(name) for name in ("num_experts", "num_local_experts", "n_routed_experts")):
        return text.get("intermediate_size"), 0
    experts, each = text.get("num_experts_per_tok"), text.get("moe_intermediate_size")
    if not (experts and each):
        return None, 0
    shared = text.get("shared_expert_intermediate_size") or each * (text.get("n_shared_experts") or 0)
    return experts * each + shared, experts


def _beside(text: Mapping[str, Any], width: int, heads: int) -> int:
    """Of Gemma 4's layers: two norms more, those of queries, keys and values, and an embedding of their own."""
    if text.get("model_type") != "gemma4_text":
        return 0
    head, keys, own = (
        text.get("head_dim", 256),
        text.get("num_key_value_heads", 4),
        text.get("hidden_size_per_layer_input"),
    )
    return 2 * (width + 1) + head * (heads + 2 * keys) + (width + 1 + 3 * own if own else 0)


def _linear(config: Mapping[str, Any]) -> LinearLayers | None:
    depth, text = attending_layers(config), config.get("text_config") or config
    names = ("linear_num_key_heads", "linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim")
    sizes = [text.get(name) for name in names]
    if depth is None or not depth.is_hybrid or not all(sizes):
        return None
    return LinearLayers(1 - len(depth.attending) / depth.layers, *sizes)


def _tower(config: Mapping[str, Any]) -> Tower | None:
    vision = config.get("vision_config") or {}
    depth = vision.get("depth", vision.get("num_hidden_layers"))
    width = vision.get("embed_dim", vision.get("hidden_size"))
    heads = vision.get("num_heads", vision.get("num_attention_heads"))
    inner = vision.get("intermediate_size") or int((width or 0) * vision.get("mlp_ratio", 4))
    if not (depth and width and heads and inner):
        return None
    # GLM's says at what size its positions were learnt, and takes pictures in their own shape all the same.
    image = None if str(config.get("model_type")).startswith("glm") else vision.get("image_size")
    patch, merge = _patch(vision), _merge(config, vision)
    whole = vision.get("fullatt_block_indexes")  # Qwen2.5-VL's alone
    tower = Tower(
        depth,
        width,
        inner,
        heads,
        patch,
        merge,
        image and _side(image),
        window=None if whole is None else (vision.get("window_size", _WINDOW) // patch) ** 2,
        whole=len(whole or ()),
        gated=vision.get("hidden_act", "gelu" if whole is None else "silu") == "silu",
    )
    if "pooling_kernel_size" not in vision:
        return tower
    # Gemma 4's, as counted: two norms more, and those of queries, keys and values with what they are turned into.
    return replace(tower, image=None, beside=11 * width // 2 + 2, filled=USUAL_TOKENS * merge**2)


def _patch(vision: Mapping[str, Any]) -> int:
    # Left out where it is what transformers takes it to be.
    usual = _QWEN3_PATCH if str(vision.get("model_type")).startswith("qwen3") else _PATCH
    return _side(vision.get("patch_size", usual))


def _merge(config: Mapping[str, Any], vision: Mapping[str, Any]) -> int:
    """Patches on a visual token's side: Gemma's, InternVL's, SmolVLM's, LLaVA's towers of one size, and Qwen's."""
    if ratio := config.get("downsample_ratio"):
        return round(1 / ratio)
    if factor := config.get("scale_factor") or vision.get("pooling_kernel_size"):
        return factor
    if "image_size" not in vision or "spatial_merge_size" in vision:
        return vision.get("spatial_merge_size", _MERGE)
    patches = _side(vision["image_size"]) // _patch(vision)
    tokens = config.get("mm_tokens_per_image")
    return max(1, round(patches / tokens**0.5)) if tokens else 1


def _side(size: int | list[int]) -> int:
    """A square's side, which some write twice."""
    return size if isinstance(size, int) else size[0]


def read_dimensions(folder: Path) -> Dimensions | None:
    """Those of the model in a folder, gaps filled as its class fills them; None where its config.json does not tell."""
    try:
        return Dimensions.of(complete(read_config(folder)))
    except (OSError, ValueError):
        return None
