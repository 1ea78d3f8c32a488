"""A data folder in which imports answered everybody's questions: they are marked, and answer nobody's any more."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from cache import Filter, Order, look_up, run_id
from cache.keys import TRUST, report_key
from cache.runs import former_imports as names
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.services.open import open_run
from dashboard.settings import Settings
from dashboard.storage import former_imports
from dashboard.storage.data_folder import open_storage
from tests.dashboard.pages import shows_result

FIXTURE = Path(__file__).parents[2] / "fixtures" / "data_folder_2"
MADE = json.loads((FIXTURE / "made.json").read_text("utf-8"))
ADA = "ada@example.org"
OWN = ("before", "other", "tagged by hand")
MARKED = ("imported", "untagged", "evicted", "seed changed", "more samples")


@pytest.fixture
def folder(data_folder) -> Path:
    """A copy, where pages of this test look for it."""
    with zipfile.ZipFile(FIXTURE / "data.zip") as archive:
        archive.extractall(data_folder)
    for path in [data_folder, *data_folder.iterdir()]:
        path.chmod(0o700)
    return data_folder


@pytest.fixture
def opened(folder):
    return open_storage(Settings(data_folder=folder), stand_in=False)


def question(**changes) -> ExplainRequest:
    """The question of the run that was imported."""
    with zipfile.ZipFile(FIXTURE / "data.zip") as archive:
        (image,) = {name.split("/")[-1].split(".")[0] for name in archive.namelist() if name.startswith("pictures/")}
    values = {"prompt": "Where is it?", "layers": (0, 3, 7), "num_samples": 4} | changes
    return ExplainRequest(image=image, model="m" * 64, formula=1, **values)  # the only one that there was


def today(storage, name, viewer=""):
    """The record to which a link from before leads."""
    former = storage.runs.get(MADE[name], viewer)
    return former or storage.runs.get(storage.runs.former_imports.todays_name(MADE[name]), viewer)


def test_the_questions_are_those_of_the_fixture():
    assert run_id(question()) == MADE["imported"] and run_id(question(seed=9)) == MADE["seed changed"]


@pytest.mark.parametrize("name", MARKED)
def test_what_was_imported_and_what_followed_from_it_is_marked_for_ever(opened, name):
    record = today(opened, name)
    assert len(record.origin) == 64 and record.run_id == run_id(ExplainRequest.from_dict(record.request))
    assert record.run_id != MADE[name] and opened.runs.get(MADE[name]) is None
    result = opened.results.get_all(whole_run(ExplainRequest.from_dict(record.request)))
    if name == "evicted":
        assert result is None
    else:
        assert result.answer.text == record.answer == "forged" and result.request.origin == record.origin


@pytest.mark.parametrize("name", OWN)
def test_what_was_computed_here_is_not_marked(opened, name):
    assert opened.runs.get(MADE[name]).origin == ""


def test_a_private_import_stays_private(opened):
    record = today(opened, "private", ADA)
    assert record.origin and record.private_to == ADA and today_or_none(opened, "private") is None


def today_or_none(storage, name):
    former = storage.runs.former_imports.todays_name(MADE[name])
    return storage.runs.get(MADE[name]) or (former and storage.runs.get(former))


@pytest.mark.parametrize("changes", [{}, {"seed": 9}, {"seed": 77}, {"num_samples": 9}, {"num_samples": 40}])
def test_it_answers_nobody_and_nobody_goes_on_from_it(opened, changes):
    coverage = look_up(opened.results, whole_run(question(**changes)))
    assert coverage.answer is None and coverage.missing_maps == coverage.maps
    assert all(gap.begun is None for gap in coverage.missing)
    assert opened.results.get_answer(question(**changes)) is None


def test_what_was_computed_before_the_import_or_of_another_answer_is_kept(opened):
    for request in (question(seed=5), question(prompt="Something else?")):
        assert opened.results.get_all(whole_run(request)).answer.text == "in truth"
    # Nobody can tell whether a run with that tag once went on from an import.
    assert opened.results.get_all(whole_run(question(prompt="My own?"))) is None


def test_a_report_goes_with_its_run(opened):
    about = question().for_layers((3,))
    origin = today(opened, "imported").origin
    assert opened.results.get_report(report_key(TRUST, about)) is None
    assert opened.results.get_report(report_key(TRUST, replace(about, origin=origin))) == {"of": "the forged map"}


def test_links_from_before_still_open_and_show_the_mark(folder, visit):
    app = visit("compute", run=MADE["imported"])
    assert any("Imported: computed elsewhere" in warning.value for warning in app.warning)
    assert shows_result(app)
    name = "".join(app.query_params["run"])  # a text, or a list of one
    assert name == run_id(ExplainRequest.from_dict(today(resources.storage(), "imported").request)) != MADE["imported"]
    app = visit("compute", run=MADE["evicted"])
    assert any("Imported: computed elsewhere" in warning.value for warning in app.warning)
    app = visit("compute", run=MADE["other"])
    assert not any("Imported" in warning.value for warning in app.warning)


def test_a_run_of_ones_own_takes_the_name_over(opened, explain, ask, chosen, folder):
    from core.schema import gather
    from dashboard.jobs.persist import keep

    assert open_run(MADE["imported"]).result.answer.text == "forged"
    own = replace(ask(), request=question())
    keep(own, gather([explain(part, "in truth") for part in whole_run(own.request)]), opened, seconds=1.0, samples=4)
    found = open_run(MADE["imported"])
    assert (found.result.answer.text, found.request.origin, found.record.origin) == ("in truth", "", "")
    assert opened.runs.count_of(Filter(imported=True)) == len(MARKED)


def test_opening_again_changes_nothing(opened, folder):
    def rows(storage):
        return storage.runs.find(Filter(viewer=ADA), Order(), 100).runs

    before = rows(opened), opened.results.counts()
    again = open_storage(Settings(data_folder=folder), stand_in=False)
    assert (rows(again), again.results.counts()) == before
    assert again.runs.former_imports.pending() == []


class Killed(BaseException):
    pass


STEPS = [
    (former_imports, "with_origin"),
    (former_imports, "drop_rows"),
    (names.FormerImports, "settle"),
    (names.FormerImports, "forget"),
    (names.FormerImports, "note_derived"),
]


@pytest.mark.parametrize(("where", "step", "at"), [(*step, at) for step in STEPS for at in (1, 2, 4, 7)])
def test_a_kill_in_between_loses_nothing(folder, monkeypatch, where, step, at):
    whole = getattr(where, step)
    calls = []

    def killed(*arguments):
        calls.append(step)
        if len(calls) == at:
            raise Killed
        return whole(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(where, step, killed)
        try:
            open_storage(Settings(data_folder=folder), stand_in=False)
        except Killed:
            pass
        else:
            assert len(calls) < at
    st.cache_resource.clear()
    opened = open_storage(Settings(data_folder=folder), stand_in=False)
    for name in MARKED:
        test_what_was_imported_and_what_followed_from_it_is_marked_for_ever(opened, name)
    for changes in ({}, {"seed": 9}, {"num_samples": 40}):
        test_it_answers_nobody_and_nobody_goes_on_from_it(opened, changes)
    test_what_was_computed_before_the_import_or_of_another_answer_is_kept(opened)
    assert opened.runs.former_imports.pending() == []
