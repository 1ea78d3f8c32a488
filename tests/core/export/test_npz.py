"""NPZ and JSON hold all that a result says."""

import io
import json

import numpy as np

from core.export.npz import to_json, to_npz
from core.schema import Answer, ExplainRequest, ExplainResult, Token


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
