"""Small random checkpoints of the real classes, in folders whose files are named and filled as published ones'."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, GenerationConfig, PreTrainedTokenizerBase

from core.models.families import FAMILIES
from tests.core.models.families import templates, tokenizers_

_GAIN = 0.8
_TEXT = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-6,
}
_TOWER = {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 3}
_CLIP_COLOURS = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
_HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
_STEPS = {"do_resize": True, "do_rescale": True, "do_normalize": True, "do_convert_rgb": True, "resample": 3}


@dataclass(frozen=True)
class Recipe:
    """What a folder is made of.

    Attributes:
        config: tokenizer -> config.json, without the type.
        preprocessor: preprocessor_config.json.
        processor: processor_config.json, where published folders have one.
        in_json: whether the chat template is kept in chat_template.json, as older folders do.
    """

    tokenizer: Callable[[], PreTrainedTokenizerBase]
    template: str
    config: Callable[[PreTrainedTokenizerBase], dict[str, Any]]
    preprocessor: dict[str, Any]
    processor: dict[str, Any] = field(default_factory=dict)
    in_json: bool = False


def _ids(tokenizer: PreTrainedTokenizerBase, **names: str) -> dict[str, int]:
    return {name: tokenizer.convert_tokens_to_ids(token) for name, token in names.items()}


def _qwen_ids(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    return _ids(
        tokenizer,
        image_token_id="<|image_pad|>",
        video_token_id="<|video_pad|>",
        vision_start_token_id="<|vision_start|>",
        vision_end_token_id="<|vision_end|>",
    )


def _qwen2_vl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    # The text's settings stand at the top, as in Qwen's uploads.
    return {
        **_TEXT,
        **_qwen_ids(tokenizer),
        "architectures": ["Qwen2VLForConditionalGeneration"],
        "vocab_size": 720,
        "rope_theta": 10000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
        "use_sliding_window": False,
        "sliding_window": 32768,
        "max_window_layers": 3,
        "tie_word_embeddings": False,
        "vision_config": {"depth": 2, "embed_dim": 48, "num_heads": 3, "mlp_ratio": 2, "hidden_size": 64},
    }


def _qwen2_5_vl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = _qwen2_vl(tokenizer)
    vision = {"depth": 2, "hidden_size": 48, "num_heads": 3, "intermediate_size": 64, "out_hidden_size": 64}
    vision |= {"fullatt_block_indexes": [1], "window_size": 112}
    return config | {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "vision_config": vision}


def _qwen3_vl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    rope = {"mrope_interleaved": True, "mrope_section": [2, 3, 3], "rope_type": "default"}
    return {
        **_qwen_ids(tokenizer),
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "tie_word_embeddings": True,
        "text_config": {
            **_TEXT,
            "model_type": "qwen3_vl_text",
            "head_dim": 16,
            "vocab_size": 720,
            "rope_theta": 10000,
            "rope_scaling": rope,
        },
        "vision_config": {
            "model_type": "qwen3_vl",
            "depth": 3,
            "hidden_size": 48,
            "num_heads": 3,
            "intermediate_size": 64,
            "out_hidden_size": 64,
            "num_position_embeddings": 36,
            "deepstack_visual_indexes": [0, 1],
        },
    }


def _qwen3_vl_moe(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = _qwen3_vl(tokenizer)
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 48, "norm_topk_prob": True}
    text = config["text_config"] | experts | {"model_type": "qwen3_vl_moe_text", "decoder_sparse_step": 1}
    return config | {
        "architectures": ["Qwen3VLMoeForConditionalGeneration"],
        "tie_word_embeddings": False,
        "text_config": text | {"mlp_only_layers": []},
        "vision_config": config["vision_config"] | {"model_type": "qwen3_vl_moe"},
    }


def _qwen3_5(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = _qwen3_vl(tokenizer)
    rope = {"mrope_interleaved": True, "mrope_section": [2, 1, 1], "rope_type": "default", "rope_theta": 10000000}
    text = {
        "model_type": "qwen3_5_text",
        "num_hidden_layers": 4,
        "head_dim": 32,
        "full_attention_interval": 2,
        "linear_conv_kernel_dim": 4,
        "linear_key_head_dim": 8,
        "linear_value_head_dim": 12,
        "linear_num_key_heads": 2,
        "linear_num_value_heads": 4,
        "rope_parameters": rope | {"partial_rotary_factor": 0.25},
    }
    vision = {key: value for key, value in config["vision_config"].items() if key != "deepstack_visual_indexes"}
    plain = {key: value for key, value in config["text_config"].items() if not key.startswith("rope")}
    return config | {
        "architectures": ["Qwen3_5ForConditionalGeneration"],
        "text_config": plain | text,
        "vision_config": vision | {"model_type": "qwen3_5"},
    }


def _qwen3_5_moe(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = _qwen3_5(tokenizer)
    text = {name: value for name, value in config["text_config"].items() if name != "intermediate_size"}
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 48}
    shared = {"shared_expert_intermediate_size": 40, "model_type": "qwen3_5_moe_text"}
    return config | {
        "architectures": ["Qwen3_5MoeForConditionalGeneration"],
        "tie_word_embeddings": False,
        "text_config": text | experts | shared,
        "vision_config": config["vision_config"] | {"model_type": "qwen3_5_moe"},
    }


def _glm46v(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    ids = _ids(
        tokenizer,
        image_token_id="<|image|>",
        video_token_id="<|video|>",
        image_start_token_id="<|begin_of_image|>",
        image_end_token_id="<|end_of_image|>",
        video_start_token_id="<|begin_of_video|>",
        video_end_token_id="<|end_of_video|>",
    )
    rope = {"rope_type": "default", "rope_theta": 500000.0, "mrope_section": [1, 2, 1], "partial_rotary_factor": 0.5}
    return {
        **ids,
        "architectures": ["Glm46VForConditionalGeneration"],
        "tie_word_embeddings": False,
        "text_config": {
            **_TEXT,
            "model_type": "glm4v_text",
            "vocab_size": len(tokenizer) + 20,
            "rope_parameters": rope,
            "pad_token_id": tokenizer.pad_token_id,
        },
        "vision_config": {
            "model_type": "glm4v_vision",
            "depth": 3,
            "hidden_size": 48,
            "num_heads": 3,
            "intermediate_size": 64,
            "out_hidden_size": 64,
            "image_size": 84,
            "patch_size": 14,
            "spatial_merge_size": 2,
        },
    }


def _glm4v(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return _glm46v(tokenizer) | {"architectures": ["Glm4vForConditionalGeneration"]}


def _llava(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    vocab = len(tokenizer) + 62
    return {
        **_ids(tokenizer, image_token_index="<image>", pad_token_id="<pad>"),
        "architectures": ["LlavaForConditionalGeneration"],
        "image_seq_length": 25,
        "projector_hidden_act": "gelu",
        "text_config": {**_TEXT, "model_type": "llama", "num_key_value_heads": 4, "vocab_size": vocab},
        "vision_config": {**_TOWER, "model_type": "clip_vision_model", "image_size": 70, "patch_size": 14},
        "vision_feature_layer": -2,
        "vision_feature_select_strategy": "default",
    }


PINPOINTS = [[60 * rows, 60 * columns] for rows in range(1, 5) for columns in range(1, 5)]


def _onevision(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return {
        **_ids(tokenizer, image_token_index="<image>", video_token_index="<video>"),
        "architectures": ["LlavaOnevisionForConditionalGeneration"],
        "image_grid_pinpoints": PINPOINTS,
        "projector_hidden_act": "gelu",
        "tie_word_embeddings": True,
        "text_config": {**_TEXT, "model_type": "qwen2", "vocab_size": len(tokenizer), "tie_word_embeddings": True},
        "vision_aspect_ratio": "anyres_max_9",
        # 60 pixels hold four patches of 14, and four pixels that no patch sees.
        "vision_config": {
            **_TOWER,
            "model_type": "siglip_vision_model",
            "image_size": 60,
            "patch_size": 14,
            "vision_use_head": False,
        },
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full",
    }


def _internvl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return {
        **_ids(tokenizer, image_token_id="<IMG_CONTEXT>"),
        "architectures": ["InternVLForConditionalGeneration"],
        "downsample_ratio": 0.5,
        "image_seq_length": 9,
        "projector_hidden_act": "gelu",
        "text_config": {**_TEXT, "model_type": "qwen2", "vocab_size": len(tokenizer)},
        "vision_config": {
            **_TOWER,
            "model_type": "internvl_vision",
            "attention_bias": True,
            "image_size": [84, 84],
            "patch_size": [14, 14],
            "layer_scale_init_value": 0.5,
            "use_mean_pooling": True,
        },
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "default",
    }


def _gemma3(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    ids = _ids(
        tokenizer,
        image_token_index="<image_soft_token>",
        boi_token_index="<start_of_image>",
        eoi_token_index="<end_of_image>",
        eos_token_id="<end_of_turn>",
    )
    return {
        **ids,
        "architectures": ["Gemma3ForConditionalGeneration"],
        "mm_tokens_per_image": 16,
        "text_config": {
            **_TEXT,
            "model_type": "gemma3_text",
            "num_hidden_layers": 4,
            "head_dim": 16,
            "query_pre_attn_scalar": 16,
            # Shorter than a picture, so that it counts; every second layer looks at all.
            "sliding_window": 12,
            "sliding_window_pattern": 2,
            # The token that stands for a feature has no embedding.
            "vocab_size": ids["image_token_index"],
        },
        "vision_config": {
            **_TOWER,
            "model_type": "siglip_vision_model",
            "image_size": 112,
            "patch_size": 14,
            "vision_use_head": False,
        },
    }


def _smolvlm(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return {
        **_ids(tokenizer, image_token_id="<image>", pad_token_id="<|im_end|>"),
        "architectures": ["SmolVLMForConditionalGeneration"],
        "scale_factor": 2,
        "tie_word_embeddings": False,
        "text_config": {**_TEXT, "model_type": "llama", "vocab_size": len(tokenizer)},
        # 62 pixels hold four patches of 14, and six pixels that no patch sees.
        "vision_config": {**_TOWER, "model_type": "smolvlm_vision", "image_size": 62, "patch_size": 14},
    }


def _qwen_pixels(patch: int, side: int, **bounds: Any) -> dict[str, Any]:
    return {
        **_CLIP_COLOURS,
        **bounds,
        "image_processor_type": "Qwen2VLImageProcessor",
        "patch_size": patch,
        "temporal_patch_size": 2,
        "merge_size": 2,
    }


_QWEN3_PIXELS = {
    **_HALF,
    "image_processor_type": "Qwen2VLImageProcessorFast",
    "processor_class": "Qwen3VLProcessor",
    "size": {"longest_edge": 80 * 32**2, "shortest_edge": 16 * 32**2},
    "patch_size": 16,
    "temporal_patch_size": 2,
    "merge_size": 2,
}

_GLM_PIXELS = {
    **_CLIP_COLOURS,
    **_STEPS,
    "image_processor_type": "Glm46VImageProcessor",
    "processor_class": "Glm46VProcessor",
    # Of both frames.
    "size": {"longest_edge": 2 * 80 * 28**2, "shortest_edge": 2 * 16 * 28**2},
    "patch_size": 14,
    "temporal_patch_size": 2,
    "merge_size": 2,
}

RECIPES: dict[str, Recipe] = {
    "qwen2_5_vl": Recipe(
        tokenizers_.qwen,
        templates.QWEN2,
        _qwen2_5_vl,
        _qwen_pixels(14, 28, min_pixels=16 * 28**2, max_pixels=80 * 28**2),
        in_json=True,
    ),
    "qwen2_vl": Recipe(
        tokenizers_.qwen,
        templates.QWEN2,
        _qwen2_vl,
        _qwen_pixels(14, 28, min_pixels=16 * 28**2, max_pixels=80 * 28**2),
        in_json=True,
    ),
    "qwen3_vl": Recipe(
        tokenizers_.qwen,
        templates.QWEN3,
        _qwen3_vl,
        _QWEN3_PIXELS,
    ),
    "llava": Recipe(
        tokenizers_.llava,
        templates.LLAVA,
        _llava,
        {
            **_STEPS,
            **_CLIP_COLOURS,
            "image_processor_type": "CLIPImageProcessor",
            "processor_class": "LlavaProcessor",
            "do_center_crop": True,
            "crop_size": {"height": 70, "width": 70},
            "size": {"shortest_edge": 70},
        },
        {
            "image_token": "<image>",
            "num_additional_image_tokens": 1,
            "patch_size": 14,
            "processor_class": "LlavaProcessor",
            "vision_feature_select_strategy": "default",
        },
        in_json=True,
    ),
    "llava_onevision": Recipe(
        tokenizers_.onevision,
        templates.ONEVISION,
        _onevision,
        {
            **_STEPS,
            **_HALF,
            "image_processor_type": "LlavaOnevisionImageProcessor",
            "processor_class": "LlavaOnevisionProcessor",
            "do_pad": True,
            "image_grid_pinpoints": PINPOINTS,
            "size": {"height": 60, "width": 60},
        },
        {
            "image_token": "<image>",
            "num_image_tokens": 16,
            "processor_class": "LlavaOnevisionProcessor",
            "video_token": "<video>",
            "vision_aspect_ratio": "anyres_max_9",
            "vision_feature_select_strategy": "full",
        },
        in_json=True,
    ),
    "internvl": Recipe(
        tokenizers_.internvl,
        templates.INTERNVL,
        _internvl,
        {
            **_STEPS,
            "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225],
            "image_processor_type": "GotOcr2ImageProcessorFast",
            "processor_class": "InternVLProcessor",
            "crop_to_patches": False,
            "min_patches": 1,
            "max_patches": 12,
            "size": {"height": 84, "width": 84},
        },
        {"image_seq_length": 9, "processor_class": "InternVLProcessor"},
    ),
    "gemma3": Recipe(
        tokenizers_.gemma,
        templates.GEMMA,
        _gemma3,
        {
            **_STEPS,
            **_HALF,
            "do_convert_rgb": None,
            "do_pan_and_scan": None,
            "image_processor_type": "Gemma3ImageProcessor",
            "image_seq_length": 16,
            "pan_and_scan_max_num_crops": None,
            "pan_and_scan_min_crop_size": None,
            "pan_and_scan_min_ratio_to_activate": None,
            "processor_class": "Gemma3Processor",
            "resample": 2,
            "size": {"height": 112, "width": 112},
        },
        {"image_seq_length": 16, "processor_class": "Gemma3Processor"},
    ),
    "smolvlm": Recipe(
        tokenizers_.smolvlm,
        templates.SMOLVLM,
        _smolvlm,
        {
            **_STEPS,
            **_HALF,
            "do_image_splitting": True,
            "do_pad": True,
            "image_processor_type": "SmolVLMImageProcessor",
            "max_image_size": {"longest_edge": 62},
            "processor_class": "SmolVLMProcessor",
            "resample": 1,
            "size": {"longest_edge": 4 * 62},
        },
        {"image_seq_len": 4, "processor_class": "SmolVLMProcessor"},
    ),
    "qwen3_vl_moe": Recipe(tokenizers_.qwen, templates.QWEN3, _qwen3_vl_moe, _QWEN3_PIXELS),
    "glm46v": Recipe(tokenizers_.glm, templates.GLM, _glm46v, _GLM_PIXELS),
    "glm4v": Recipe(tokenizers_.glm, templates.GLM, _glm4v, _GLM_PIXELS),
    "qwen3_5": Recipe(tokenizers_.thinking, templates.QWEN3_5, _qwen3_5, _QWEN3_PIXELS),
    "qwen3_5_moe": Recipe(tokenizers_.thinking, templates.QWEN3_5, _qwen3_5_moe, _QWEN3_PIXELS),
}
"""By the model's type."""


