"""The parts of a model that have depth: what people call them, and how deep they are. No torch here.

The decoder reads the picture's tokens together with the words. The vision tower looks at the picture alone,
before that, and more finely: it has a token for each patch of pixels.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.schema.checks import check_choice

Part = Literal["decoder", "tower"]


@dataclass(frozen=True)
class PartWords:
    """What people call a part of a model.

    Attributes:
        title: the part.
        one, many: what it is made of.
        all: all of that, as in "this model has 8 ...".
        axis: what an axis of its depth says.
    """

    title: str
    one: str
    many: str
    all: str
    axis: str


PARTS: dict[Part, PartWords] = {
    "decoder": PartWords("Decoder", "layer", "layers", "decoder layers", "decoder layer"),
    "tower": PartWords("Vision tower", "block", "blocks", "vision tower blocks in use", "vision tower block"),
}

_UNSTATED_LAYERS = {"llama": 32}
"""Decoder layers of configurations that leave them to transformers' default, by the decoder's type: LLaVA-1.5's."""
_UNSTATED_BLOCKS = {
    "qwen2_vl": 32,
    "qwen2_5_vl": 32,
    "qwen3_vl": 27,
    "llava": 24,
    "llava_onevision": 26,
    "internvl": 24,
    "gemma3": 12,
    "smolvlm": 12,
    "qwen3_vl_moe": 27,
    "qwen3_5": 27,
    "qwen3_5_moe": 27,
    "glm46v": 24,
    "glm4v": 24,
    "glm4v_moe": 24,
    "gemma4": 16,
    "clip_vision_model": 12,
    "siglip_vision_model": 12,
}
"""Blocks of vision towers, likewise, by the tower's type or else the model's."""
_UNSTATED_READ = {"llava": -2}
"""Which hidden states of the tower become features, likewise, by the model's type; else those that leave it."""


def check_part(name: str) -> Part:
    """Returns `name` if it is a part of a model.

    Raises:
        InputError: naming the parts there are.
    """
    check_choice("part of a model", name, PARTS)
    return name


def decoder_depth(config: Mapping[str, Any]) -> int | None:
    """Decoder layers that a config.json tells of; None where it does not."""
    decoder = config.get("text_config") or config
    unstated = _UNSTATED_LAYERS.get(decoder.get("model_type"))
    layers = decoder.get("num_hidden_layers", config.get("num_hidden_layers", unstated))
    return layers if isinstance(layers, int) and layers > 0 else None


@dataclass(frozen=True)
class DecoderDepth:
    """How deep a decoder is, and which of its layers attend.

    Hybrid decoders mix tokens by linear attention in most of their layers: it is a recurrence, and has no
    probabilities that could be read.

    Attributes:
        layers: how many there are.
        attending: those whose attention has probabilities, ascending; at least one.
        shared: how many of the last ones look with the keys and values of earlier layers, so that what the picture's
            tokens are in them counts for nothing.
    """

    layers: int
    attending: tuple[int, ...]
    shared: int = 0

    @classmethod
    def plain(cls, layers: int) -> "DecoderDepth":
        """One in which every layer attends."""
        return cls(layers, tuple(range(layers)))

    @property
    def is_hybrid(self) -> bool:
        """Whether some layers do not attend."""
        return len(self.attending) < self.layers

    @property
    def upper_half(self) -> range:
        """The layers that the combined map reads, of those in which the picture's tokens count."""
        counting = self.layers - self.shared
        return range(counting // 2, counting)

    def read_at(self, layer: int) -> int:
        """The layer whose attention is read for `layer`: itself or the next that attends, or the last that does."""
        return next((each for each in self.attending if each >= layer), self.attending[-1])


_FULL_ATTENTION_EVERY = {"qwen3_5": 4, "qwen3_5_moe": 4}
"""Of hybrid decoders, by the model's type: every such layer attends where the configuration names none."""


def attending_layers(config: Mapping[str, Any]) -> DecoderDepth | None:
    """Which decoder layers attend, as a config.json tells; None where it does not say how many there are."""
    layers = decoder_depth(config)
    if layers is None:
        return None
    decoder = config.get("text_config") or config
    types, every = decoder.get("layer_types"), _FULL_ATTENTION_EVERY.get(config.get("model_type"))
    if not types and every:
        every = decoder.get("full_attention_interval", every)
        types = ["full_attention" if (layer + 1) % every == 0 else "linear_attention" for layer in range(layers)]
    attending = tuple(layer for layer, kind in enumerate(types or ()) if kind != "linear_attention")
    shared = decoder.get("num_kv_shared_layers") or 0
    return DecoderDepth(layers, attending or tuple(range(layers)), shared if 0 < shared < layers else 0)


def tower_depth(config: Mapping[str, Any]) -> int:
    """Blocks of the vision tower that become features, as a config.json tells; 0 where it does not."""
    tower, kind = config.get("vision_config") or {}, config.get("model_type")
    unstated = _UNSTATED_BLOCKS.get(tower.get("model_type"), _UNSTATED_BLOCKS.get(kind, 0))
    blocks = tower.get("depth", tower.get("num_hidden_layers", unstated))
    return blocks_in_use(blocks, config.get("vision_feature_layer", _UNSTATED_READ.get(kind, -1)))


def blocks_in_use(blocks: int, read: int | Iterable[int]) -> int:
    """How many of a tower's blocks the features pass through.

    LLaVA-1.5 takes the hidden states that enter the last block: what that one does is lost.

    Args:
        read: which hidden states become features, one or several: 0 enters the first block, -1 leaves the last.
    """
    states = [read] if isinstance(read, int) else list(read)
    return max(state if state >= 0 else blocks + 1 + state for state in states)
