"""`--prompt-words` beside a run: printed, and as files that can be read again."""

import csv
import json

import pytest

from core import ExplainRequest
from core.cli.explain import main
from core.schema.readings.prompt_heat import PromptHeat
from tests.conftest import encode, gradient_picture


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(encode(gradient_picture(120, 200), "PNG"))
    return str(path)


def test_shares_are_printed_and_written(picture, tmp_path, capsys):
    asked = [
        "--image_path",
        picture,
        picture,
        "--prompt",
        "红色圆形在哪里？",
        "--mode",
        "combined",
        "--num_samples",
        "1",
    ]
    assert main([*asked, "--max_new_tokens", "3", "--prompt-words", "--output_dir", str(tmp_path / "out")]) == 0
    folder = tmp_path / "out" / "combined"
    values = json.loads((folder / "prompt_words.json").read_text("utf-8"))
    heat = PromptHeat.from_dict(values)
    request = ExplainRequest.from_dict(values["request"])
    assert request.prompt == "红色圆形在哪里？" == "".join(word.text for word in heat.words)
    assert len(heat.picture_shares()) == len(request.all_images) == 2
    assert heat.answer == json.loads((folder / "result.json").read_text("utf-8"))["answer"]
    with open(folder / "prompt_words.csv", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert len(table) == heat.total_layers * (2 + 3 + len(heat.words))
    printed = capsys.readouterr().out
    assert f"prompt    {heat.shares()['prompt']:7.1%}" in printed and "picture 2" in printed


def test_without_it_nothing_is_read_or_written(picture, tmp_path, capsys):
    asked = ["--image_path", picture, "--mode", "combined", "--num_samples", "1", "--max_new_tokens", "1"]
    assert main([*asked, "--output_dir", str(tmp_path / "out")]) == 0
    assert not list((tmp_path / "out").rglob("prompt_words*")) and "Shares" not in capsys.readouterr().out
