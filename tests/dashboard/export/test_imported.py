"""A forged import: it has its mark wherever it is shown, and answers, begins and explains nobody else's run."""

import csv
import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from cache import look_up
from cache.keys import PROMPT_WORDS, report_key, run_id
from core.export.npz import to_npz
from core.export.tables import heat_csv, token_csv
from core.schema import ExplainRequest, gather
from core.schema.readings.prompt_heat import prompt_request
from core.schema.request import IMPORTED
from core.schema.run_requests import whole_run
from dashboard.export.bundle import NOTES, bundle, runs_csv
from dashboard.export.bundle_reader import keep_bundle, read_bundle
from dashboard.export.parameters import parameter_rows
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.registry import STUDIES, find_study
from dashboard.loaded_run import LoadedRun
from dashboard.services.ask import ask_about
from dashboard.services.open import open_run
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage
from dashboard.ui.compare.image_files import stages_png
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.report import report
from dashboard.ui.history.table import columns
from dashboard.ui.run_rows import label
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.view import View

FORGED = "forged by somebody"


@pytest.fixture
def forged(ask, explain):
    """A ZIP with runs that say and show what their model did not: `forged(prompt="...")`."""

    def make(heat=9.0, text=FORGED, **changes):
        question = ask(**changes)
        parts = [explain(part, text) for part in whole_run(question.request)]
        parts = [replace(part, heat=part.heat + np.float32(heat)) for part in parts]
        return bundle([LoadedRun(gather(parts), question.chosen)])

    return make


@pytest.fixture
def imported(forged, storage):
    """The name of such a run, here: `imported(prompt="...")`."""

    def put(**changes):
        (name,) = keep_bundle(read_bundle(forged(**changes)), storage).added
        return name

    return put


@pytest.fixture
def computed(storage, explainer):
    """Computes a question as a job does."""
    backend = type("Backend", (), {"get": lambda _, card: explainer})()
    return lambda question: compute(question, lambda progress: None, storage=storage, backend=backend)


CHANGES = [{}, {"seed": 5}, {"num_samples": 30}, {"layers": (1, 2)}, {"method": "gradcam"}, {"noise_std": 0.0}]


@pytest.mark.parametrize("changes", CHANGES)
def test_it_answers_no_question_and_nobody_goes_on_from_it(imported, storage, ask, computed, explainer, changes):
    name = imported()
    own = ask(**changes)
    coverage = look_up(storage.results, whole_run(own.request))
    assert coverage.answer is None and coverage.missing_maps == coverage.maps
    assert all(gap.begun is None for gap in coverage.missing)
    outcome = computed(own)
    assert outcome.result.answer.text == "right" and outcome.result.request.origin == ""
    assert explainer.asked[0][1] is None  # no answer was given
    records = {record.run_id: record for record in storage.runs.recent(9)}
    assert set(records) == {name, outcome.id} and [records[name].answer, records[outcome.id].answer] == [
        FORGED,
        "right",
    ]
    assert records[name].origin and not records[outcome.id].origin
    assert open_run(name).result.answer.text == FORGED


NOT_MAPS = ("evidence", "reliance", "prompt-words")


@pytest.mark.parametrize("study", [name for name in STUDIES if not name.startswith(NOT_MAPS)])
def test_what_is_found_about_it_is_nobody_elses(imported, storage, ask, computed, study):
    run, own = open_run(imported()), computed(ask()).result
    about = replace(ask(), request=run.request, run=run.result, study=study)
    computed(about)
    found = find_study(study).read(run.result, storage.results)
    assert found and {each.request.origin for each in found} == {run.request.origin}
    assert find_study(study).read(own, storage.results) is None


def test_the_heat_of_its_prompts_words_is_kept_apart_from_ones_own(imported, ask, computed):
    forged, own = open_run(imported()).request, computed(ask()).result.request
    kept = {report_key(PROMPT_WORDS, prompt_request(each)) for each in (forged, own)}
    assert len(kept) == 2 and prompt_request(forged).origin == forged.origin


