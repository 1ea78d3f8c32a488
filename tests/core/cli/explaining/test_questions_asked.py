import json
from pathlib import Path

import pytest

from core.cli.explain_options import build_parser
from core.cli.explaining.questions_asked import DEFAULT_PROMPT, questions
from core.errors import InputError, PromptError


def asked(*arguments):
    options = build_parser().parse_args([*arguments])
    return [(each.image_path, each.prompt, each.folder) for each in questions(options)]


def test_one_question_is_as_it_was():
    assert asked("--image_path", "a.png", "b.png") == [(["a.png", "b.png"], DEFAULT_PROMPT, "")]
    assert asked("--image_path=a.png", "--prompt=What?") == [(["a.png"], "What?", "")]


def test_every_prompt_about_every_picture():
    found = asked("--image_path", "a b.png", "../ü?.jpg", "--each", "--prompt", "One?", "--prompt", "Two?")
    assert found == [
        (["a b.png"], "One?", "001-a_b-prompt-1"),
        (["a b.png"], "Two?", "001-a_b-prompt-2"),
        (["../ü?.jpg"], "One?", "002-prompt-1"),
        (["../ü?.jpg"], "Two?", "002-prompt-2"),
    ]
    assert [each[2] for each in asked("--image_path=a.png", "--prompt=One?", "--prompt=Two?")] == [
        "prompt-1",
        "prompt-2",
    ]


def test_several_answers_are_a_question_for_each_seed():
    drawn = ["--image_path=a.png", "--prompt=What?", "--temperature=0.7", "--answers=3", "--answer-seed=5"]
    found = questions(build_parser().parse_args(drawn))
    assert [(each.answer_seed, each.folder) for each in found] == [(5, "answer-1"), (6, "answer-2"), (7, "answer-3")]
    assert [folder for _, _, folder in asked(*drawn, "--prompt=Where?")][2:4] == [
        "prompt-1-answer-3",
        "prompt-2-answer-1",
    ]
    with pytest.raises(InputError, match="At a temperature of 0 all answers would be the same"):
        asked("--image_path=a.png", "--answers=2")
    with pytest.raises(InputError, match="The number of answers must be"):
        asked("--image_path=a.png", "--answers=0")


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "/", "", "x" * 500, "a\nb", "\udcff", "con"])
def test_folders_have_safe_names_of_their_own(name):
    first, second = (folder for _, _, folder in asked(f"--image_path={name}", f"--image_path={name}", "--each"))
    assert first != second and len(first) < 60 and first.isascii()
    assert (Path("/out") / first).resolve().parent == Path("/out") and first.startswith("001")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prompts.txt", "\ufeffWhere is it?\n\n  在哪里？ \n"),
        ("prompts.csv", "note,prompt\n1,Where is it?\n2,在哪里？\n3,\n"),
        ("prompts.jsonl", '"Where is it?"\n\n{"prompt": "在哪里？", "id": 7}\n'),
    ],
)
def test_prompts_of_a_file_follow_those_that_are_typed(tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    found = asked("--image_path=a.png", "--prompt=First?", f"--prompts={tmp_path / name}")
    assert [prompt for _, prompt, _ in found] == ["First?", "Where is it?", "在哪里？"]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.txt", b" \n", "holds no prompt"),
        ("binary.txt", b"\xff\xfe\x00", "not in UTF-8"),
        ("columns.csv", b"question\nWhat?\n", "names its columns"),
        ("pairs.csv", b"picture,prompt\na.png,What?\n", "python -m dashboard batch"),
        ("quote.csv", b'prompt\n"What?\n', "as a table"),
        ("half.jsonl", b'{"prompt": \n', "Line 1 of"),
        ("other.jsonl", b'"What?"\n{"question": 1}\n', "Line 2 of"),
        ("deep.jsonl", b"[" * 100_000, "no JSON"),
        ("large.txt", b"x" * (2**24 + 1), "larger than 16 MB"),
        ("missing.txt", None, "No such file"),
        ("blank.jsonl", json.dumps(" ").encode(), "prompt is empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_in_a_sentence(tmp_path, name, data, sentence):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises((InputError, PromptError), match=sentence):
        asked("--image_path=a.png", f"--prompts={tmp_path / name}")


def test_more_questions_than_can_be_asked(tmp_path):
    (tmp_path / "many.txt").write_text("What?\n" * 10_001)
    with pytest.raises(InputError, match="10,001 questions"):
        asked("--image_path=a.png", f"--prompts={tmp_path / 'many.txt'}")
