"""Small configurations of the real classes, written as published config.json files are."""

from typing import Any

from transformers import PreTrainedTokenizerBase

TEXT = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-6,
}
TOWER = {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 3}


def ids_of(tokenizer: PreTrainedTokenizerBase, **names: str) -> dict[str, int]:
    return {name: tokenizer.convert_tokens_to_ids(token) for name, token in names.items()}


def _qwen_ids(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    return ids_of(
        tokenizer,
        image_token_id="<|image_pad|>",
        video_token_id="<|video_pad|>",
        vision_start_token_id="<|vision_start|>",
        vision_end_token_id="<|vision_end|>",
    )


def qwen2_vl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    # The text's settings stand at the top, as in Qwen's uploads.
    return {
        **TEXT,
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


def qwen2_5_vl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = qwen2_vl(tokenizer)
    vision = {"depth": 2, "hidden_size": 48, "num_heads": 3, "intermediate_size": 64, "out_hidden_size": 64}
    vision |= {"fullatt_block_indexes": [1], "window_size": 112}
    return config | {"architectures": ["Qwen2_5_VLForConditionalGeneration"], "vision_config": vision}


def qwen3_vl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    rope = {"mrope_interleaved": True, "mrope_section": [2, 3, 3], "rope_type": "default"}
    return {
        **_qwen_ids(tokenizer),
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "tie_word_embeddings": True,
        "text_config": {
            **TEXT,
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


def qwen3_vl_moe(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = qwen3_vl(tokenizer)
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 48, "norm_topk_prob": True}
    text = config["text_config"] | experts | {"model_type": "qwen3_vl_moe_text", "decoder_sparse_step": 1}
    return config | {
        "architectures": ["Qwen3VLMoeForConditionalGeneration"],
        "tie_word_embeddings": False,
        "text_config": text | {"mlp_only_layers": []},
        "vision_config": config["vision_config"] | {"model_type": "qwen3_vl_moe"},
    }


def qwen3_5(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = qwen3_vl(tokenizer)
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


def qwen3_5_moe(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = qwen3_5(tokenizer)
    text = {name: value for name, value in config["text_config"].items() if name != "intermediate_size"}
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 48}
    shared = {"shared_expert_intermediate_size": 40, "model_type": "qwen3_5_moe_text"}
    return config | {
        "architectures": ["Qwen3_5MoeForConditionalGeneration"],
        "tie_word_embeddings": False,
        "text_config": text | experts | shared,
        "vision_config": config["vision_config"] | {"model_type": "qwen3_5_moe"},
    }


def glm46v(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    ids = ids_of(
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
            **TEXT,
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


def glm4v(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return glm46v(tokenizer) | {"architectures": ["Glm4vForConditionalGeneration"]}


def llava(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    vocab = len(tokenizer) + 62
    return {
        **ids_of(tokenizer, image_token_index="<image>", pad_token_id="<pad>"),
        "architectures": ["LlavaForConditionalGeneration"],
        "image_seq_length": 25,
        "projector_hidden_act": "gelu",
        "text_config": {**TEXT, "model_type": "llama", "num_key_value_heads": 4, "vocab_size": vocab},
        "vision_config": {**TOWER, "model_type": "clip_vision_model", "image_size": 70, "patch_size": 14},
        "vision_feature_layer": -2,
        "vision_feature_select_strategy": "default",
    }


PINPOINTS = [[60 * rows, 60 * columns] for rows in range(1, 5) for columns in range(1, 5)]


def onevision(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return {
        **ids_of(tokenizer, image_token_index="<image>", video_token_index="<video>"),
        "architectures": ["LlavaOnevisionForConditionalGeneration"],
        "image_grid_pinpoints": PINPOINTS,
        "projector_hidden_act": "gelu",
        "tie_word_embeddings": True,
        "text_config": {**TEXT, "model_type": "qwen2", "vocab_size": len(tokenizer), "tie_word_embeddings": True},
        "vision_aspect_ratio": "anyres_max_9",
        # 60 pixels hold four patches of 14, and four pixels that no patch sees.
        "vision_config": {
            **TOWER,
            "model_type": "siglip_vision_model",
            "image_size": 60,
            "patch_size": 14,
            "vision_use_head": False,
        },
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full",
    }


def internvl(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return {
        **ids_of(tokenizer, image_token_id="<IMG_CONTEXT>"),
        "architectures": ["InternVLForConditionalGeneration"],
        "downsample_ratio": 0.5,
        "image_seq_length": 9,
        "projector_hidden_act": "gelu",
        "text_config": {**TEXT, "model_type": "qwen2", "vocab_size": len(tokenizer)},
        "vision_config": {
            **TOWER,
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


def smolvlm(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return {
        **ids_of(tokenizer, image_token_id="<image>", pad_token_id="<|im_end|>"),
        "architectures": ["SmolVLMForConditionalGeneration"],
        "scale_factor": 2,
        "tie_word_embeddings": False,
        "text_config": {**TEXT, "model_type": "llama", "vocab_size": len(tokenizer)},
        # 62 pixels hold four patches of 14, and six pixels that no patch sees.
        "vision_config": {**TOWER, "model_type": "smolvlm_vision", "image_size": 62, "patch_size": 14},
    }


def glm4v_moe(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    config = glm46v(tokenizer)
    experts = {"n_routed_experts": 4, "n_shared_experts": 1, "num_experts_per_tok": 2, "moe_intermediate_size": 48}
    experts |= {"first_k_dense_replace": 1, "model_type": "glm4v_moe_text"}
    return config | {
        "architectures": ["Glm4vMoeForConditionalGeneration"],
        "text_config": config["text_config"] | experts,
        "vision_config": config["vision_config"] | {"model_type": "glm4v_moe_vision"},
    }
