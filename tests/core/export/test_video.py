"""Results about videos as files: numbers, time steps, tables and command come back or stand there."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from core import InputError
from core.analysis.concentration import gini
from core.analysis.time.shares import share_errors
from core.export.npz import describe, to_npz
from core.export.npz_reader import from_npz
from core.export.reproduce import command, python_lines
from core.export.tables import heat_csv, steps_csv
from core.schema import Answer, ExplainRequest, ExplainResult, TimeStep, Token, gather

STEPS = (TimeStep(0.0, 0.1 + 0.2), TimeStep(0.1 + 0.2, 1.5))


def make() -> ExplainResult:
    request = ExplainRequest(image="a" * 64, frames=4, prompt="When?", model="m" * 64, layers=(1, 3))
    heat = np.arange(24, dtype=np.float32).reshape(2, 2, 2, 3)
    answer = Answer("now", (Token(3, "now", 0.5, (), 0, 3),))
    main = ExplainResult(request, answer, heat, heat * 2, 10, 8, {"samples": 1 / 3}, steps=STEPS)
    combined = request.with_method("combined", ())
    return gather([main, ExplainResult(combined, answer, heat[:1], heat[1:], 10, 8, {"samples": 0.7}, steps=STEPS)])


def spoilt(change) -> bytes:
    """The export, with its arrays changed."""
    arrays = dict(np.load(io.BytesIO(to_npz(make()))))
    change(arrays)
    data = io.BytesIO()
    np.savez(data, **arrays)
    return data.getvalue()


def told(arrays: dict, **changes) -> None:
    arrays["description"] = np.array(json.dumps(json.loads(str(arrays["description"])) | changes))


def test_a_result_about_a_video_comes_back_bit_for_bit():
    result = make()
    found = from_npz(to_npz(result))
    assert found.request == result.request and found.steps == STEPS
    assert found.heat.shape == (2, 2, 2, 3)
    assert found.heat.tobytes() == result.heat.tobytes()
    assert found.squared_deviation.tobytes() == result.squared_deviation.tobytes()
    assert found.of("combined").heat.tobytes() == result.of("combined").heat.tobytes()
    assert found.of("combined").steps == STEPS
    arrays = np.load(io.BytesIO(to_npz(result)))
    assert arrays["steps"].tolist() == [[0.0, 0.1 + 0.2], [0.1 + 0.2, 1.5]]


def test_the_description_tells_where_heat_lies_over_all_steps():
    told = describe(make())
    assert told["request"]["frames"] == 4 and told["steps"] == [[0.0, 0.1 + 0.2], [0.1 + 0.2, 1.5]]
    assert told["concentration"]["gini"]["1"] == pytest.approx(float(gini(make().heat[0], axes=3)))
    assert set(told["concentration"]["gini"]) == {"1", "3"}
    json.dumps(told, allow_nan=False)


WRONG = {
    "a map of a picture": lambda arrays: arrays.update(heat=arrays["heat"][:, 0]),
    "a step less": lambda arrays: told(arrays, steps=[[0.0, 1.5]]),
    "no steps": lambda arrays: told(arrays, steps=[]),
    "steps back in time": lambda arrays: told(arrays, steps=[[1.0, 1.5], [0.0, 1.0]]),
    "steps that end before they begin": lambda arrays: told(arrays, steps=[[1.0, 0.5], [1.0, 1.5]]),
    "a text": lambda arrays: told(arrays, steps=[["0", 1.0], [1.0, 1.5]]),
    "three times": lambda arrays: told(arrays, steps=[[0.0, 1.0, 2.0]] * 2),
    "many": lambda arrays: told(arrays, steps=[[0.0, 1.0]] * 1000),
    "a mean and a deviation that differ": lambda arrays: arrays.update(squared_deviation=arrays["heat"][:, :1]),
}


@pytest.mark.parametrize("how", WRONG)
def test_what_no_export_wrote_is_refused_in_a_sentence(how):
    with pytest.raises(InputError, match=r"\.$"):
        from_npz(spoilt(WRONG[how]))


def test_tables_have_steps_and_seconds():
    rows = list(csv.DictReader(io.StringIO(heat_csv(make()))))
    assert list(rows[0]) == ["method", "layer", "step", "start", "end", "row", "column", "heat", "stderr"]
    assert len(rows) == 3 * 2 * 6
    assert [rows[7][name] for name in ("layer", "step", "start", "end", "row", "column", "heat")] == [
        *("1", "1", "0.3", "1.5", "0", "1", "7")
    ]
    shares = list(csv.DictReader(io.StringIO(steps_csv(make()))))
    assert [float(row["share"]) for row in shares[:2]] == pytest.approx([15 / 66, 51 / 66])
    assert [row["method"] for row in shares] == ["gradient_deviation"] * 4 + ["combined"] * 2
    assert [(row["peak_row"], row["peak_column"]) for row in shares[:2]] == [("1", "2")] * 2
    assert [float(row["stderr"]) for row in shares[:2]] == pytest.approx(share_errors(make().heat[0], make().stderr[0]))
    blank = replace(make(), heat=np.zeros((2, 2, 2, 3), np.float32), companions={})
    assert [row["share"] for row in csv.DictReader(io.StringIO(steps_csv(blank)))] == ["0"] * 4


def test_it_is_computed_again_from_its_stored_frames():
    assert command(make(), "video.zip").startswith("python -m core --image_path=video.zip '--prompt=When?' --mode")
    lines = python_lines(make(), "video.zip")
    compile(lines, "lines", "exec")
    assert "    video='video.zip',\n    prompt='When?'," in lines
