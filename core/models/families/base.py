"""What a family of models has to say of itself, with defaults for what most of them share.

In transformers 5 the decoder of every family here lies at `model.model.language_model`, and its layers
return plain tensors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.processing_utils import ProcessorMixin

from core.errors import InputError
from core.models.families.vision_inputs import Vision, VisionInputs
from core.models.families.vision_towers import encoder_blocks, image_layouts, image_patches
from core.models.pixel_layout import PixelLayout
from core.models.placement import at_hand
from core.models.token_layout import TokenLayout
from core.models.video_size import VideoRule


@dataclass(frozen=True, eq=False)
class Decoding:
    """What goes through the decoder.

    Attributes:
        embeddings: [batch, sequence, width], features of the picture at their positions.
        features: [batch, placeholders, width or a multiple of it], as `Family.encode_image` returned them.
        ids: int64 [1, sequence], the tokens; what stands at placeholders means nothing.
        placeholders: int64 [placeholders], their positions.
        types: int64 [1, sequence], 1 at placeholders of pictures, 2 at those of a video, else 0.
        position_ids: as the model's `forward` takes them, for the whole batch.
        rows: int64 [rows], the positions whose states are wanted.
    """

    embeddings: Tensor
    features: Tensor
    ids: Tensor
    placeholders: Tensor
    types: Tensor
    position_ids: Tensor
    rows: Tensor

    def wanted(self, hidden: Tensor) -> Tensor:
        """The rows of states [batch, sequence, width], where the rest of the work is done."""
        return hidden[:, self.rows.to(hidden.device)].to(self.rows.device)


def _layers(model: nn.Module) -> nn.ModuleList:
    return model.model.language_model.layers


def _decoder_config(model: nn.Module) -> Any:
    return model.model.language_model.config


def _plain_positions(model: nn.Module, ids: Tensor, types: Tensor, vision: Vision) -> Tensor:
    return torch.arange(ids.shape[1], device=ids.device)[None]


def _decode(model: nn.Module, decoding: Decoding) -> Tensor:
    hidden = model.model(inputs_embeds=decoding.embeddings, position_ids=decoding.position_ids, use_cache=False)[0]
    return decoding.wanted(hidden)


def head(model: nn.Module, states: Tensor) -> Tensor:
    """See `Family.head`."""
    return model.lm_head(states).to(states.device)


def _encode_images(model: nn.Module, pixels: Tensor, vision: Vision) -> Tensor:
    features = model.model.get_image_features(pixels.flatten(0, 1)).pooler_output  # of each image
    return torch.cat(list(features)).unflatten(0, (len(pixels), -1))


def token_logits(model: nn.Module, hidden: Tensor, ids: Tensor) -> Tensor:
    """See `Family.token_logits`."""
    return head_logits(model.lm_head, model.model.language_model.norm(hidden), ids)


def _final_norm(model: nn.Module) -> nn.Module:
    return model.model.language_model.norm


def head_logits(head: nn.Module, hidden: Tensor, ids: Tensor) -> Tensor:
    """An output head's logits of some tokens alone, from states that are normed, wherever its weights lie."""
    if type(head) is not nn.Linear:  # an adapter in its place, say, whose weight is not all that it does
        logits = head(hidden)
        return logits[..., ids.to(logits.device)].to(ids.device)
    with at_hand(head) as plain:
        weight = plain.weight
        return (hidden.to(weight.device) @ weight[ids.to(weight.device)].T).to(ids.device)


def _fixed_size(processor: Any, max_pixels: int) -> dict[str, Any]:
    raise InputError(
        "This model looks at every picture at one size of its own, so a pixel budget has no effect on it. "
        "Leave the pixel budget out."
    )


def _placeholder(model: nn.Module) -> int:
    return model.config.image_token_id


