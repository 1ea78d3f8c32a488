"""`--system` and `--messages`, of every command that asks something."""

import argparse
import json

import pytest

from core.cli.conversation_arguments import add_conversation, settle
from core.cli.explain import main
from core.errors import InputError
from core.schema.conversation import Turn
from tests.conftest import encode, gradient_picture

IMAGE = {"type": "image"}
EARLIER = [
    {"role": "user", "content": [IMAGE, {"type": "text", "text": "What is it?"}]},
    {"role": "assistant", "content": "A square."},
]
TURNS = (Turn("user", (0, "What is it?")), Turn("assistant", ("A square.",)))
QUESTION = {"role": "user", "content": "Where?"}


def settled(*arguments, pictures=("a.png",), usual=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--prompt", default=usual)
    parser.add_argument("--picture_after", action="store_true")
    add_conversation(parser)
    options = parser.parse_args(arguments)
    settle(options, pictures, usual)
    return options


def test_without_either_nothing_was_said_before():
    options = settled(usual="Describe it.")
    assert (options.prompt, options.conversation) == ("Describe it.", ())


def test_messages_of_a_file_or_as_they_are(tmp_path):
    file = tmp_path / "messages.json"
    file.write_text(json.dumps([*EARLIER, QUESTION]), "utf-8-sig")
    for given in (str(file), json.dumps([*EARLIER, QUESTION])):
        options = settled("--messages", given, usual="Describe it.")
        assert (options.prompt, options.conversation, options.picture_after) == ("Where?", TURNS, False)


def test_a_prompt_follows_messages_that_ask_nothing():
    options = settled("--messages", json.dumps(EARLIER), "--prompt", "Where?", "--system", "Be brief.")
    assert (options.prompt, options.conversation) == ("Where?", (Turn("system", ("Be brief.",)), *TURNS))
    beside = settled("--messages", json.dumps(EARLIER), "--prompt=Where?", "--picture_after", pictures=("a", "b"))
    assert beside.picture_after and beside.conversation == TURNS
    film = json.dumps([{"role": "user", "content": [{"type": "video"}, {"type": "text", "text": "What?"}]}, EARLIER[1]])
    assert settled("--messages", film, "--prompt=Why?").conversation[0].content == (0, "What?")


WRONG = {
    "no question": ([], "Nothing is asked"),
    "no question behind turns": (["--messages", json.dumps(EARLIER)], "do not end with a question"),
    "two questions": (["--messages", json.dumps([QUESTION]), "--prompt=Why?"], "Leave --prompt out"),
    "no such file": (["--messages", "nowhere.json"], "'nowhere.json' cannot be read: No such file"),
    "no JSON": (["--messages", "[oops"], "are no JSON"),
    "no list": (["--messages", __file__], "are no JSON"),
    "a place too many": (
        ["--messages", json.dumps([*EARLIER, {"role": "user", "content": [IMAGE, IMAGE]}])],
        "3 places",
    ),
    "a blank system prompt": (["--prompt=Why?", "--system", " "], "The system prompt is empty"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_asked_is_a_sentence(wrong):
    arguments, told = WRONG[wrong]
    with pytest.raises(InputError, match=told):
        settled(*arguments)


def test_the_command_explains_the_last_answer(tmp_path, capsys):
    picture, out = tmp_path / "picture.png", tmp_path / "out"
    picture.write_bytes(encode(gradient_picture(56, 84), "PNG"))
    told = ["--messages", json.dumps([*EARLIER, QUESTION]), "--system", "Be brief."]
    asked = ["explain", str(picture), *told, "--max_new_tokens", "2", "--num_samples", "1", "--mode", "single"]
    assert main([*asked, "--output_dir", str(out)]) == 0
    request = json.loads((out / "single" / "result.json").read_text("utf-8"))["request"]
    assert request["prompt"] == "Where?" and [turn["role"] for turn in request["conversation"]] == [
        *("system", "user", "assistant")
    ]
    assert main(["reliance", "--image_path", str(picture)]) == 2
    assert "Nothing is asked" in capsys.readouterr().err
