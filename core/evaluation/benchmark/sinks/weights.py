"""The embedded checkpoint with sinks: its tensors in a wider decoder, and what makes some tokens sinks.

What published decoders have and the embedded one lacks is put into it by weights alone, so that no code of the engine
knows of it: a few tokens with one huge channel (massive activations, Sun et al. 2024, arXiv:2402.17762), and heads
whose attention gathers there (StreamingLLM, arXiv:2309.17453) while the values carry nothing.

- Three channels are added: a constant, a probe, and the massive one. The rest of the new width is zero, and every
  RMSNorm weight is scaled so that all other tokens come out as before.
- The merger's last step writes how surely a token is background (`probe`) into the probe channel; in the embedding of a
  word of the prompt's first line, the same channel can be set.
- One neuron of layer 0's MLP turns a positive probe into the massive channel, which stays on through all layers above.
- Ten added heads in each layer have constant queries, keys that read the massive channel or a constant, and values of
  zero: whatever they look at, nothing but attention changes, and the answers stay.
"""

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.embedded import CHECKPOINT
from core.evaluation.benchmark.sinks.probe import Probe, embedded_probe
from core.evaluation.benchmark.sinks.strengths import Strength, find_strength
from core.temporary import own_folder

HEAD = 32
"""Width of a head, as in the checkpoint: positions are encoded in it."""
ADDED_HEADS = 10
"""So many that max |A| / rms(A), which is at most the root of the width, can pass the 20 of Kang et al. 2025."""
PROBED = 4.0
"""Factor of the probe in its channel: small beside all others, so that norms stay as they are."""
GATE, MASSIVE = 600.0, 300.0
"""Of the neuron: how steeply it opens, and what it writes. About 2,500 come of it, beside norms of 30 to 130."""
ON = 0.03
"""The probe channel of the word of the prompt that becomes a sink: as of a visual token beyond the threshold."""
LOOK = 8.0
"""Queries of the added heads: products with a sink's key of 20 and more, which softmax leaves nothing beside."""
OWN = 4.0
"""Queries and keys of those that look at their own token: the product falls with every step away from it."""
PROMPT_WORD = "system"
"""Written once in a prompt, in its first line."""
SLOWEST = 15
"""The pair of channels in a head whose rotation by position is the slowest; it turns by the column."""
VISUAL_DISTANCE, PROMPT_DISTANCE = 22.0, 34.0
"""How far the answer typically stands from a visual token and from the prompt's beginning, in positions."""


@cache
def implanted(name: str) -> Path:
    """The folder of the embedded model with sinks of a strength: made once in a process, deleted at its end.

    Raises:
        InputError: there is no such strength, or no temporary folder that can be written.
    """
    strength = find_strength(name)
    folder = own_folder() / f"sinks-{name}"
    write(folder, strength, embedded_probe())
    return folder


