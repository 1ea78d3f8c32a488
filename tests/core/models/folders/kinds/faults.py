"""What is written otherwise than usual, and what does not belong together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from tests.core.models.folders.making import change, plain, same_maps, tensors_of
from tests.core.models.folders.table import Kind

TITLE = "Inside of the files"

_LISTS_RAISE = (
    "{% for m in messages %}{% if m['content'] is not string %}{{ raise_exception('Only texts') }}{% endif %}"
    "{% endfor %}"
)
_TEXTS = (
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}"
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_TWO_PLACES = "{% for m in messages %}<|image_pad|><|image_pad|>{{ m['content'][1]['text'] }}{% endfor %}"
_CUT = {"direction": "Right", "max_length": 24, "strategy": "LongestFirst", "stride": 0}
_FILLED = {
    "strategy": {"Fixed": 2048},
    "direction": "Left",
    "pad_to_multiple_of": None,
    "pad_id": 0,
    "pad_type_id": 0,
    "pad_token": "<|endoftext|>",
}


def _with(file: str, **changes: Any):
    def make(folder: Path, patch) -> Path:
        model = plain(folder)
        change(model / file, **changes)
        return model

    return make


def _spelt(folder: Path, patch) -> Path:
    model = plain(folder)
    config = json.loads((model / "config.json").read_text("utf-8"))
    for part, name in (("text_config", "num_hidden_layers"), ("vision_config", "depth")):
        config[part][name] = str(config[part][name])
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    return model


def _with_template(template: str):
    def make(folder: Path, patch) -> Path:
        model = plain(folder)
        (model / "chat_template.jinja").write_text(template, "utf-8")
        return model

    return make


def _with_tensor(spoil: Callable[[torch.Tensor], torch.Tensor | None]):
    def make(folder: Path, patch) -> Path:
        model, tensors = plain(folder), tensors_of(plain(folder, "source"))
        (name,) = [name for name in tensors if name.endswith("layers.1.mlp.down_proj.weight")]
        spoilt = spoil(tensors.pop(name))
        if spoilt is not None:
            tensors[name] = spoilt.contiguous()
        save_file(tensors, model / "model.safetensors", {"format": "pt"})
        return model

    return make


def _same(name: str, make) -> Kind:
    return Kind(name, make, shown_as="my-model", check=same_maps)


def _bad(name: str, make, said: str) -> Kind:
    return Kind(name, make, said, at_load=True)


_PIXELS = "preprocessor_config.json"
_HABITS = _with("tokenizer.json", truncation=_CUT, padding=_FILLED)


def _named(name: str | None):
    return _with(_PIXELS, image_processor_type=name)


KINDS = [
    _same("numbers in config.json written as text", _spelt),
    _same("a quantization_config left behind on plain weights", _with("config.json", quantization_config={"a": 1})),
    _same(
        "a tokenizer saved to cut texts off and to fill them up",
        _with("tokenizer.json", truncation=_CUT, padding=_FILLED),
    ),
    _same("pixel bounds within size", _with(_PIXELS, size={"min_pixels": 28224, "max_pixels": 84672})),
    _same("an image processor named after its model", _named("Qwen2_5_VLImageProcessor")),
    _same("an image processor of transformers 4 (Fast)", _named("Qwen2VLImageProcessorFast")),
    _same("an image processor that is not named", _named(None)),
    _bad("an image processor that nobody knows", _named("MyProcessor"), "is not known"),
    _bad(
        "an image processor of another family",
        _with(_PIXELS, image_processor_type="CLIPImageProcessor", size={"shortest_edge": 224}),
        "The processor of",
    ),
    _bad("the name of such a one alone", _named("CLIPImageProcessor"), "would make pictures of"),
    _bad("an image processor of other tokens than the model's", _with(_PIXELS, merge_size=4), "The processor of"),
    _same("a generation_config.json that names another end of text", _with("generation_config.json", eos_token_id=0)),
    _same("a chat template that takes texts alone", _with_template(_TEXTS)),
    _same("a chat template that raises where it is given a list", _with_template(_LISTS_RAISE + _TEXTS)),
    _bad("a chat template that fails", _with_template("{{ raise_exception('Not today') }}"), "fails (Not today)"),
    _bad("a chat template without a place for a picture", _with_template("Hello."), "has no place for a picture"),
    _bad("a chat template with two places for a picture", _with_template(_TWO_PLACES), "writes 2 places"),
    _bad("a tensor that is missing", _with_tensor(lambda tensor: None), "lack 1 tensor(s)"),
    _bad("a tensor of another shape", _with_tensor(lambda tensor: tensor[:-1]), "do not fit its config.json"),
    _bad("a tensor that holds NaN", _with_tensor(lambda tensor: tensor * float("nan")), "that are no numbers"),
    Kind("an empty tensor, as DeepSpeed may save it", _with_tensor(lambda tensor: torch.zeros(0)), "empty tensor(s)"),
]
