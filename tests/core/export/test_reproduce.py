"""Command lines and lines of Python that say a request again, whatever a person typed."""

import ast
import shlex
from dataclasses import replace

import numpy as np
import pytest

from core.cli.conversation_arguments import settle
from core.cli.explain import build_parser
from core.cli.explaining.questions_asked import DEFAULT_PROMPT, questions
from core.export.reproduce import command, python_lines, target_options
from core.schema import Answer, ExplainRequest, ExplainResult, Target
from core.schema.conversation import Turn


def make(prompt="Where is it?"):
    request = ExplainRequest(image="a" * 64, prompt=prompt, model="m" * 64, layers=(1, 3), max_pixels=100_000, seed=7)
    heat = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    return ExplainResult(request, Answer("", ()), heat, heat * 2, 10, 8, {})


def test_the_command_says_the_same_request_again():
    nasty = """it's "$(rm -rf /)"; `x` && --mode single"""
    words = shlex.split(command(make(nasty), "my picture.png", "folder"))
    options = build_parser().parse_args(words[3:])
    assert options.prompts == [nasty] and options.image_path == ["my picture.png"] and options.model_path == "folder"
    assert (options.layers, options.num_samples, options.seed, options.max_pixels) == ([1, 3], 10, 7, 100_000)
    assert (options.method, options.tap, options.noise_std) == ("gradient_deviation", "input", 0.15)


def test_a_drawn_answer_is_drawn_again():
    request = replace(make().request, temperature=0.7, top_p=0.9, answer_seed=5)
    options = build_parser().parse_args(shlex.split(command(replace(make(), request=request), "x.png"))[3:])
    assert (options.temperature, options.top_p, options.answer_seed) == (0.7, 0.9, 5)
    assert "--temperature" not in command(make(), "x.png") and "temperature" not in python_lines(make(), "x.png")


def test_a_prompt_like_an_option_is_still_a_prompt():
    words = shlex.split(command(make("--mode"), "-x.png"))
    options = build_parser().parse_args(words[3:])
    assert options.prompts == ["--mode"] and options.image_path == ["-x.png"]


def test_several_pictures_and_their_position_are_said_again():
    several = make().request.of_picture(0)
    several = replace(several, images=("a" * 64, "b" * 64), picture_first=False)
    result, names = replace(make(), request=several), ["a 1.png", "-b.jpg"]
    options = build_parser().parse_args(shlex.split(command(result, names))[3:])
    assert options.image_path == names and options.picture_after and options.prompts == [several.prompt]
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
        Target.thought(),
        Target.contrast(3, "blue", sentence="It is \\ red."),
    ],
)
def test_the_python_lines_say_the_same_request_again(target):
    result = make("\"\"\" ' + __import__('os').getcwd() + ' \n{braces} 左上")
    drawn = {"temperature": 0.7, "top_p": 0.9, "answer_seed": 5}
    request = replace(result.request, target=target, max_pixels=28 * 28 * 16, seed=7, **drawn)
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


@pytest.mark.parametrize(
    ("target", "options"),
    [
        (Target.answer(), []),
        (Target.tokens(2, None), ["--tokens", "2"]),
        (Target.tokens(2, 5, score="margin"), ["--tokens", "2", "5", "--score", "margin"]),
        (Target.words("red", 2), ["--words=red", "--occurrence", "2"]),
        (Target.thought(score="margin"), ["--target", "thought", "--score", "margin"]),
        (Target.contrast(1, "blue", sentence="-x"), ["--position", "1", "--instead=blue", "--text=-x"]),
    ],
)
def test_options_of_a_target(target, options):
    assert target_options(target) == options


@pytest.mark.parametrize(
    ("most", "rows", "images", "said"),
    [
        (100_000, 2, (), 100_000),
        (None, 2, (), None),
        (None, 700, (), "off"),  # 2,100 cells: the command line would keep the picture to fewer
        (None, 2, ("a" * 64, "b" * 64), "off"),  # together they may have too many
    ],
)
def test_the_command_sees_the_picture_as_the_run_did(most, rows, images, said):
    result = make()
    heat = np.ones((2, rows, 3), np.float32)
    request = replace(result.request, max_pixels=most, images=images)
    result = replace(result, request=request, heat=heat, squared_deviation=heat)
    words = shlex.split(command(result, ["a.png", "b.png"][: max(1, len(images))]))
    assert build_parser().parse_args(words[3:]).max_pixels == said


EARLIER = (Turn("user", (0, 'it\'s "left"?')), Turn("assistant", ("--A 'square'.",)))
CONVERSATIONS = {
    "a system prompt": (Turn("system", ("Be brief.",)),),
    "turns": EARLIER,
    "both": (Turn("system", ("Be brief.",)), *EARLIER),
    "a message with more in it": (
        *EARLIER,
        Turn(
            "user",
            (
                1,
                "Look.",
            ),
        ),
    ),
}


@pytest.mark.parametrize("picture_first", [True, False])
@pytest.mark.parametrize("turns", CONVERSATIONS)
def test_what_was_said_before_is_said_again(turns, picture_first):
    images = ("a" * 64, "b" * 64, "c" * 64)
    changes = {"images": images, "conversation": CONVERSATIONS[turns], "picture_first": picture_first}
    request = replace(make("And -right?").request, **changes)
    result, names = replace(make(), request=request), ["a.png", "-b.png", "c.png"]
    (options,) = questions(build_parser().parse_args(shlex.split(command(result, names))[3:]))
    settle(options, options.image_path, DEFAULT_PROMPT)
    assert (options.prompt, options.conversation) == (request.prompt, request.conversation)
    assert options.image_path == names and options.picture_after == (not request.picture_first)
    names_known = {"Turn": Turn, "Explainer": Recorded}
    lines = python_lines(result, names).replace("from core import Explainer, Turn", "")
    exec(lines, names_known)  # noqa: S102 - what people copy and run
    given = names_known["result"]
    assert given["arguments"] == (names, request.prompt) and tuple(given["conversation"]) == request.conversation


class Recorded:
    """An explainer that tells what it was asked."""

    @classmethod
    def from_pretrained(cls):
        return cls()

    def explain(self, *arguments, **options):
        return {"arguments": arguments} | options
