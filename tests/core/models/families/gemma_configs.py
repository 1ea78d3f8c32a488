"""Gemma's configurations, as `configs` has the others'."""

from typing import Any

from transformers import PreTrainedTokenizerBase

from tests.core.models.families.configs import TEXT, TOWER, ids_of


def gemma3(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    ids = ids_of(
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
            **TEXT,
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
            **TOWER,
            "model_type": "siglip_vision_model",
            "image_size": 112,
            "patch_size": 14,
            "vision_use_head": False,
        },
    }


def gemma4(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    ids = ids_of(
        tokenizer,
        image_token_id="<|image|>",
        boi_token_id="<|image>",
        eoi_token_id="<image|>",
        video_token_id="<|video|>",
        audio_token_id="<|audio|>",
        eos_token_id="<turn|>",
    )
    return {
        **ids,
        "architectures": ["Gemma4ForConditionalGeneration"],
        "audio_config": None,
        "text_config": {
            **TEXT,
            "model_type": "gemma4_text",
            "num_hidden_layers": 4,
            "head_dim": 16,
            "global_head_dim": 32,
            # Shorter than a picture, so that it counts; every second layer looks at all.
            "sliding_window": 40,
            "layer_types": ["sliding_attention", "full_attention"] * 2,
            # The upper half looks with the keys and values of the lower one.
            "num_kv_shared_layers": 2,
            "hidden_size_per_layer_input": 8,
            "vocab_size": len(tokenizer),
            "vocab_size_per_layer_input": len(tokenizer),
            "final_logit_softcapping": 30.0,
            "use_bidirectional_attention": "vision",
        },
        "vision_config": {
            "model_type": "gemma4_vision",
            "hidden_size": 48,
            "intermediate_size": 64,
            "num_hidden_layers": 3,
            "num_attention_heads": 3,
            "num_key_value_heads": 3,
            "head_dim": 16,
            "patch_size": 5,
            "pooling_kernel_size": 3,
            "position_embedding_size": 400,
        },
    }
