"""Whether weights are quantised, by what their files hold. No torch here.

Who merges an adapter into the plain weights, or casts a model back, often leaves the base's `quantization_config`
behind in config.json. transformers would quantise the plain weights anew, and there are methods that it would fail on.
"""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from core.models.configuration import read_config

_PLAIN = {"F64", "F32", "F16", "BF16"}
# Ends of the names of what the methods store beside a weight or in its place.
_BESIDE = (
    *(".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", ".SCB", ".weight_format"),  # bitsandbytes
    *(".qweight", ".qzeros", ".scales", ".g_idx"),  # GPTQ, AWQ
    *("_scale_inv", "_scale", "_zero_point", ".weight_packed", ".weight_shape"),  # FP8, compressed-tensors
    *("_blocks", "_scales", ".codebooks", ".codes"),  # MXFP4, AQLM
)


def leftover_note(folder: Path, name: str) -> str | None:
    """What to tell people of a model whose config.json calls its plain weights quantised; None of any other."""
    try:
        said = bool(read_config(folder).get("quantization_config"))
    except (OSError, ValueError):
        return None  # whoever loads it says what is wrong
    if not said or not holds_plain_weights(folder):
        return None
    return (
        f"The config.json of {name} speaks of quantised weights, but its weights are plain. They are taken as they are."
    )


def holds_plain_weights(folder: Path) -> bool:
    """Whether all tensors of a folder's files are plain numbers, under names that no method of quantisation uses.

    False where there are no files, or where they cannot be read: transformers says what is wrong with them.
    """
    files = list(folder.glob("model*.safetensors")) or list(folder.glob("*.safetensors"))
    try:
        return bool(files) and all(_is_plain(path) for path in files)
    except (SafetensorError, OSError):
        return False


def _is_plain(path: Path) -> bool:
    with safe_open(path, "np") as file:
        names = list(file.keys())
        if any(name.endswith(_BESIDE) or ".quant_state." in name for name in names):
            return False
        return all(file.get_slice(name).get_dtype() in _PLAIN for name in names)
