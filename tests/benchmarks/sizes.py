"""Random-weight models of known shapes: what they take, in time and memory, is what trained ones take.

The shapes of 3b and 7b are those of the published Qwen2.5-VL-3B and 7B configurations. Prompts and
pictures are made into tokens by the embedded checkpoint's processor, whose ids lie within every vocabulary.
"""

from typing import Any

import torch
from torch import nn
from transformers import GenerationConfig, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.initialization import no_init_weights

from core.engine.explainer import Explainer
from core.models.loading import load_model, wrap_model

_QWEN_TOWER = {
    "hidden_size": 1280,
    "depth": 32,
    "num_heads": 16,
    "intermediate_size": 3420,
    "fullatt_block_indexes": [7, 15, 23, 31],
    "window_size": 112,
}
SHAPES: dict[str, dict[str, Any]] = {
    "tiny": {
        "text": {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2}
        | {"intermediate_size": 768, "vocab_size": 1000},
        "vision": {"hidden_size": 64, "depth": 3, "num_heads": 4, "intermediate_size": 160}
        | {"fullatt_block_indexes": [2], "window_size": 112},
    },
    "midsize": {
        "text": {"hidden_size": 512, "num_hidden_layers": 12, "num_attention_heads": 8, "num_key_value_heads": 2}
        | {"intermediate_size": 1536, "vocab_size": 151_936},
        "vision": {"hidden_size": 320, "depth": 6, "num_heads": 4, "intermediate_size": 640}
        | {"fullatt_block_indexes": [2, 5], "window_size": 112},
    },
    "3b": {
        "text": {"hidden_size": 2048, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2}
        | {"intermediate_size": 11008, "vocab_size": 151_936},
        "vision": _QWEN_TOWER,
    },
    "7b": {
        "text": {"hidden_size": 3584, "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4}
        | {"intermediate_size": 18_944, "vocab_size": 152_064},
        "vision": _QWEN_TOWER,
        "tied": False,
    },
}


def configure(name: str, **text: Any) -> Qwen2_5_VLConfig:
    """The configuration of one of `SHAPES`; `text` replaces values of its decoder."""
    shape = SHAPES[name]
    decoder = shape["text"] | text
    quarter = decoder["hidden_size"] // decoder["num_attention_heads"] // 8
    sections = [quarter, quarter * 3 // 2, quarter * 3 // 2]  # 16, 24, 24 where heads are 128 wide
    known = load_model(device="cpu").model.config
    names = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    return Qwen2_5_VLConfig(
        text_config=decoder
        | {"rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": sections}}
        | {"bos_token_id": None, "eos_token_id": None},
        vision_config=shape["vision"] | {"out_hidden_size": decoder["hidden_size"]},
        tie_word_embeddings=shape.get("tied", True),
        **{name: getattr(known, name) for name in names},
    )


def build(name: str, dtype: torch.dtype = torch.float32, device: str = "cpu", **text: Any) -> Explainer:
    """A model of one of `SHAPES`, seeded, made in `dtype` on `device` with nothing copied.

    Its answers never end by themselves, so that each has the length that is asked for.
    """
    config = configure(name, **text)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device), no_init_weights():
            model = Qwen2_5_VLForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(before)
    model.tie_weights()
    fill(model)
    last = config.text_config.vocab_size - 1
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=last, pad_token_id=0)
    return Explainer(wrap_model(model.eval().requires_grad_(False), load_model(device="cpu").processor))


def fill(model: nn.Module) -> None:
    """Normal weights of deviation 0.02, norms of one and no biases, as transformers begins a training with."""
    generator = torch.Generator(model.device).manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
            elif parameter.ndim == 1:
                parameter.fill_(1)
            else:
                parameter.normal_(0, 0.02, generator=generator)
