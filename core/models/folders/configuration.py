"""config.json -> what kind of model a folder holds, and which kinds cannot be explained. No torch here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.models.configuration import read_config
from core.models.folders.files import listed
from core.models.folders.hub_cache import is_repository
from core.models.quantisation.storage import stored_parts
from core.schema.model_parts import DecoderDepth, attending_layers, tower_depth

CONFIG = "config.json"

SUPPORTED = (
    *("qwen2_5_vl", "qwen2_vl", "qwen3_vl", "llava", "llava_onevision", "internvl", "gemma3"),
    *("smolvlm", "qwen3_vl_moe", "qwen3_5", "qwen3_5_moe", "glm46v", "glm4v", "glm4v_moe", "gemma4"),
)
"""Types of models that `core.models.families` knows, which is not imported here: it imports torch."""

# Types of models whose code comes with their folder, which is not run here -> where the same models are without it.
_OTHER_FOLDER = {
    "internvl_chat": "OpenGVLab/InternVL3-2B-hf",
    "llava_llama": "llava-hf/llava-1.5-7b-hf",
    "llava_mistral": "llava-hf/llava-1.5-7b-hf",
    "llava_qwen": "llava-hf/llava-onevision-qwen2-7b-ov-hf",
}
_TEXT_ONLY = ("gemma", "gemma2", "llama", "mistral", "qwen2", "qwen3")
_ANSWERS = ("ForConditionalGeneration", "ForCausalLM", "LMHead")
_HEAD = "lm_head.weight"


@dataclass(frozen=True)
class Configuration:
    """What config.json tells.

    Attributes:
        content: all of it.
        model_type: one of `SUPPORTED`.
        decoder: how many decoder layers there are, and which of them attend.
        total_blocks: blocks of the vision tower that are in use; 0 where it does not say.
    """

    content: Mapping[str, Any]
    model_type: str
    decoder: DecoderDepth
    total_blocks: int


def read_configuration(folder: Path) -> Configuration:
    """What the config.json of a folder tells of a model that is supported.

    Raises:
        ModelError: there is none, it cannot be read, or its model is not supported.
        OSError: the folder cannot be read.
    """
    if not (folder / CONFIG).is_file():
        raise _no_model(folder)
    try:
        content = read_config(folder)
        model_type = content.get("model_type")
    except (ValueError, RecursionError):
        raise ModelError(f"The config.json of {folder} cannot be read as JSON. Copy the model again.") from None
    if model_type not in SUPPORTED:
        raise ModelError(f"The model in {folder} cannot be explained. {unsupported(model_type)}")
    try:
        decoder, blocks = attending_layers(content), tower_depth(content)
    except (AttributeError, TypeError, ValueError):  # a list where a section should be, a word for a number
        raise ModelError(
            f"The config.json of {folder} has a text_config or a vision_config that cannot be understood. Copy it from "
            "where the model comes from."
        ) from None
    if decoder is None:
        raise ModelError(f"The config.json of {folder} does not say how many decoder layers there are.")
    return Configuration(content, model_type, decoder, blocks)


def unsupported(model_type: object) -> str:
    """What to tell people whose model is of no supported type."""
    other = _OTHER_FOLDER.get(model_type) if isinstance(model_type, str) else None
    if other is not None:
        return (
            f"Folders of type {model_type!r} bring code of their own, which is not run here. Take a folder whose name "
            f"ends in -hf, such as {other}."
        )
    if isinstance(model_type, str) and (model_type in _TEXT_ONLY or model_type.endswith("_text")):
        return f"Models of type {model_type!r} read text alone, and there is no picture to look at."
    return (
        f"Models of type {model_type!r} are not supported. Supported: {', '.join(SUPPORTED)}. "
        "docs/families.md says how another one is added."
    )


def _no_model(folder: Path) -> ModelError:
    inside = sorted(path.parent.name for path in folder.glob(f"*/{CONFIG}"))
    if inside:
        return ModelError(
            f"The folder {folder} holds no config.json, but folders of models: {listed(inside)}. Give one of these."
        )
    if any(is_repository(path) for path in folder.glob("models--*")):
        return ModelError(f"The folder {folder} is the hub's cache of all models. Give a model's hub id, OWNER/NAME.")
    return ModelError(f"The folder {folder} holds no config.json, so it is not a model. Check the path.")


def check_can_answer(folder: Path, configuration: Configuration, tensors: Collection[str]) -> None:
    """Refuses a model that was made for something else than to answer: no head says its next word.

    Args:
        tensors: names of those that its weights hold.

    Raises:
        ModelError: it has no head, and is not of a class that could borrow one from its embeddings.
    """
    named = configuration.content.get("architectures")
    classes = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    answers = not classes or any(word in name for name in classes for word in _ANSWERS)
    if not answers and not any(name.endswith(_HEAD) for name in tensors):
        raise ModelError(
            f"The model in {folder} ({classes[0]}) has no head that says words, as models for embeddings, ranking or "
            "rewards have none. Take the model that it was made from, or another one that answers."
        )


def check_quantisation(folder: Path, configuration: Configuration, tensors: Collection[str]) -> None:
    """Refuses quantised weights of which config.json does not say how they are stored.

    Args:
        tensors: names of those that the weights hold.

    Raises:
        ModelError: it does not.
    """
    content = configuration.content
    told = content.get("quantization_config") or (content.get("text_config") or {}).get("quantization_config")
    if not told and stored_parts(tensors):
        raise ModelError(
            f"The weights in {folder} are quantised, and its config.json does not say how (quantization_config is "
            "missing). Take another upload of the model, or its plain weights."
        )
