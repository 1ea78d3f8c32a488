import ast
import io
import json
import shlex
from dataclasses import replace

import numpy as np
import pytest

from core.cli.explain import build_parser
from core.export.npz import to_json, to_npz
from core.export.reproduce import command, python_lines
from core.schema import Answer, ExplainRequest, ExplainResult, Token
from core.schema.target import Target


def make(prompt="Where is it?"):
    request = ExplainRequest(image="a" * 64, prompt=prompt, model="m" * 64, layers=(1, 3), max_pixels=100_000, seed=7)
    heat = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    answer = Answer("左上", (Token(3, "左", 0.5, (("右", 0.25),), 0, 1), Token(4, "上", 0.75, (), 1, 2)))
    return ExplainResult(request, answer, heat, heat * 2, 10, 8, {"answer": 0.5, "samples": 1.5})


def test_npz_holds_the_raw_numbers_and_no_objects():
    result = make()
    with np.load(io.BytesIO(to_npz(result)), allow_pickle=False) as archive:
        assert np.array_equal(archive["heat"], result.heat) and np.array_equal(archive["stderr"], result.stderr)
        assert archive["layers"].tolist() == [1, 3]
        assert json.loads(str(archive["description"]))["answer"] == "左上"


def test_json_tells_everything_else():
    told = json.loads(to_json(make()))
    assert ExplainRequest.from_dict(told["request"]) == make().request
    assert told["tokens"][0] == {
        "id": 3,
        "text": "左",
        "start": 0,
        "stop": 1,
        "probability": 0.5,
        "alternatives": [["右", 0.25]],
    }
    assert told["grid"] == {"rows": 2, "columns": 3} and told["num_samples"] == 10
    assert set(told["concentration"]["gini"]) == {"1", "3"} and "equation" in told["method"]


def test_the_command_says_the_same_request_again():
    nasty = """it's "$(rm -rf /)"; `x` && --mode single"""
    words = shlex.split(command(make(nasty), "my picture.png", "folder"))
    options = build_parser().parse_args(words[3:])
    assert options.prompt == nasty and options.image_path == ["my picture.png"] and options.model_path == "folder"
    assert (options.layers, options.num_samples, options.seed, options.max_pixels) == ([1, 3], 10, 7, 100_000)
    assert (options.method, options.tap, options.noise_std) == ("gradient_deviation", "input", 0.15)


def test_a_prompt_like_an_option_is_still_a_prompt():
    words = shlex.split(command(make("--mode"), "-x.png"))
    options = build_parser().parse_args(words[3:])
    assert options.prompt == "--mode" and options.image_path == ["-x.png"]


def test_several_pictures_and_their_place_are_said_again():
    several = make().request.of_picture(0)
    several = replace(several, images=("a" * 64, "b" * 64), picture_first=False)
    result, names = replace(make(), request=several), ["a 1.png", "-b.jpg"]
    options = build_parser().parse_args(shlex.split(command(result, names))[3:])
    assert options.image_path == names and options.picture_after and options.prompt == several.prompt
    (call,) = [
        node for node in ast.walk(ast.parse(python_lines(result, names))) if isinstance(node, ast.Call) and node.args
    ]
    assert ast.literal_eval(call.args[0]) == names
    assert [ast.literal_eval(word.value) for word in call.keywords if word.arg == "picture_first"] == [False]
    assert not build_parser().parse_args(shlex.split(command(make(), "x.png"))[3:]).picture_after


@pytest.mark.parametrize(
    "target",
    [
        Target.answer(),
        Target.tokens(0, 1, score="margin"),
        Target.words("a 'quoted' word", 2),
        Target.contrast(3, "blue", sentence="It is \\ red."),
    ],
)
def test_the_python_lines_say_the_same_request_again(target):
    result = make("\"\"\" ' + __import__('os').getcwd() + ' \n{braces} 左上")
    request = replace(result.request, target=target, max_pixels=28 * 28 * 16, seed=7)
    lines = python_lines(replace(result, request=request), "it's.png", "org/model")
    (call,) = [node for node in ast.walk(ast.parse(lines)) if isinstance(node, ast.Call) and len(node.args) == 2]
    assert [ast.literal_eval(argument) for argument in call.args] == ["it's.png", request.prompt]
    told = {word.arg: word.value for word in call.keywords}
    parts = told.pop("target").keywords if "target" in told else []
    fields = {part.arg: ast.literal_eval(part.value) for part in parts}
    values = {name: ast.literal_eval(value) for name, value in told.items()}
    values["layers"] = tuple(values["layers"])
    assert replace(request, target=Target(**fields), **values) == request
    assert Target(**fields) == target and (values["seed"], values["max_pixels"]) == (7, 28 * 28 * 16)
    assert "Explainer.from_pretrained('org/model')" in lines
