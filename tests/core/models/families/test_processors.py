"""Parts of processors from folders as people have them."""

import json
import shutil

import pytest

from core import Explainer
from core.errors import ModelError
from core.models.families.processors import load_components
from tests.core.models.families.checkpoints import RECIPES


def test_parts_are_those_of_the_folder(name, folder_of):
    image_processor, tokenizer, template, settings = load_components(str(folder_of(name)))
    assert type(image_processor).__name__.endswith("Pil")
    assert template == RECIPES[name].template and len(tokenizer) > 300
    wanted = {key: value for key, value in RECIPES[name].processor.items() if key != "processor_class"}
    assert settings == wanted


def test_the_template_may_stand_in_the_tokenizers_settings(name, folder_of, tmp_path):
    folder = shutil.copytree(folder_of(name), tmp_path / "old")
    for file in ("chat_template.json", "chat_template.jinja"):
        (folder / file).unlink(missing_ok=True)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["chat_template"] = RECIPES[name].template
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    assert load_components(str(folder))[2] == RECIPES[name].template


def test_folders_without_a_tokenizer(name, folder_of, tmp_path):
    folder = shutil.copytree(folder_of(name), tmp_path / "bare")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (folder / file).unlink()
    with pytest.raises(ModelError, match="tokenizer"):
        Explainer.from_pretrained(folder, device="cpu")


def test_folders_without_a_template(name, folder_of, tmp_path):
    folder = shutil.copytree(folder_of(name), tmp_path / "bare")
    for file in ("chat_template.json", "chat_template.jinja"):
        (folder / file).unlink(missing_ok=True)
    with pytest.raises(ModelError, match="chat template is missing"):
        Explainer.from_pretrained(folder, device="cpu")


def test_folders_saved_by_transformers_load_again(name, explainer_of, picture, tmp_path):
    """Its own layout of today: settings of the image processor inside the processor's, other names of weights."""
    loaded = explainer_of(name).loaded
    loaded.model.save_pretrained(tmp_path)
    loaded.processor.save_pretrained(tmp_path)
    again = Explainer.from_pretrained(tmp_path, device="cpu")
    assert again.loaded.processor.chat_template == loaded.processor.chat_template
    ours, theirs = (
        each.explain(picture, "Where?", num_samples=1, max_new_tokens=3) for each in (explainer_of(name), again)
    )
    assert ours.answer == theirs.answer and (ours.heat == theirs.heat).all()