@dataclass(frozen=True, kw_only=True)
class Family:
    """How to handle one kind of vision-language model.

    Attributes:
        title: what people call it.
        picture_text: how a picture stands in a text, for chat templates that take texts alone; "" if that is not known.
        model_class: the transformers class.
        load_processor: folder -> processor, with no need of torchvision.
        pixel_layout: how its image processor lays pixels out.
        layouts: inputs -> how the model sees each picture.
        encode_image: (model, pixels [batch, ...], vision) -> features [batch, placeholders, width], or a
            multiple of the width where the decoder takes more than one feature for each placeholder.
        types_name: under which name `forward` takes the token types; None if it takes none.
        budget: (processor, pixels) -> options of the image processor that hold it to that many pixels.
        video: how its video processor brings frames to size; None where it sees no video here.
        placeholder: model -> the id of the token that stands for one feature.
        decoder_layers: model -> its decoder layers, first to last.
        attending: model -> its decoder layers whose attention has probabilities, ascending; None for all of them.
        shared_layers: model -> how many of its last decoder layers look with keys and values of earlier ones.
        attention_norm: decoder layer -> the norm between its attention and its feed-forward part.
        decoder_config: model -> the configuration that the decoder's attention reads.
        tower_blocks: model -> the blocks of its vision tower that become features, first to last.
        tower_layouts: (inputs, layouts) -> how the vision tower sees each picture, patch by patch.
        patches: (model, hidden states as a block sees them, vision, tower layouts) -> [batch, patches, width], in
            the order of the tower layouts' tiles.
        decode: (model, decoding) -> states [batch, rows, width] that enter the output head.
        head: (model, such states) -> logits [batch, rows, vocabulary].
        final_norm: model -> the norm that its last decoder layer's states go through before they enter the head.
        token_logits: (model, hidden states that leave the last layer, ids) -> [..., ids], the output
            head's logits of some tokens there.
        positions: (model, ids, token types, vision) -> position ids as `forward` takes them, [..., 1, sequence].
        remember_positions: model -> the state that generating leaves on the model.
        restore_positions: (model, state) -> puts it back.
    """

    title: str
    model_class: type
    load_processor: Callable[[str], ProcessorMixin]
    pixel_layout: PixelLayout
    layouts: Callable[[VisionInputs], tuple[TokenLayout, ...]]
    picture_text: str = ""
    encode_image: Callable[[nn.Module, Tensor, Vision], Tensor] = _encode_images
    types_name: str | None = None
    budget: Callable[[Any, int], dict[str, Any]] = _fixed_size
    video: VideoRule | None = None
    placeholder: Callable[[nn.Module], int] = _placeholder
    decoder_layers: Callable[[nn.Module], nn.ModuleList] = _layers
    attending: Callable[[nn.Module], Sequence[int] | None] = lambda model: None
    shared_layers: Callable[[nn.Module], int] = lambda model: 0
    attention_norm: Callable[[nn.Module], nn.Module] = lambda layer: layer.post_attention_layernorm
    decoder_config: Callable[[nn.Module], Any] = _decoder_config
    tower_blocks: Callable[[nn.Module], nn.ModuleList] = encoder_blocks
    tower_layouts: Callable[[VisionInputs, Sequence[TokenLayout]], tuple[TokenLayout, ...]] = image_layouts
    patches: Callable[[nn.Module, Tensor, Vision, Sequence[TokenLayout]], Tensor] = image_patches
    decode: Callable[[nn.Module, Decoding], Tensor] = _decode
    head: Callable[[nn.Module, Tensor], Tensor] = head
    final_norm: Callable[[nn.Module], nn.Module] = _final_norm
    token_logits: Callable[[nn.Module, Tensor, Tensor], Tensor] = token_logits
    positions: Callable[[nn.Module, Tensor, Tensor, Vision], Tensor] = _plain_positions
    remember_positions: Callable[[nn.Module], Any] = lambda model: None
    restore_positions: Callable[[nn.Module, Any], None] = lambda model, state: None
