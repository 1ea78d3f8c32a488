"""Folders of published settings around random weights: shrunk in depth and width alone, ids and vocabulary included.

The settings lie in tests/fixtures/published, with their origin and licence.
"""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoConfig

from core.models.families import FAMILIES

SETTINGS = Path(__file__).parents[2] / "fixtures" / "published"
FOLDERS = {"qwen2_5_vl-7B": "qwen2_5_vl", "qwen2_vl-olmOCR-7B": "qwen2_vl"}
"""Folder of settings -> the model's type."""

_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_TEXT = {
    "hidden_size": 128,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "max_window_layers": 2,
    "num_attention_heads": 1,
    "num_key_value_heads": 1,
}
"""One head as wide as the published ones: 128, which `mrope_section` divides."""
_TOWERS = {
    "qwen2_5_vl": {
        "depth": 2,
        "hidden_size": 64,
        "num_heads": 2,
        "intermediate_size": 48,
        "out_hidden_size": 128,
        "fullatt_block_indexes": [1],
    },
    "qwen2_vl": {"depth": 2, "embed_dim": 64, "num_heads": 2, "mlp_ratio": 2, "hidden_size": 128},
}


def build(name: str, folder: Path) -> None:
    """Writes published settings, a cut of their vocabulary and random weights into an empty folder."""
    for path in sorted((SETTINGS / name).glob("*.json")):
        shutil.copyfile(path, folder / path.name)
    kind = FOLDERS[name]
    config = json.loads((folder / "config.json").read_text("utf-8")) | _TEXT
    config["vision_config"] |= _TOWERS[kind]
    write(folder / "config.json", config)
    write(folder / "tokenizer.json", tokenizer(json.loads((folder / "tokenizer_config.json").read_text("utf-8"))))
    save_file(_weights(kind, folder), folder / "model.safetensors", metadata={"format": "pt"})


def write(path: Path, content: object) -> None:
    """A JSON file."""
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def tokenizer(settings: dict) -> dict:
    """tokenizer.json as published, with the first merges alone; added tokens keep their ids, far above the others."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    merges = [line.split(" ") for line in (SETTINGS / "qwen-merges.txt").read_text("utf-8").splitlines()]
    tokens = [*_bytes(), *("".join(merge) for merge in merges)]
    added = [{"id": int(number), **token} for number, token in settings["added_tokens_decoder"].items()]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": _PATTERN}, "behavior": "Isolated", "invert": False},
                byte_level,
            ],
        },
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            # Those that are added stand in it as well, or they would be counted on from the last merge.
            "vocab": vocabulary | {token["content"]: token["id"] for token in added},
            "merges": merges,
        },
    }


def _bytes() -> list[str]:
    """The 256 bytes as byte-level vocabularies write them, in their order there."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in shown]
    return [chr(byte) for byte in shown] + [chr(256 + index) for index in range(len(others))]


def _weights(kind: str, folder: Path) -> dict[str, torch.Tensor]:
    """Random ones under the published names, in bfloat16."""
    torch.manual_seed(0)
    with torch.device("meta"):
        model = FAMILIES[kind].model_class(AutoConfig.from_pretrained(folder))
    model = model.to(torch.bfloat16).to_empty(device="cpu")
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim < 2:
                weight.normal_(1.0, 0.1)
            else:
                weight.normal_(0.0, 0.8 * weight[0].numel() ** -0.5)
    return {_published(name): weight.contiguous() for name, weight in model.state_dict().items()}


def _published(name: str) -> str:
    """A tensor's name as Qwen's uploads have it."""
    if name.startswith("model.language_model."):
        return "model." + name.removeprefix("model.language_model.")
    return name.removeprefix("model.") if name.startswith("model.visual.") else name
