"""Several questions in one load of the model, and what a machine reads of them."""

import json

import numpy as np
import pytest

from core.cli.explain import NO_CJK_FONT, main
from core.engine.explainer import Explainer
from core.export.npz_reader import from_npz
from core.inputs.pictures import load_picture
from core.rendering.overlay import overlay
from tests.conftest import encode, gradient_picture

QUICK = ("--num_samples", "1", "--max_new_tokens", "2", "--mode", "combined", "--device", "cpu")


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / "first one.png", tmp_path / "damaged.png", tmp_path / "第三.png"]
    paths[0].write_bytes(encode(gradient_picture(56, 84), "PNG"))
    paths[1].write_bytes(b"no picture")
    paths[2].write_bytes(encode(gradient_picture(84, 56), "PNG"))
    return [str(path) for path in paths]


@pytest.fixture
def loads(explainer, monkeypatch):
    """How often a model is loaded."""
    counted = []
    monkeypatch.setattr(
        Explainer, "from_pretrained", classmethod(lambda cls, card, **_: counted.append(card) or explainer)
    )
    return counted


def lines_of(told):
    return [json.loads(line) for line in told.out.splitlines()]


def test_each_picture_is_asked_by_itself_and_a_bad_one_costs_itself_alone(pictures, tmp_path, capsys, loads):
    arguments = ["explain", *pictures, "--each", "--prompt", "Where?", "--output_dir", str(tmp_path / "out"), *QUICK]
    assert main([*arguments, "--json"]) == 1
    told = capsys.readouterr()
    first, wrong, third = lines_of(told)
    assert len(loads) == 1
    assert "damaged.png" in wrong["error"] and wrong["image_path"] == [pictures[1]] and wrong["prompt"] == "Where?"
    for each, number, name in ((first, 0, "001-first_one"), (third, 2, "003")):
        folder = tmp_path / "out" / "combined" / name
        assert each["image_path"] == [pictures[number]] and each["folder"] == str(folder)
        assert set(each["files"]) == {str(path) for path in folder.rglob("*") if path.is_file()}
        assert str(folder / "result.npz") in each["files"]
        assert isinstance(each["answer"], str) and each["boxes"] == [] and isinstance(each["notes"], list)
        assert each["statistics"][0]["layer"] is None and 0 <= each["statistics"][0]["gini"] <= 1
        assert set(each["seconds"]) == {"answer", "samples"} and each["asked_map"] == ["combined", None]
    assert load_picture(tmp_path / "out" / "combined" / "003" / "original_image.png").size == (56, 84)
    assert "2 of 3: " in told.err and "Answer: " in told.err and "error: damaged.png" in told.err


def test_several_prompts_and_what_is_printed_without_json(pictures, tmp_path, capsys, loads):
    arguments = ["--image_path", pictures[0], "--prompt", "Where?", "--prompt", "在哪里？", *QUICK]
    assert main([*arguments, "--output_dir", str(tmp_path / "out")]) == 0
    told = capsys.readouterr()
    assert len(loads) == 1 and told.out.count("Answer: ") == 2 and "2 of 2: " in told.out and "在哪里？" in told.out
    assert {path.name for path in (tmp_path / "out" / "combined").iterdir()} == {"prompt-1", "prompt-2"}


@pytest.mark.parametrize("has_font", [True, False])
def test_without_a_font_for_its_characters_a_prompt_is_said_to_be_boxes(
    has_font, pictures, tmp_path, capsys, loads, monkeypatch
):
    monkeypatch.setattr("core.cli.explain.has_cjk_font", lambda: has_font)
    arguments = ["--image_path", pictures[0], "--prompt", "在哪里？", "--output_dir", str(tmp_path), "--json", *QUICK]
    assert main(arguments) == 0
    (told,) = lines_of(capsys.readouterr())
    assert (NO_CJK_FONT in told["notes"]) == (not has_font)


def test_several_answers_to_one_question(pictures, tmp_path, capsys, loads):
    arguments = ["--image_path", pictures[0], "--prompt", "Where?", "--output_dir", str(tmp_path / "out"), *QUICK]
    drawn = ["--temperature", "5", "--answers", "3", "--answer_seed", "2"]
    assert main([*arguments, *drawn]) == 0
    printed = capsys.readouterr().out
    answers = [line.removeprefix("Answer: ") for line in printed.splitlines() if line.startswith("Answer: ")]
    assert len(loads) == 1 and len(answers) == 3 and "3 answers to Where?" in printed
    counted = printed[printed.index("3 answers to") :].splitlines()[1:]
    assert sum(int(line.split()[0]) for line in counted) == 3 and len(counted) == len(set(answers))
    for number in (1, 2, 3):
        told = json.loads((tmp_path / "out" / "combined" / f"answer-{number}" / "result.json").read_text())
        assert told["request"].get("answer_seed") == number + 1 and told["request"]["temperature"] == 5
    assert main([*arguments, "--temperature", "5", "--json"]) == 0
    (told,) = lines_of(capsys.readouterr())
    assert (told["temperature"], told["top_p"], told["answer_seed"]) == (5, 1, 0)


def test_files_that_were_there_before_are_not_told_again(pictures, tmp_path, capsys, loads):
    folder = tmp_path / "out" / "combined"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    arguments = ["--image_path", pictures[0], "--prompt", "Where?", "--output_dir", str(tmp_path / "out"), *QUICK]
    assert main([*arguments, "--json"]) == 0
    (told,) = lines_of(capsys.readouterr())
    assert told["files"] and str(folder / "notes.txt") not in told["files"]


def test_the_originals_colours_on_request(pictures, tmp_path, loads):
    arguments = ["--image_path", pictures[0], "--prompt", "Where?", *QUICK, "--output_dir"]
    assert main([*arguments, str(tmp_path / "page")]) == 0
    assert main([*arguments, str(tmp_path / "theirs"), "--colormap", "jet", "--opacity", "0.3", "--even"]) == 0
    page, theirs = (tmp_path / name / "combined" for name in ("page", "theirs"))
    heat, pixels = from_npz((page / "result.npz").read_bytes()).at(), load_picture(pictures[0]).pixels
    for folder, drawn in ((page, overlay(pixels, heat)), (theirs, overlay(pixels, heat, 0.3, "jet", even=True))):
        assert np.array_equal(load_picture(folder / "combined_superimposed.png").pixels, drawn)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--image_path", "/nowhere.png"],
        ["--image_path", "/nowhere.png", "--method", "magic"],
        ["--image_path", "/nowhere.png", "--prompt", " "],
        ["--image_path", "/nowhere.png", "/nowhere.jpg", "--each"],
    ],
)
def test_what_is_wrong_is_an_object_too(wrong, tmp_path, capsys, loads):
    assert main([*wrong, "--json", "--output_dir", str(tmp_path)]) == 2
    told = lines_of(capsys.readouterr())
    assert told and all(each["error"].endswith(".") for each in told) and not loads


@pytest.mark.parametrize("typed", [["--mode", "sideways"], ["--no-such-option"], ["--opacity", "2"], []])
def test_so_is_what_is_typed_wrong(typed, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["explain", *typed, "--json"])
    assert ended.value.code == 2
    assert lines_of(capsys.readouterr())[0]["error"]
