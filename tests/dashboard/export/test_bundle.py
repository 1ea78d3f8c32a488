"""Runs -> a ZIP, and a table of them."""

import csv
import io
import zipfile

import numpy as np

from cache import Change
from core.rendering.overlay import overlay
from dashboard.export.bundle import bundle, runs_csv
from dashboard.services.open import open_run
from tests.dashboard.seen import pixels_of, share_that_differs


def test_a_spreadsheet_takes_no_text_for_a_formula(exported, storage):
    run = exported(prompt="=HYPERLINK(1)")
    storage.runs.write([run.id], Change(note="+1", title="@x", add_tags=("-2",)))
    (line,) = csv.DictReader(io.StringIO(runs_csv([storage.runs.get(run.id)])))
    assert (line["prompt"], line["note"], line["title"], line["tags"]) == ("'=HYPERLINK(1)", "'+1", "'@x", "'-2")
    assert line["run"] == run.id and line["samples"] == "10"


def test_the_picture_in_the_zip_shows_what_was_asked_for(stored_by_method):
    runs = [open_run(stored_by_method(method=method)) for method in ("gradient_deviation", "gradcam")]
    with zipfile.ZipFile(io.BytesIO(bundle(runs))) as file:
        drawn = [pixels_of(file.read(f"{run.id}/overlay.png")) for run in runs]
    pixels = runs[0].chosen.picture.pixels
    expected = overlay(pixels, runs[0].result.combined), overlay(pixels, runs[1].result.at(2))
    assert all(np.array_equal(*each) for each in zip(drawn, expected, strict=True))
    assert share_that_differs(*drawn) > 0.3
