"""Processors from their parts, which the families put together without torchvision.

The PIL image processor everywhere, whether torchvision is there or not, so that the same picture gives the
same numbers on every machine.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from transformers import AutoImageProcessor, AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerBase
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.image_processing_auto import get_image_processor_class_from_name
from transformers.processing_utils import ProcessorMixin

from core.models.configuration import mended, read_config

_OTHER_NAMES = {
    "Qwen2_5_VLImageProcessor": "Qwen2VLImageProcessor",
    "Qwen3VLImageProcessor": "Qwen2VLImageProcessor",
    "InternVLImageProcessor": "GotOcr2ImageProcessor",
    "LlavaOneVisionImageProcessor": "LlavaOnevisionImageProcessor",
}
"""Names that folders give to image processors, and those under which transformers has them today."""
_MOST_EDGE = 8192
"""Pixels of an edge that a folder may ask for: twice what the largest published ones do."""
_SAVED_HABITS = ("max_length", "truncation_side", "truncation_strategy", "stride", "pad_to_multiple_of")


def load_components(folder: str) -> tuple[Any, Any, str | None, dict[str, Any]]:
    """(image processor, tokenizer, chat template, further settings of the processor) of a folder.

    Raises:
        ValueError: there is no tokenizer or no image processor in it, or one that is not known.
    """
    if not any((Path(folder) / name).is_file() for name in ("tokenizer.json", "vocab.json")):
        raise ValueError("its tokenizer (tokenizer.json) is missing.")  # transformers would make one up
    config = load_config(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, config=config, local_files_only=True, trust_remote_code=False)
    encode_whole_texts(tokenizer)
    image_processor = _load_image_processor(Path(folder), config)
    settings = dict(ProcessorMixin.get_processor_dict(folder, local_files_only=True)[0])
    # Older folders keep the template in chat_template.json, newer ones in chat_template.jinja.
    template = settings.pop("chat_template", None) or tokenizer.chat_template
    if isinstance(template, dict):  # several by name; the others are for tools and documents
        template = template.get("default")
    plain = {name: value for name, value in settings.items() if isinstance(value, int | float | str | None)}
    plain.pop("processor_class", None)
    return image_processor, tokenizer, template, plain


def load_config(folder: str | Path, without: Collection[str] = ()) -> PreTrainedConfig:
    """A folder's configuration, with what is written otherwise than usual read as it is meant.

    Args:
        without: settings that are left out.
    """
    content = {name: value for name, value in read_config(Path(folder)).items() if name not in without}
    return CONFIG_MAPPING[content["model_type"]].from_dict(content)


def encode_whole_texts(tokenizer: PreTrainedTokenizerBase) -> None:
    """Takes away that a tokenizer cuts texts off or fills them up, as trainers do and tokenizer.json then keeps."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    for name in _SAVED_HABITS:  # processors hand these on at every call
        tokenizer.init_kwargs.pop(name, None)


def name_tokens(tokenizer: PreTrainedTokenizerBase, usual: Mapping[str, str]) -> None:
    """Gives a tokenizer the names of special tokens that its folder left out, where it has these tokens.

    Args:
        usual: name -> the token in published folders of the family, as {"image_token": "<image>"}.

    Raises:
        ValueError: it has none of that name, and not the usual token.
    """
    vocabulary = tokenizer.get_vocab()
    unnamed = {name: token for name, token in usual.items() if not isinstance(getattr(tokenizer, name, None), str)}
    for name, token in unnamed.items():
        if token not in vocabulary:
            raise ValueError(f"its tokenizer has no {name}, and no token {token} either.")
    if unnamed:
        tokenizer._set_model_specific_special_tokens(unnamed)  # as its constructor does with those of the folder


def _load_image_processor(folder: Path, config: PreTrainedConfig) -> Any:
    """The image processor; settings are read under their names of today and of before."""
    settings = _picture_settings(folder)
    options: dict[str, Any] = {"local_files_only": True}
    for name, value in mended(settings).items():
        if value != settings[name]:
            options[name] = value
    size = options.get("size", settings.get("size"))
    if isinstance(size, Mapping) and {"min_pixels", "max_pixels"} <= size.keys() and "shortest_edge" not in size:
        options["size"] = {"shortest_edge": size["min_pixels"], "longest_edge": size["max_pixels"]}
    named = settings.get("image_processor_type") or settings.get("feature_extractor_type")
    if named is None:  # the model's type tells
        options |= {"config": config, "backend": "pil", "trust_remote_code": False}
        return AutoImageProcessor.from_pretrained(str(folder), **options)
    own = str(named).removesuffix("Fast").removesuffix("Pil").replace("FeatureExtractor", "ImageProcessor")
    usual = _OTHER_NAMES.get(own, own)
    kind = get_image_processor_class_from_name(f"{usual}Pil") or get_image_processor_class_from_name(usual)
    if kind is None:
        raise ValueError(
            f"its image processor {named} is not known. Copy the preprocessor_config.json of the model that it was "
            "made from."
        )
    # Those that cut a picture into patches read the same names as numbers of pixels in all. Another one would make of
    # a stamp a picture of gigabytes.
    edges = size.values() if isinstance(size, Mapping) else (size,)
    longest = max((edge for edge in edges if isinstance(edge, int)), default=0)
    if longest > _MOST_EDGE and not hasattr(kind, "merge_size"):
        raise ValueError(
            f"its image processor {named} would make pictures of {longest:,} pixels an edge. Copy the "
            "preprocessor_config.json of the model that it was made from."
        )
    return kind.from_pretrained(str(folder), **options)


def _picture_settings(folder: Path) -> dict[str, Any]:
    """Those of the image processor, in a file of their own or in the processor's.

    Raises:
        ValueError: there are none.
    """
    for name, part in (("processor_config.json", "image_processor"), ("preprocessor_config.json", None)):
        path = folder / name
        content = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        found = content.get(part) if part else content
        if isinstance(found, dict) and found:
            return found
    raise ValueError(
        "the settings of its image processor are missing. Copy the preprocessor_config.json of the model that it was "
        "made from."
    )
