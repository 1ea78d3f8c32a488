"""LoRA folders as PEFT writes them, made by hand, and what a model computes with one that is not merged."""

import json
from contextlib import ExitStack, contextmanager

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

GENERATOR_SEED = 5


def write_adapter(folder, network, modules, *, rank=4, base="", prefix="base_model.model.", saved=(), **config):
    """A random LoRA of some modules of a model; returns its tensors by their names in the file.

    Args:
        modules: names in the model -> in the file, or a list of names that are the same in both.
        saved: names of parameters that are stored whole.
    """
    modules = modules if isinstance(modules, dict) else {name: name for name in modules}
    generator = torch.Generator().manual_seed(GENERATOR_SEED)

    def random(*shape):
        return 0.3 * torch.randn(*shape, generator=generator)

    tensors = {}
    for name, written in modules.items():
        module, key = network.get_submodule(name), f"{prefix}{written}"
        rows, columns = module.weight.flatten(1).shape
        ranks = config.get("rank_pattern", {})
        own = next((value for pattern, value in ranks.items() if written.endswith(pattern)), rank)
        if isinstance(module, nn.Embedding):
            tensors[f"{key}.lora_embedding_A"] = random(own, rows)
            tensors[f"{key}.lora_embedding_B"] = random(columns, own)
            continue
        tensors[f"{key}.lora_A.weight"] = random(own, columns)
        tensors[f"{key}.lora_B.weight"] = random(rows, own)
        if config.get("use_dora"):
            tensors[f"{key}.lora_magnitude_vector"] = random(rows).abs() + 0.5
    for name in saved:
        tensors[f"{prefix}{name}"] = random(*network.get_parameter(name).shape)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    written = {
        "peft_type": "LORA",
        "base_model_name_or_path": str(base),
        "r": rank,
        "lora_alpha": 8,
        "bias": "none",
        "target_modules": sorted({name.rpartition(".")[2] for name in modules.values()}),
        **config,
    }
    (folder / "adapter_config.json").write_text(json.dumps(written), "utf-8")
    return tensors


@contextmanager
def beside(network, modules, tensors, scaling, prefix="base_model.model."):
    """Inside, modules compute what they do and, beside that, their LoRA's part: nothing is merged.

    Args:
        modules: as of `write_adapter`.
        scaling: name in the file -> the factor of its update.
    """
    modules = modules if isinstance(modules, dict) else {name: name for name in modules}
    with ExitStack() as stack:
        for name, written in modules.items():
            parts = {key.removeprefix(f"{prefix}{written}."): tensor for key, tensor in tensors.items()}
            hook = _hook(parts, scaling(written))
            stack.callback(network.get_submodule(name).register_forward_hook(hook).remove)
        yield


def _hook(parts, scaling):
    def add(module, args, output):
        (hidden,) = args
        if "lora_embedding_A" in parts:
            low = functional.embedding(hidden, parts["lora_embedding_A"].T)
            return output + scaling * functional.linear(low, parts["lora_embedding_B"])
        update = functional.linear(functional.linear(hidden, parts["lora_A.weight"]), parts["lora_B.weight"])
        if "lora_magnitude_vector" not in parts:
            return output + scaling * update
        plain = output if module.bias is None else output - module.bias
        whole = module.weight + scaling * parts["lora_B.weight"] @ parts["lora_A.weight"]
        lengths = parts["lora_magnitude_vector"] / whole.norm(dim=1)
        result = lengths * (plain + scaling * update)
        return result if module.bias is None else result + module.bias

    return add