def write(folder: Path, strength: Strength, probe: Probe) -> None:
    """Writes the checkpoint with sinks of a strength, laid out as on a model hub."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in CHECKPOINT.iterdir():
        if file.suffix in {".json", ".jinja"} and file.name not in {"config.json", "training.json"}:
            shutil.copy(file, folder)
    config = json.loads((CHECKPOINT / "config.json").read_text("utf-8"))
    words = json.loads((CHECKPOINT / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    tensors = with_sinks(load_file(CHECKPOINT / "model.safetensors"), config, strength, probe, words[PROMPT_WORD])
    dtype = getattr(torch, strength.dtype)
    (folder / "config.json").write_text(json.dumps(widened(config) | {"dtype": strength.dtype}), "utf-8")
    save_file({key: value.to(dtype) for key, value in tensors.items()}, folder / "model.safetensors", {"format": "pt"})


def widened(config: Mapping[str, Any]) -> dict[str, Any]:
    """The embedded model's config.json with the added heads and the neuron, and the width that goes with them."""
    text = config["text_config"]
    heads, width = text["num_attention_heads"] + ADDED_HEADS, text["hidden_size"] + ADDED_HEADS * HEAD
    group = text["num_attention_heads"] // text["num_key_value_heads"]
    wider = {"hidden_size": width, "num_attention_heads": heads, "num_key_value_heads": heads // group}
    wider["intermediate_size"] = text["intermediate_size"] + 1
    return {
        **config,
        "text_config": {**text, **wider},
        "vision_config": {**config["vision_config"], "out_hidden_size": width},
    }


def with_sinks(
    tensors: Mapping[str, Tensor], config: Mapping[str, Any], strength: Strength, probe: Probe, word: int
) -> dict[str, Tensor]:
    """The checkpoint's tensors with sinks of a strength, float32.

    Args:
        tensors: name -> tensor, as in the embedded checkpoint.
        config: its config.json.
        word: the token that becomes a sink where some heads look for it.

    Raises:
        ValueError: a tensor is none of a Qwen2.5-VL checkpoint's.
    """
    old, new = config["text_config"]["hidden_size"], widened(config)["text_config"]["hidden_size"]
    constant, massive, probed = old, old + 1, old + 2
    make = {
        "visual.merger.mlp.2.weight": lambda tensor: _grown(tensor, (new, tensor.shape[1])),
        "embed_tokens.weight": lambda tensor: _grown(tensor, (len(tensor), new)),
        "layernorm.weight": lambda tensor: _norm(tensor, new, 1.0),
        "model.norm.weight": lambda tensor: _norm(tensor, new, 0.0),  # the output head sees none of it
        "q_proj.weight": lambda tensor: _grown(tensor, (new, new)),
        "q_proj.bias": lambda tensor: torch.cat([tensor, _queries(strength, config)]),
        "k_proj.weight": lambda tensor: _keys(tensor, new, massive),
        "k_proj.bias": lambda tensor: torch.cat([tensor, _own_keys().repeat(ADDED_HEADS // 2)]),
        "v_proj.weight": lambda tensor: _grown(tensor, (len(tensor) + ADDED_HEADS // 2 * HEAD, new)),
        "v_proj.bias": lambda tensor: _grown(tensor, (len(tensor) + ADDED_HEADS // 2 * HEAD,)),
        "o_proj.weight": lambda tensor: _grown(tensor, (new, new)),
        "gate_proj.weight": lambda tensor: _grown(tensor, (len(tensor) + 1, new)),
        "up_proj.weight": lambda tensor: _grown(tensor, (len(tensor) + 1, new)),
        "down_proj.weight": lambda tensor: _grown(tensor, (new, tensor.shape[1] + 1)),
        "visual.merger.mlp.2.bias": lambda tensor: _grown(tensor, (new,)),
    }

    def grown(name: str, tensor: Tensor) -> Tensor:
        ending = next((ending for ending in make if name.endswith(ending)), None)
        if "visual." in name and not name.startswith("visual.merger.mlp.2"):
            return tensor
        if ending is None:
            raise ValueError(f"unknown tensor {name}")
        return make[ending](tensor)

    made = {name: grown(name, tensor.float()) for name, tensor in tensors.items()}
    weight, bias = made["visual.merger.mlp.2.weight"], made["visual.merger.mlp.2.bias"]
    weight[probed] = torch.tensor(PROBED * probe.weight, dtype=torch.float32)
    bias[probed] = -PROBED * (probe.offset + probe.threshold(strength.background))
    bias[constant] = 1.0
    if strength.prompt_heads:
        made["model.embed_tokens.weight"][word, constant] = 1.0
        made["model.embed_tokens.weight"][word, probed] = ON
    first = "model.layers.0.mlp."
    made[first + "gate_proj.weight"][-1, probed] = GATE
    made[first + "up_proj.weight"][-1, constant] = 1.0
    made[first + "down_proj.weight"][massive, -1] = MASSIVE
    return {name: tensor.contiguous() for name, tensor in made.items()}


def _grown(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The tensor in the first corner of a larger one of zeros."""
    larger = torch.zeros(shape)
    larger[tuple(slice(size) for size in tensor.shape)] = tensor
    return larger


def _norm(weight: Tensor, width: int, added: float) -> Tensor:
    """An RMSNorm's weight that leaves old channels as they are, though their mean square is over more channels."""
    return torch.cat([weight * (len(weight) / width) ** 0.5, torch.full((width - len(weight),), added)])


def _keys(weight: Tensor, width: int, massive: int) -> Tensor:
    """Added keys read the massive channel into the slowest pair."""
    keys = _grown(weight, (len(weight) + ADDED_HEADS // 2 * HEAD, width))
    keys[len(weight) + SLOWEST :: HEAD, massive] = 1.0
    return keys


def _own_keys() -> Tensor:
    """The constant that each added key holds in all other pairs."""
    key = torch.zeros(HEAD)
    key[:SLOWEST] = OWN
    return key


def _queries(strength: Strength, config: Mapping[str, Any]) -> Tensor:
    """The constant queries of the added heads, [added heads * head width]."""
    theta = config["text_config"]["rope_parameters"]["rope_theta"] ** (-2 * SLOWEST / HEAD)

    def at(distance: float) -> Tensor:
        # Turned back by the distance, so that the product with a key is largest there.
        query, turned = torch.zeros(HEAD), torch.tensor(-theta * distance)
        query[SLOWEST], query[SLOWEST + HEAD // 2] = LOOK * turned.cos(), LOOK * turned.sin()
        return query

    others = ADDED_HEADS - strength.visual_heads - strength.prompt_heads
    return torch.cat(
        [at(VISUAL_DISTANCE)] * strength.visual_heads
        + [at(PROMPT_DISTANCE)] * strength.prompt_heads
        + [_own_keys()] * others
    )
