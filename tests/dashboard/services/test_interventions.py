"""What interventions found about a run, for pages and as files."""

import io
import json
import zipfile

import pytest

from core.interventions.reliance_report import Reliance
from core.interventions.report import WhatIf
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.export.bundle import bundle
from dashboard.export.bundle_reader import read_bundle
from dashboard.services.interventions import (
    RELIANCE_FILE,
    WHAT_IF_FILE,
    count_asked,
    intervention_files,
    reliance_of,
    what_ifs,
)
from dashboard.services.open import open_run
from dashboard.ui.viewer.exports import archive
from dashboard.ui.viewer.view import View
from tests.dashboard.interventions import reliance, store, what_if


@pytest.fixture
def run(ask, explain, stored):
    stored()
    return gather([explain(request) for request in whole_run(ask().request)])


@pytest.fixture
def opened(stored):
    return open_run(stored())


def test_nothing_is_told_of_what_was_not_asked(run, opened):
    assert what_ifs(opened) == [] and reliance_of(opened) is None and intervention_files(opened) == {}
    assert count_asked(opened.record) == 0


def test_what_was_found_is_told_the_latest_first(run, opened, storage):
    first, second = what_if(run), what_if(run, "1:2", keep=True)
    for each in (first, second, reliance(run)):
        store(each, run, storage)
    assert what_ifs(opened) == [second, first] and count_asked(opened.record) == 2
    assert reliance_of(opened) == reliance(run)


def test_it_goes_into_both_zips_and_is_read_back(run, opened, storage):
    for each in (what_if(run, new="左边"), reliance(run)):
        store(each, run, storage)
    exported = bundle([opened], intervention_files)
    for data, folder in ((exported, f"{opened.id}/"), (archive(opened, View(layer=None)), "")):
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            asked = [WhatIf.from_dict(each) for each in json.loads(file.read(f"{folder}{WHAT_IF_FILE}"))]
            rests = Reliance.from_dict(json.loads(file.read(f"{folder}{RELIANCE_FILE}")))
        assert asked == [what_if(run, new="左边")] and rests == reliance(run)
        assert len(read_bundle(data)) == 1  # another server passes them over