def test_two_forged_imports_of_one_question_and_the_true_run_stand_beside_each_other(imported, storage, ask, computed):
    names = {imported(heat=1.0), imported(heat=2.0), imported(text="another lie"), computed(ask()).id}
    assert len(names) == 4
    for name in names:
        run = open_run(name)
        assert run.id == name and run.record.origin == run.request.origin


def test_an_export_of_it_is_marked_wherever_it_goes(imported, tmp_path):
    run = open_run(imported())
    data = bundle([run])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for part in ("reproduce.sh", "reproduce.py"):
            assert IMPORTED in file.read(f"{run.id}/{part}").decode()
        compile(file.read(f"{run.id}/reproduce.py"), "reproduce.py", "exec")
        assert IMPORTED in file.read("runs.csv").decode()
    # And back: the same origin on every server, whatever the file says of it.
    third = open_storage(Settings(data_folder=tmp_path / "third"))
    assert keep_bundle(read_bundle(data), third).added == (run.id,)
    assert third.runs.get(run.id).origin == run.request.origin


def test_a_claimed_origin_changes_nothing(imported, storage, tmp_path):
    run = open_run(imported())
    washed = replace(run, result=replace(run.result, request=replace(run.request, origin="0" * 64)))
    third = open_storage(Settings(data_folder=tmp_path / "third"))
    assert keep_bundle(read_bundle(bundle([washed])), third).added == (run.id,)
    own = replace(run, result=gather([replace(part, request=part.request.own()) for part in parts_of(run.result)]))
    assert keep_bundle(read_bundle(bundle([own])), storage).known == (run.id,)


def parts_of(result):
    return [part for each in result.pictures or (result,) for part in (each, *each.companions.values())]


def test_what_was_computed_here_comes_back_as_itself(ask, computed, storage):
    run = open_run(computed(ask()).id)
    assert keep_bundle(read_bundle(bundle([run])), storage).known == (run.id,)
    assert storage.runs.get(run.id).origin == ""


def test_a_washed_one_that_differs_in_one_bit_is_no_run_of_ones_own(ask, computed, storage):
    run = open_run(computed(ask()).id)
    heat = run.result.heat.copy()
    heat.view(np.uint32)[0, 0, 0] ^= 1
    other = replace(run, result=replace(run.result, heat=heat))
    (name,) = keep_bundle(read_bundle(bundle([other])), storage).added
    assert name != run.id and storage.runs.get(name).origin
    assert open_run(run.id).result.heat.tobytes() == run.result.heat.tobytes()


def test_everything_that_is_taken_away_says_so(imported):
    run = open_run(imported())
    told = json.loads(str(np.load(io.BytesIO(to_npz(run.result)))["description"]))
    assert told["imported"] == IMPORTED and told["request"]["origin"] == run.request.origin
    for table in (heat_csv(run.result), token_csv(run.result), runs_csv([run.record])):
        assert all(row["origin"] == IMPORTED for row in csv.DictReader(io.StringIO(table)))
    assert exports.caption_of(run, View(layer=0))["Origin"] == IMPORTED
    assert parameter_rows(run)["Origin"] == IMPORTED
    assert "imported" in label(run.record) and columns([run.record])["origin"] == ["imported"]
    (compared,) = lettered([run])
    assert "imported" in compared.label and compared.mark == "A (imported)"
    assert IMPORTED in report([compared], 0, None, "here") and stages_png([compared])


def test_what_was_computed_here_says_nothing_of_it(ask, computed):
    run = open_run(computed(ask()).id)
    told = json.loads(str(np.load(io.BytesIO(to_npz(run.result)))["description"]))
    assert "imported" not in told and "origin" not in told["request"]
    for table in (heat_csv(run.result), token_csv(run.result)):
        assert "origin" not in table
    assert "Origin" not in exports.caption_of(run, View(layer=0)) and "Origin" not in parameter_rows(run)
    assert columns([run.record])["origin"] == [""] and "imported" not in label(run.record)


def texts(app):
    elements = [*app.warning, *app.markdown, *app.caption, *app.text]
    return " ".join(element.value for element in elements)


