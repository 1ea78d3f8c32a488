"""What a chunk of a family is predicted to take against what it takes, where layers are no plain ones.

Wider than the other tests' checkpoints: beside an embedding of 64, everything that is forecast is small.
"""

import json
from dataclasses import replace

import pytest

from core.engine import one_pass
from core.engine.one_pass import explain_chunk
from core.memory.estimate import phases
from core.memory.fit import dimensions_of, recomputing
from core.models.hooks import frozen
from tests.core.live import LiveBytes
from tests.core.models.families.slow import Slow
from tests.core.models.families.test_family_maps import request_for

WIDE = {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 4, "head_dim": 64}
EXPERTS = {"moe_intermediate_size": 128, "num_experts": 16, "num_experts_per_tok": 4}
LINEAR = {"linear_key_head_dim": 32, "linear_value_head_dim": 32, "linear_num_key_heads": 4}
LINEAR |= {"linear_num_value_heads": 8}
LINEAR |= {"full_attention_interval": 4, "rope_parameters": {"mrope_section": [4, 2, 2], "mrope_interleaved": True}}
GLM = {"rope_parameters": {"rope_theta": 500000.0, "mrope_section": [4, 8, 4], "partial_rotary_factor": 0.5}}
QWEN3 = {"rope_scaling": {"rope_type": "default", "mrope_section": [8, 12, 12], "mrope_interleaved": True}}
CHANGES = {
    "qwen3_5": {"text": WIDE | LINEAR, "vision": {"out_hidden_size": 256}},
    "qwen3_5_moe": {
        "text": WIDE | LINEAR | EXPERTS | {"shared_expert_intermediate_size": 128},
        "vision": {"out_hidden_size": 256},
    },
    "gemma4": {"text": WIDE | {"head_dim": 64, "global_head_dim": 64}, "vision": {}},
    "glm4v_moe": {
        "text": WIDE
        | GLM
        | {"moe_intermediate_size": 128, "n_routed_experts": 16}
        | {"num_experts_per_tok": 4, "first_k_dense_replace": 0},  # one of 46 in published ones,
        "vision": {"out_hidden_size": 256, "hidden_size": 144, "intermediate_size": 288},
    },
    "glm46v": {
        "text": WIDE | GLM,
        "vision": {"out_hidden_size": 256, "hidden_size": 144, "intermediate_size": 288},
    },
    "qwen3_vl_moe": {"text": WIDE | QWEN3 | EXPERTS, "vision": {"out_hidden_size": 256}},
}


@pytest.fixture(params=CHANGES)
def wide(request, altered, folder_of):
    name, change = request.param, CHANGES[request.param]
    config = json.loads((folder_of(name) / "config.json").read_text())
    text, vision = config["text_config"] | change["text"], config["vision_config"] | change["vision"]
    return altered(name, weights=True, config={"text_config": text, "vision_config": vision}).loaded


def wide_filled(loaded):
    """Patches that the test's pictures are filled up to."""
    return 9 * loaded.processor.image_processor.max_soft_tokens


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize(
    "methods", [["gradient_deviation", "combined"], ["attention"], ["input_gradient"]], ids="+".join
)
def test_the_peak_of_a_chunk_is_predicted(wide, picture, monkeypatch, methods, recompute):
    seen, real = [], one_pass.fit_to_memory
    monkeypatch.setattr(one_pass, "fit_to_memory", lambda *args: seen.append(args[1]) or real(*args))
    slow = Slow.of(wide, picture)
    requests = [request_for(method, len(wide.layers)) for method in methods]
    weights = [*wide.model.parameters(), *wide.model.buffers()]
    with wide.lock, frozen(wide.model), recomputing(recompute), LiveBytes(weights) as live:
        explain_chunk(wide, slow.prepared, slow.answer, requests, range(2))
    (load,) = seen
    dimensions = dimensions_of(wide)
    if dimensions.tower.filled:  # at the published size, which is larger
        dimensions = replace(dimensions, tower=replace(dimensions.tower, filled=wide_filled(wide)))
    predicted = phases(dimensions, replace(load, recompute=recompute), wide.model.dtype.itemsize).peak
    assert predicted == pytest.approx(live.peak, rel=0.2 if dimensions.tower.filled else 0.15)
