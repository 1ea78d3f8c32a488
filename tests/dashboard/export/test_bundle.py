"""Runs -> a ZIP, and a table of them."""

import csv
import io

from cache import Change
from dashboard.export.bundle import runs_csv


def test_a_spreadsheet_takes_no_text_for_a_formula(exported, storage):
    run = exported(prompt="=HYPERLINK(1)")
    storage.runs.write([run.id], Change(note="+1", title="@x", add_tags=("-2",)))
    (line,) = csv.DictReader(io.StringIO(runs_csv([storage.runs.get(run.id)])))
    assert (line["prompt"], line["note"], line["title"], line["tags"]) == ("'=HYPERLINK(1)", "'+1", "'@x", "'-2")
    assert line["run"] == run.id and line["samples"] == "10"
