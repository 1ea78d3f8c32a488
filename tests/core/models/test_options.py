import json

import pytest

from core.errors import ModelError
from core.models.options import ModelOptions, model_options, split_options, with_options


def test_a_plain_name_has_no_options():
    name, options = split_options("Qwen/Qwen2.5-VL-3B-Instruct")
    assert name == "Qwen/Qwen2.5-VL-3B-Instruct" and not options and str(options) == ""


def test_options_follow_a_name_in_any_order():
    name, options = split_options(" /models/qwen ; device_map=auto;4bit; adapter=/models/my tuning ")
    assert name == "/models/qwen"
    assert options == ModelOptions("4bit", "auto", "/models/my tuning")
    assert with_options(name, options) == "/models/qwen;4bit;device_map=auto;adapter=/models/my tuning"
    assert split_options(with_options(name, options)) == (name, options)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("m;5bit", "The option '5bit' of the model 'm' is not known. There are 4bit, 8bit, device_map=..."),
        ("m;device_map", "The option 'device_map' of the model 'm' is not known."),
        ("m;adapter=", "The option 'adapter=' of the model 'm' is not known."),
        ("m;4bit;8bit", "quantisation is given twice: '4bit' and '8bit'"),
        ("m;device_map=gpu", "There is no device map 'gpu'. Choose one of auto, balanced"),
        ("m;device_map=/nowhere.json", "The device map '/nowhere.json' cannot be read as JSON"),
        (";4bit", "have no model. Write its name before them"),
    ],
)
def test_a_mistake_is_one_sentence(choice, sentence):
    with pytest.raises(ModelError) as error:
        split_options(choice)
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_a_map_is_given_as_a_file_or_as_its_content(tmp_path):
    path, given = tmp_path / "map.json", {"model.visual": 0, "lm_head": "cpu"}
    path.write_text(json.dumps(given))
    _, options = split_options(f"m;device_map={path}")
    assert options.device_map == str(path) and options.placement() == given
    same = model_options(device_map=given)
    assert same.placement() == given and hash(same) and str(same) == "device_map=<2 modules>"
    assert model_options(device_map="auto").placement() == "auto" and ModelOptions().placement() is None


@pytest.mark.parametrize("content", [[], {}, {"lm_head": True}, {"lm_head": "attic"}, {"lm_head": 1.5}])
def test_what_is_no_map_is_refused(content, tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ModelError, match="must name modules and where they lie"):
        split_options(f"m;device_map={path}")


@pytest.mark.parametrize("arguments", [{"quantisation": "3bit"}, {"adapter": ""}, {"adapter": 5}, {"device_map": 0}])
def test_arguments_are_checked(arguments):
    with pytest.raises(ModelError):
        model_options(**arguments)


def test_what_is_said_twice_alike_is_said_once():
    assert ModelOptions("4bit").joined(ModelOptions("4bit", "auto")) == ModelOptions("4bit", "auto")


def test_where_layers_lie_changes_no_number():
    assert ModelOptions("8bit", "auto", "/a").lasting == ModelOptions("8bit", None, "/a")
