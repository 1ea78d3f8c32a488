"""Parts of processors from folders as people have them."""

import json
import shutil

import pytest
import torch

from core import Explainer
from core.errors import ModelError
from core.inputs.prompt import prepare
from core.models.families.processors import load_components, load_config
from core.models.loading import load_model, wrap_model
from core.models.visual_token_count import most_visual_tokens
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
    with pytest.raises(ModelError, match="holds no chat template"):
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


LONG = "Where is the red square, and what stands beside it? " * 40
CUT = {"direction": "Right", "max_length": 24, "strategy": "LongestFirst", "stride": 0}
FILLED = {
    "strategy": {"Fixed": 2048},
    "direction": "Left",
    "pad_to_multiple_of": 8,
    "pad_id": 0,
    "pad_type_id": 0,
    "pad_token": "<|endoftext|>",
}


@pytest.fixture
def changed(folder_of, tmp_path):
    """(type, file, change of its content) -> a copy of the folder with it."""

    def change_copy(name, file, change):
        folder = shutil.copytree(folder_of(name), tmp_path / f"changed-{name}")
        content = json.loads((folder / file).read_text("utf-8"))
        change(content)
        (folder / file).write_text(json.dumps(content), "utf-8")
        return folder

    return change_copy


@pytest.mark.parametrize("habit", [{"truncation": CUT}, {"padding": FILLED}, {"truncation": CUT, "padding": FILLED}])
def test_what_trainers_leave_in_a_tokenizer_is_not_done(name, family, changed, picture, habit):
    """A question of a thousand tokens comes through whole, and none is filled up."""
    loaded = load_model(changed(name, "tokenizer.json", lambda content: content.update(habit)), device="cpu")
    for prompt in (LONG, "Where?"):
        ours, theirs = (prepare(each, picture, prompt) for each in (family.loaded, loaded))
        assert torch.equal(ours.input_ids, theirs.input_ids) and torch.equal(ours.question, theirs.question)


def test_nor_with_a_processor_that_the_caller_loaded(name, family, folder_of, picture):
    """Whose settings stay as they are."""
    own = family.loaded
    processor = own.family.load_processor(str(folder_of(name)))
    processor.tokenizer.init_kwargs |= {"max_length": 24, "truncation_strategy": "longest_first", "padding": "longest"}
    processor.tokenizer.backend_tokenizer.enable_truncation(24)
    before = dict(processor.tokenizer.init_kwargs)
    theirs = prepare(wrap_model(own.model, processor), picture, LONG)
    assert torch.equal(prepare(own, picture, LONG).input_ids, theirs.input_ids)
    assert processor.tokenizer.init_kwargs == before


@pytest.mark.parametrize(
    "named",
    [
        {"image_processor_type": "Qwen2VLImageProcessorFast"},
        {"image_processor_type": "Qwen2VLImageProcessorPil"},
        {"image_processor_type": "Qwen2_5_VLImageProcessor"},
        {"image_processor_type": None, "feature_extractor_type": "Qwen2VLFeatureExtractor"},
        {"image_processor_type": None},
    ],
)
def test_image_processors_under_other_names(changed, named):
    folder = changed("qwen2_5_vl", "preprocessor_config.json", lambda settings: settings.update(named))
    assert type(load_components(str(folder))[0]).__name__ == "Qwen2VLImageProcessorPil"


def test_an_image_processor_that_nobody_knows(changed):
    change = {"image_processor_type": "MyImageProcessor", "auto_map": {"AutoImageProcessor": "my.MyImageProcessor"}}
    folder = changed("llava", "preprocessor_config.json", lambda settings: settings.update(change))
    with pytest.raises(ModelError, match="image processor MyImageProcessor is not known. Copy"):
        load_model(folder, device="cpu")


def test_settings_of_pictures_that_are_missing(folder_of, tmp_path):
    folder = shutil.copytree(folder_of("qwen2_5_vl"), tmp_path / "bare")
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(ValueError, match="settings of its image processor are missing. Copy"):
        load_components(str(folder))


def test_pixel_bounds_within_the_size(explainer_of, changed, picture):
    def rename(settings):
        settings["size"] = {"min_pixels": settings.pop("min_pixels"), "max_pixels": str(settings.pop("max_pixels"))}

    folder = changed("qwen2_5_vl", "preprocessor_config.json", rename)
    own, other = explainer_of("qwen2_5_vl").loaded, load_model(folder, device="cpu")
    ours, theirs = (prepare(each, picture, "Where?") for each in (own, other))
    assert torch.equal(ours.pixel_values, theirs.pixel_values)
    assert most_visual_tokens([picture.size], folder) == len(theirs.placeholders)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("internvl", ["video_token"]),
        ("internvl", ["video_token", "start_image_token", "end_image_token", "context_image_token"]),
        ("gemma3", ["boi_token", "eoi_token", "image_token"]),
    ],
)
def test_names_of_tokens_that_a_folder_leaves_out(explainer_of, changed, picture, name, names):
    folder = changed(name, "tokenizer_config.json", lambda settings: [settings.pop(each) for each in names])
    ours, theirs = (
        prepare(each, picture, "Where?") for each in (explainer_of(name).loaded, load_model(folder, device="cpu"))
    )
    assert torch.equal(ours.input_ids, theirs.input_ids)


def test_a_tokenizer_without_the_token_is_refused(changed):
    def drop(settings):
        settings.pop("context_image_token")

    folder = changed("internvl", "tokenizer_config.json", drop)
    tokenizer = (folder / "tokenizer.json").read_text("utf-8").replace("<IMG_CONTEXT>", "<OTHER>")
    (folder / "tokenizer.json").write_text(tokenizer, "utf-8")
    with pytest.raises(ModelError, match="no context_image_token, and no token <IMG_CONTEXT> either"):
        load_model(folder, device="cpu")


def test_numbers_written_as_text(explainer_of, changed, picture):
    def spell(config):
        config["num_hidden_layers"] = str(config["num_hidden_layers"])
        config["vision_config"]["depth"] = str(config["vision_config"]["depth"])

    folder = changed("qwen2_5_vl", "config.json", spell)
    assert load_config(folder).vision_config.depth == 2
    again = Explainer.from_pretrained(folder, device="cpu")
    ours, theirs = (
        each.explain(picture, "Where?", num_samples=1, max_new_tokens=2) for each in (explainer_of("qwen2_5_vl"), again)
    )
    assert ours.answer == theirs.answer and (ours.heat == theirs.heat).all()
