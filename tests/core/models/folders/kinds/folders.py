"""Folders that hold no model, another one, or one that only other programs read."""

import json
from pathlib import Path

from tests.core.models.folders.making import change, cut, plain, same_maps
from tests.core.models.folders.table import Kind

TITLE = "Folders and configurations"


def _changed(**changes):
    def make(folder: Path, patch) -> Path:
        model = plain(folder)
        change(model / "config.json", **changes)
        return model

    return make


def _resaved(folder: Path, patch) -> Path:
    from core.models.loading import load_model

    loaded = load_model(device="cpu")
    loaded.model.save_pretrained(folder / "my-model")
    loaded.processor.save_pretrained(folder / "my-model")
    return folder / "my-model"


def _flat(folder: Path, patch) -> Path:
    """As transformers 4.49 wrote Qwen2.5-VL: the text's settings at the top, and the template in a file of its own."""
    model = plain(folder)
    config = json.loads((model / "config.json").read_text("utf-8"))
    text = {key: value for key, value in config.pop("text_config").items() if key not in ("model_type", "dtype")}
    rope = text.pop("rope_parameters", None) or text.get("rope_scaling")
    if "rope_theta" in rope:
        text["rope_theta"] = rope["rope_theta"]
    text["rope_scaling"] = {"type": "mrope", "mrope_section": rope["mrope_section"]}
    config = text | config | {"torch_dtype": "float32", "transformers_version": "4.49.0"}
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    template = (model / "chat_template.jinja").read_text("utf-8")
    (model / "chat_template.jinja").unlink()
    (model / "chat_template.json").write_text(json.dumps({"chat_template": template}), "utf-8")
    return model


def _of_4_57(folder: Path, patch) -> Path:
    """As transformers 4.57 wrote it: a section for the text, and the video's processor in a file of its own."""
    model = plain(folder)
    config = json.loads((model / "config.json").read_text("utf-8"))
    rope = config["text_config"].pop("rope_parameters", None) or config["text_config"].get("rope_scaling")
    config["text_config"] |= {
        "rope_theta": rope.get("rope_theta", config["text_config"].get("rope_theta")),
        "rope_scaling": {"rope_type": "default", "type": "default", "mrope_section": rope["mrope_section"]},
        "dtype": "float32",
        "use_cache": True,
    }
    config |= {"dtype": "float32", "transformers_version": "4.57.1"}
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    video = {"video_processor_type": "Qwen2VLVideoProcessor", "do_sample_frames": False}
    (model / "video_preprocessor_config.json").write_text(json.dumps(video), "utf-8")
    return model


def _template_in_tokenizer(folder: Path, patch) -> Path:
    model = plain(folder)
    template = (model / "chat_template.jinja").read_text("utf-8")
    (model / "chat_template.jinja").unlink()
    change(model / "tokenizer_config.json", chat_template=template)
    return model


def _without_template(folder: Path, patch) -> Path:
    model = plain(folder)
    (model / "chat_template.jinja").unlink()
    return model


def _trained(folder: Path, patch) -> Path:
    """What a trainer leaves behind beside the model."""
    model = plain(folder)
    for name in ("training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth"):
        (model / name).write_bytes(b"pickled")
    for name in ("trainer_state.json", "all_results.json", "train_results.json"):
        (model / name).write_text('{"epoch": 1.0}')
    return model


def _without_processor(folder: Path, patch) -> Path:
    model = plain(folder)
    for name in ("preprocessor_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (model / name).unlink()
    return model


def _checkpoints(folder: Path, patch) -> Path:
    (folder / "output").mkdir()
    for name in ("checkpoint-500", "checkpoint-1000"):
        plain(folder / "output", name)
    return folder / "output"


def _linked(folder: Path, patch) -> Path:
    (folder / "link").symlink_to(plain(folder))
    return folder / "link"


def _of_links(folder: Path, patch) -> Path:
    model = plain(folder)
    (folder / "links").mkdir()
    for path in model.iterdir():
        (folder / "links" / path.name).symlink_to(path)
    return folder / "links"


def _dead_links(folder: Path, patch) -> Path:
    links = _of_links(folder, patch)
    (folder / "my-model" / "model.safetensors").unlink()
    return links


def _file(folder: Path, patch) -> Path:
    return plain(folder) / "model.safetensors"


def _half_configuration(folder: Path, patch) -> Path:
    model = plain(folder)
    cut(model / "config.json", 200)
    return model


def _empty(folder: Path, patch) -> Path:
    (folder / "my-model").mkdir()
    return folder / "my-model"


KINDS = [
    Kind("a folder as transformers 5 writes it", _resaved, shown_as="my-model", check=same_maps),
    Kind(
        "a folder as transformers 4.49 wrote it, settings of the text at the top",
        _flat,
        shown_as="my-model",
        check=same_maps,
    ),
    Kind("a folder as transformers 4.57 wrote it", _of_4_57, shown_as="my-model", check=same_maps),
    Kind("the chat template in tokenizer_config.json", _template_in_tokenizer, shown_as="my-model", check=same_maps),
    Kind("no chat template, as before transformers 4.46", _without_template, "holds no chat template"),
    Kind("a fine-tuned model, with what the trainer left", _trained, shown_as="my-model", check=same_maps),
    Kind("a fine-tuned model, saved without its processor", _without_processor, "lacks preprocessor_config.json, tok"),
    Kind("a trainer's folder of checkpoints", _checkpoints, "folders of models: checkpoint-1000, checkpoint-500"),
    Kind("a link to a folder", _linked, shown_as="my-model", check=same_maps),
    Kind("a folder of links", _of_links, shown_as="links", check=same_maps),
    Kind(
        "a folder of links to files that are away",
        _dead_links,
        "model.safetensors in FOLDER is a link to a file that is away",
    ),
    Kind("a file instead of its folder", _file, "is a file. Give the folder"),
    Kind("a folder that is not there", lambda folder, patch: folder / "my-model", "There is no model folder"),
    Kind("an empty folder", _empty, "holds no config.json"),
    Kind("a config.json that was copied by half", _half_configuration, "cannot be read as JSON"),
    Kind("InternVL's own format", _changed(model_type="internvl_chat"), "Take a folder whose name ends in -hf"),
    Kind("LLaVA's own format", _changed(model_type="llava_llama"), "Take a folder whose name ends in -hf"),
    Kind("a model of text alone", _changed(model_type="qwen2"), "read text alone"),
    Kind("another kind of model", _changed(model_type="idefics3"), "are not supported"),
    Kind("a vision_config that is no section", _changed(vision_config="default"), "cannot be understood"),
]
