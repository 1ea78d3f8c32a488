"""A random-weight Qwen2.5-VL of middle size: 12 layers, width 512, the full 151,936-word vocabulary."""

import torch
from transformers import GenerationConfig, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from core.explainer import Explainer
from core.loading import load_model, wrap_model

VOCABULARY = 151_936


def build_midsize() -> Explainer:
    """The model with the embedded checkpoint's processor; float32, on the CPU, seeded."""
    small = load_model(device="cpu")
    known = small.model.config
    torch.manual_seed(0)
    model = Qwen2_5_VLForConditionalGeneration(
        Qwen2_5_VLConfig(
            text_config={
                "hidden_size": 512,
                "num_hidden_layers": 12,
                "num_attention_heads": 8,
                "num_key_value_heads": 2,
                "intermediate_size": 1536,
                "vocab_size": VOCABULARY,
                "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [8, 12, 12]},
            },
            vision_config={
                "hidden_size": 320,
                "depth": 6,
                "num_heads": 4,
                "intermediate_size": 640,
                "out_hidden_size": 512,
                "fullatt_block_indexes": [2, 5],
            },
            image_token_id=known.image_token_id,
            video_token_id=known.video_token_id,
            vision_start_token_id=known.vision_start_token_id,
            vision_end_token_id=known.vision_end_token_id,
            tie_word_embeddings=True,
        )
    )
    # No end token: every answer then has the length that the benchmark asks for.
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=VOCABULARY - 1, pad_token_id=0)
    return Explainer(wrap_model(model.eval().requires_grad_(False), small.processor))
