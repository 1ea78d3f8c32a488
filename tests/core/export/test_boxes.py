"""Boxes of an answer in JSON and CSV, and how the model saw the picture, which comes back."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.boxes import boxes_of
from core.errors import InputError
from core.export.boxes import boxes_csv
from core.export.npz import to_json, to_npz
from core.export.npz_reader import from_npz
from core.schema import ExplainRequest, ExplainResult, gather
from core.schema.box_conventions import SeenPicture
from tests.core.analysis.boxes.answers import answer_of
from tests.some import some

TEXT = (
    '[{"bbox_2d": [0, 0, 500, 500], "label": "=cat"}, {"point_2d": [900, 900]}, {"bbox_2d": [2000, 2000, 3000, 3000]}]'
)


QWEN3 = SeenPicture("qwen3_vl", (400, 200))


def make(text=TEXT, seen=QWEN3, **changes):
    request = ExplainRequest(image="a" * 64, prompt="Where?", model="m" * 64, layers=(1, 3), **changes)
    heat = np.zeros((2, 4, 4), np.float32)
    heat[0, 0, 0], heat[1, 3, 3] = 1, 1
    combined = request.with_method("combined", ())
    answer = answer_of(text)
    return gather(
        [
            ExplainResult(request, answer, heat, heat * 0, 10, 8, {}, seen=seen),
            ExplainResult(combined, answer, heat[:1], heat[:1] * 0, 10, 8, {}, seen=seen),
        ]
    )


def test_json_tells_of_each_box_and_the_heat_of_the_asked_map_in_it():
    cat, point, outside = json.loads(to_json(make()))["boxes"]
    assert cat["kind"] == "box" and cat["label"] == "=cat" and cat["written"] == [0, 0, 500, 500]
    assert cat["pixels"] == {"left": 0, "top": 0, "right": 200, "bottom": 100}
    assert cat["share_of_heat"] == 1 and cat["lift"] == 4
    assert TEXT[slice(*cat["characters"])] == "[0, 0, 500, 500]"
    assert point["pixels"] == {"x": 360, "y": 180} and point["share_of_heat"] == 0 and point["overlap"] is None
    assert outside["pixels"] is None and outside["notes"] == ["It lies outside of the picture."]
    assert "share_of_heat" not in outside


def test_an_answer_without_boxes_is_described_as_before():
    told = json.loads(to_json(make("A cat.")))
    assert not {"boxes", "boxes_notes"} & told.keys() and boxes_csv(make("A cat.")) == ""


@pytest.mark.parametrize(
    "seen", [SeenPicture("qwen2_5_vl", (407, 663), (420, 672)), SeenPicture("gemma3", (4, 5)), None]
)
def test_how_the_model_saw_the_picture_comes_back(seen):
    result = make(seen=seen)
    read = from_npz(to_npz(result))
    assert read.seen == seen and read.combined.shape == (4, 4) and read.of("combined").seen == seen
    assert boxes_of(read) == boxes_of(result)


def test_so_it_does_of_several_pictures():
    names = ("a" * 64, "b" * 64)
    first = make(images=names)
    other = SeenPicture("qwen3_vl", (40, 20))
    second = [
        replace(each, request=each.request.of_picture(1), seen=other, companions={})
        for each in (first, *first.companions.values())
    ]
    read = from_npz(to_npz(gather([first, *first.companions.values(), *second])))
    assert [each.seen for each in read.pictures] == [first.seen, other]


@pytest.mark.parametrize("size", [[0, 4], [1], [1.5, 2], ["a", "b"], [True, 3], [2**40, 1]])
def test_a_forged_size_is_refused(size):
    told = json.loads(to_json(make()))
    told["seen"]["size"] = size
    with pytest.raises(InputError, match="its description cannot be read: seen size"):
        from_npz(with_description(to_npz(make()), told))


def with_description(data, told):
    with np.load(io.BytesIO(data)) as archive:
        arrays = dict(archive)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays | {"description": np.array(json.dumps(told))})
    return file.getvalue()


def test_csv_has_a_line_for_each_box_and_map():
    lines = list(csv.DictReader(io.StringIO(boxes_csv(make()))))
    assert len(lines) == 3 * 3
    assert [(line["box"], line["method"], line["layer"]) for line in lines[:3]] == [
        ("1", "gradient_deviation", "1"),
        ("1", "gradient_deviation", "3"),
        ("1", "combined", ""),
    ]
    assert lines[0]["label"] == "'=cat" and lines[0]["right"] == "200.00"
    assert [line["share_of_heat"] for line in lines[:3]] == ["1", "0", "1"]
    for line in some(lines[3:6]):
        assert (line["kind"], line["left"], line["top"], line["right"]) == ("point", "360.00", "180.00", "")
    for line in some(lines[6:]):
        assert line["left"] == line["share_of_heat"] == "" and line["notes"] == "It lies outside of the picture."
    unknown = list(csv.DictReader(io.StringIO(boxes_csv(make(seen=None)))))
    assert unknown[0]["left"] == "" and unknown[0]["notes"].startswith("How the model saw the picture was not kept")
