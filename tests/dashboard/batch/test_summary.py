"""What came of a batch, as a table for a spreadsheet."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from cache.batches.batch import Row
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.batch.summary import COLUMNS, Ending, run_address, summary_csv
from dashboard.batch.table import read_pairs

ROW = Row(1, "=cmd.png", "digest", "Where?", "red")


def table(*endings, results, base=""):
    data = summary_csv(endings, results, base)
    assert data.startswith(b"\xef\xbb\xbf")  # Excel's mark
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_row_that_failed_says_why_and_has_no_figures(storage):
    (line,) = table((Ending(ROW, "failed", "-broken"), None), results=storage.results)
    assert tuple(line) == COLUMNS
    assert (line["row"], line["picture"], line["phrase"], line["problem"]) == ("1", "'=cmd.png", "red", "'-broken")
    assert {line[name] for name in ("answer", "seconds", "run", "address", "samples", "recommended layer", "map")} == {
        ""
    }


def test_a_row_that_is_computed_has_the_figures_of_its_combined_map(ask, explain, storage):
    request = ask(num_samples=3).request
    result = gather([explain(each) for each in whole_run(request)])
    storage.results.put(result)
    ending = Ending(ROW, "computed", run_id="0" * 16, seconds=1.25)
    (line,) = table((ending, request), results=storage.results, base="https://maps.example/")
    assert (line["answer"], line["seconds"], line["samples"]) == ("right", "1.250", "3")
    assert line["address"] == "https://maps.example/compute?run=0000000000000000"
    # The right one of three columns has 4.1 of heat in each row, the others 0.1: six cells, of which 0.6 are a tenth.
    heat = np.array([0.1, 0.1, 4.1] * 2) / 8.6
    assert float(line["share of hottest 10 %"]) == pytest.approx(float(heat.max()) * 0.6, abs=1e-4)
    assert float(line["normalised entropy"]) == pytest.approx(-(heat * np.log(heat)).sum() / np.log(6), abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "combined"),
        ({"method": "gradcam"}, "gradcam, layer 2"),
        ({"part": "tower"}, "gradient_deviation, block 2"),
        ({"method": "tam", "layers": ()}, "tam"),
    ],
)
def test_the_figures_are_of_the_map_that_was_asked_for(ask, explain, storage, changes, name):
    request = ask(**{"layers": (2, 3)} | changes).request
    own, *beside = [explain(each) for each in whole_run(request)]
    even = [replace(each, heat=np.ones_like(each.heat)) for each in beside]
    if name == "combined":
        own, even = replace(own, heat=np.ones_like(own.heat)), beside
    storage.results.put(gather([own, *even]))
    (line,) = table((Ending(ROW, "computed"), request), results=storage.results)
    assert line["map"] == name
    assert float(line["normalised entropy"]) < 0.9  # an even map's is 1


def test_a_run_is_read_whole_or_not_at_all(ask, explain, storage):
    request = ask().request
    first, *rest = whole_run(request)
    storage.results.put(explain(first))
    assert storage.results.get_all(whole_run(request), counted=False) is None
    for each in rest:
        storage.results.put(explain(each, "left"))
    assert storage.results.get_all(whole_run(request), counted=False) is None  # they explain different answers
    for each in rest:
        storage.results.put(explain(each))
    assert storage.results.get_all(whole_run(request), counted=False).answer.text == "right"


@pytest.mark.parametrize("prompt", ["=1+1 is?", "'=1?", "- a\n- b", "one;=two", "Where?"])
def test_what_was_asked_is_read_back_as_it_was(storage, prompt):
    row = Row(1, "=cmd.png", "digest", prompt, "-phrase")
    (pair,) = read_pairs(summary_csv([(Ending(row, "failed", "broken"), None)], storage.results))
    assert (pair.picture, pair.prompt, pair.phrase) == (row.name, row.prompt, row.phrase)


def test_without_a_dashboard_there_is_no_address():
    assert run_address("", "abc") == run_address("https://maps.example", "") == ""