def build(name: str, folder: Path) -> None:
    """Writes a random checkpoint of a family, always the same one, into an empty folder."""
    recipe = RECIPES[name]
    tokenizer = recipe.tokenizer()
    config = {"model_type": name, "torch_dtype": "bfloat16", **recipe.config(tokenizer)}
    _write(folder / "config.json", config)
    model = random_model(name, folder)
    model.generation_config = GenerationConfig(
        do_sample=True, temperature=0.7, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    model.save_pretrained(folder)
    _write(folder / "config.json", config)  # as it was: transformers writes all that it knows
    tokenizer.save_pretrained(folder)
    _write(folder / "preprocessor_config.json", recipe.preprocessor)
    if recipe.processor:
        _write(folder / "processor_config.json", recipe.processor)
    if recipe.in_json:
        _write(folder / "chat_template.json", {"chat_template": recipe.template})
    else:
        (folder / "chat_template.jinja").write_text(recipe.template, "utf-8")


def random_model(name: str, folder: Path) -> nn.Module:
    """A model as a folder's config.json describes it.

    Its weights let every part count: matrices keep the scale of what goes through, vectors get a little noise.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)  # some vectors are random from the beginning
        model = FAMILIES[name].model_class(AutoConfig.from_pretrained(folder)).float()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim < 2:
                weight += 0.1 * torch.randn(weight.shape, generator=generator)
            else:
                # Experts' matrices lie in one tensor.
                inputs = weight.shape[-1] if "experts" in name else weight[0].numel()
                std = 1.0 if "position" in name else _GAIN * inputs**-0.5
                weight.copy_(std * torch.randn(weight.shape, generator=generator))
        placeholder = model.config.image_token_id
        model.lm_head.weight[placeholder : placeholder + 1] = 0  # so that no answer holds it
    return model


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), "utf-8")