def test_every_page_shows_the_mark_by_itself(imported, ask, computed, visit, storage):
    forged, own = imported(), computed(ask(prompt="My own?")).id
    assert IMPORTED in texts(visit("compute", run=forged)) and IMPORTED not in texts(visit("compute", run=own))
    assert "Imported (A): computed elsewhere" in texts(visit("compare", runs=f"{forged},{own}"))
    assert "Imported" not in texts(visit("compare", runs=own))
    assert texts(visit("home")).count("Imported") == 1
    table = next(each for each in visit("history").dataframe if each.key)
    assert sorted(table.value["origin"]) == ["", "imported"]
    # Nor can anybody take it away as they can a tag.
    assert storage.runs.get(forged).tags == ()


def test_history_finds_what_was_imported(imported, ask, computed, visit):
    forged, own = imported(), computed(ask(prompt="My own?")).id
    for asked, name in (("Imported", forged), ("Computed+here", own)):
        table = next(each for each in visit("history", origin=asked.replace("+", " ")).dataframe if each.key)
        assert list(table.value["run"]) == [name]


def test_its_picture_and_prompt_are_asked_anew_as_ones_own(imported, storage, without_model, as_person, wait_until):
    from core.schema.target import Target
    from dashboard import resources

    run = open_run(imported())
    assert run_id(run.request.own()) != run.id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.services.ask.address", type("Address", (), {"show_run": print, "name_runs": print}))
        ask_about(run, Target.tokens(0, 1))
    own = replace(run.request, target=Target.tokens(0, 1)).own()
    wait_until(lambda: storage.runs.get(run_id(own)) is not None and not resources.jobs().active())
    assert storage.runs.get(run_id(own)).answer == "right"


def test_an_evicted_one_says_what_can_be_done(imported, storage, visit):
    name = imported()
    for key in list(storage.results._cache):
        storage.results._cache.delete(key)
    app = visit("compute", run=name)
    assert IMPORTED in texts(app) and "Import it once more" in texts(app)


def test_a_failure_in_the_middle_keeps_none(forged, storage, monkeypatch):
    from cache import StoreError

    files = [zipfile.ZipFile(io.BytesIO(forged(prompt=f"{number}?"))) for number in range(3)]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as together:
        for number, file in enumerate(files):
            for member in file.infolist():
                together.writestr(f"{number}/{member.filename.rpartition('/')[2]}", file.read(member))
    whole, calls = storage.pictures.get, []

    def full(digest):
        calls.append(digest)
        if len(calls) == 3:
            raise StoreError("The disk is full.")
        return whole(digest)

    monkeypatch.setattr(storage.pictures, "get", full)
    with pytest.raises(StoreError, match="full"):
        keep_bundle(read_bundle(data.getvalue()), storage)
    assert storage.runs.count() == 0 and len(calls) == 3
    assert len(keep_bundle(read_bundle(data.getvalue()), storage).added) == 3


def test_a_request_with_an_origin_that_is_none_is_refused(ask):
    values = ask().request.to_dict()
    for origin in ("x", 7, "0" * 63, "G" * 64, None):
        with pytest.raises(Exception, match="digest of 64"):
            ExplainRequest.from_dict({**values, "origin": origin})


def renamed(data, model_name):
    """A ZIP of one run that says that another model computed it."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(made, "w") as file:
        for name in given.namelist():
            part = given.read(name)
            if name.endswith(NOTES):
                part = json.dumps({**json.loads(part), "model_name": model_name})
            file.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize("others", [True, False], ids=["known here", "known to nobody"])
def test_numbers_of_our_own_bear_no_mark_and_so_no_name_that_a_file_gives_their_model(stored, storage, others):
    name = stored()
    if others:
        stored(prompt="Another?")
    data = renamed(bundle([open_run(name)]), "a better model")
    storage.runs.delete(name)
    assert keep_bundle(read_bundle(data), storage).added == (name,)
    record = storage.runs.get(name)
    assert record.origin == ""
    assert record.model_name == ("embedded" if others else f"model {record.request['model'][:12]}")
