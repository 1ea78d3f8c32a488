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
from tests.core.models.families import configs, gemma_configs, templates, tokenizers_

_GAIN = 0.8
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
        configs.qwen2_5_vl,
        _qwen_pixels(14, 28, min_pixels=16 * 28**2, max_pixels=80 * 28**2),
        in_json=True,
    ),
    "qwen2_vl": Recipe(
        tokenizers_.qwen,
        templates.QWEN2,
        configs.qwen2_vl,
        _qwen_pixels(14, 28, min_pixels=16 * 28**2, max_pixels=80 * 28**2),
        in_json=True,
    ),
    "qwen3_vl": Recipe(
        tokenizers_.qwen,
        templates.QWEN3,
        configs.qwen3_vl,
        _QWEN3_PIXELS,
    ),
    "llava": Recipe(
        tokenizers_.llava,
        templates.LLAVA,
        configs.llava,
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
        configs.onevision,
        {
            **_STEPS,
            **_HALF,
            "image_processor_type": "LlavaOnevisionImageProcessor",
            "processor_class": "LlavaOnevisionProcessor",
            "do_pad": True,
            "image_grid_pinpoints": configs.PINPOINTS,
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
        configs.internvl,
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
        gemma_configs.gemma3,
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
        configs.smolvlm,
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
    "qwen3_vl_moe": Recipe(tokenizers_.qwen, templates.QWEN3, configs.qwen3_vl_moe, _QWEN3_PIXELS),
    "gemma4": Recipe(
        tokenizers_.gemma4,
        templates.GEMMA4,
        gemma_configs.gemma4,
        {
            "do_convert_rgb": True,
            "do_normalize": False,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": [0.0, 0.0, 0.0],
            "image_std": [1.0, 1.0, 1.0],
            "image_processor_type": "Gemma4ImageProcessor",
            "max_soft_tokens": 140,
            "patch_size": 5,
            "pooling_kernel_size": 3,
            "processor_class": "Gemma4Processor",
            "resample": 3,
            "rescale_factor": 1 / 255,
        },
        {"image_seq_length": 140, "processor_class": "Gemma4Processor"},
    ),
    "glm46v": Recipe(tokenizers_.glm, templates.GLM, configs.glm46v, _GLM_PIXELS),
    "glm4v_moe": Recipe(tokenizers_.glm, templates.GLM, configs.glm4v_moe, _GLM_PIXELS),
    "glm4v": Recipe(tokenizers_.glm, templates.GLM, configs.glm4v, _GLM_PIXELS),
    "qwen3_5": Recipe(tokenizers_.thinking, templates.QWEN3_5, configs.qwen3_5, _QWEN3_PIXELS),
    "qwen3_5_moe": Recipe(tokenizers_.thinking, templates.QWEN3_5, configs.qwen3_5_moe, _QWEN3_PIXELS),
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
