"""Heads and the logit lens as files: everything is in them, exactly, and nothing that a spreadsheet would run."""

import csv
import io
import json

import numpy as np
import pytest

from core import Answer, ExplainRequest, HeadMaps, LogitLens
from core.export.readings import describe_heads, describe_lens, heads_npz, lens_csv, numbers

REQUEST = ExplainRequest(image="i", prompt="x", model="m", layers=(1, 3), method="attention", noise_std=0.0)


@pytest.fixture
def maps():
    rng = np.random.default_rng(0)
    tables = (rng.random((2, 3), np.float32) for _ in range(3))
    return HeadMaps(REQUEST, Answer("red", ()), rng.random((2, 3, 2, 4), np.float32), *tables, 5)


@pytest.fixture
def lens():
    ids = np.full((2, 1, 2, 2), -1, np.int32)
    ids[:, 0, 0] = [[4, 5], [5, 4]]
    chances = np.where(ids < 0, 0, np.float32([0.7, 0.1])).astype(np.float32)
    return LogitLens(REQUEST, ids, chances, {4: "=1+1", 5: " red\u200b"}, 5)


def test_the_archive_holds_all_numbers_of_heads(maps):
    with np.load(io.BytesIO(heads_npz(maps)), allow_pickle=False) as found:
        assert found["layers"].tolist() == [1, 3]
        names = ("heat", "picture_share", "sink_share", "agreement")
        assert all(np.array_equal(found[name], getattr(maps, name)) for name in names)


def test_heads_in_words_are_plain_values(maps):
    told = json.loads(json.dumps(describe_heads(maps, most=4)))
    assert told["layers"] == [1, 3] and told["heads"] == 3 and told["grid"] == {"rows": 2, "columns": 4}
    assert np.array_equal(np.float32(told["agreement"]), maps.agreement)
    assert [(each["layer"], each["head"]) for each in told["best"]] == maps.ordered()[:4]
    best = told["best"][0]
    assert {name: best[name] for name in ("agreement", "picture_share", "sink_share")} == numbers(
        maps, best["layer"], best["head"]
    )


def test_a_lens_in_words_is_of_one_cell_or_of_all(lens):
    one, every = (json.loads(json.dumps(describe_lens(lens, cell))) for cell in ((0, 0), None))
    assert len(one["cells"]) == 1 and len(every["cells"]) == 2
    assert one["cells"][0] == every["cells"][0] and every["cells"][1]["layers"] == {"1": [], "3": []}
    assert one["cells"][0]["layers"]["3"][0] == {"id": 5, "text": " red\u200b", "probability": pytest.approx(0.7)}


def test_a_table_of_tokens_runs_nothing(lens):
    rows = list(csv.DictReader(io.StringIO(lens_csv(lens))))
    assert [(row["layer"], row["rank"], row["id"]) for row in rows] == [
        ("1", "1", "4"),
        ("1", "2", "5"),
        ("3", "1", "5"),
        ("3", "2", "4"),
    ]
    assert rows[0]["token"] == "'=1+1" and rows[1]["token"] == " red\u200b"
    assert np.float32(rows[0]["probability"]) == np.float32(0.7)
