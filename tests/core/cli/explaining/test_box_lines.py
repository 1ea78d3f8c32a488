"""Boxes of an answer on the command line: printed, and in result.json."""

import json

import numpy as np
from PIL import Image

from core.cli.explain import main
from core.cli.explaining.box_lines import boxes_table
from core.schema import ExplainRequest, ExplainResult
from core.schema.box_conventions import SeenPicture
from tests.core.analysis.boxes.answers import answer_of


def result_of(text, seen):
    request = ExplainRequest(image="a", prompt="?", model="m", layers=(0,))
    heat = np.zeros((1, 4, 4), np.float32)
    heat[0, 0, 0] = 1
    return ExplainResult(request, answer_of(text), heat, heat * 0, 1, 8, {}, seen=seen)


def test_boxes_are_lines_and_other_answers_none():
    text = '[{"bbox_2d": [500, 0, 0, 500], "label": "a\u202ecat"}, {"point_2d": [900, 900]}, {"bbox_2d": [1, 2, 3]}]'
    lines = boxes_table(result_of(text, SeenPicture("qwen3_vl", (400, 200)))).splitlines()
    assert lines[0] == "boxes, in pixels of the picture"
    assert lines[1].split()[:5] == ["1", "0", "0", "200", "100"] and "100.0% of the heat, lift 4.00" in lines[1]
    assert "\u202e" not in lines[1] and "the other way round" in lines[2]
    assert lines[3].split()[:3] == ["2", "360", "180"] and "overlap" not in lines[3]
    assert lines[4].startswith("Left out: 1 with another number")
    assert "no place in the picture" in boxes_table(result_of(text, None))
    assert boxes_table(result_of("A cat.", None)) == ""


def test_a_sentence_with_boxes(tmp_path, capsys):
    """The embedded model takes a picture of 224 x 168 as it is: what is written are pixels of it."""
    path = tmp_path / "picture.png"
    Image.new("RGB", (224, 168), (40, 90, 160)).save(path)
    sentence = '{"bbox_2d": [28, 56, 112, 140], "label": "sea"}'
    options = ["--image_path", str(path), "--prompt", "Detect it.", "--text", sentence, "--num_samples", "1"]
    assert main([*options, "--mode", "single", "--layer", "5", "--output_dir", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out" / "single" / "result.json").read_text())
    [box] = told["boxes"]
    assert box["pixels"] == {"left": 28, "top": 56, "right": 112, "bottom": 140} and box["label"] == "sea"
    assert told["seen"] == {"model_type": "qwen2_5_vl", "size": [224, 168], "seen": [224, 168]}
    assert 0 <= box["share_of_heat"] <= 1 and box["share_of_picture"] == 84 * 84 / (224 * 168)
    assert "    1  28 56 112 140" in capsys.readouterr().out
