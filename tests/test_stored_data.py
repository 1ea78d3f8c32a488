"""What people stored stays theirs: a data folder that an earlier state of the program wrote is read as it was.

See tests/fixtures/data_folder_1/README.md. Names of modules and classes may change here, those of stored things never.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from cache import Asker, RunRecord, keys, look_up, run_id
from cache.batches.batch import Batch
from cache.batches.failures import failures
from cache.runs.filters import Filter, Order
from core import ExplainRequest, ExplainResult, load_picture
from core.models.checkpoints import ModelCard, describe_model
from core.schema.run_requests import whole_run
from dashboard import settings
from dashboard.batch.feeder import stored_states
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question, names_from_dict, question_of, request_from_dict
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.registry import STUDIES, find_study, trust_name
from dashboard.settings import Settings
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import Storage, audit_folder, count_stored, open_storage
from tests.dashboard.pages import shows_result
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "dashboard" / "Home.py"
FIXTURE = Path(__file__).parent / "fixtures" / "data_folder_1"
EXPECTED = json.loads((FIXTURE / "expected.json").read_text("utf-8"))
RUNS = EXPECTED["runs"]
FOUND = [(name, study) for name, run in RUNS.items() for study in run["studies"]]
ADA, BOB = "ada@example.org", "bob@example.org"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A copy, with the modes that the program gives its folders; no setting of the machine reaches it."""
    for name in [name for name in os.environ if name.startswith("SMOOTHCAM_")]:
        monkeypatch.delenv(name)
    place = tmp_path / "data"
    with zipfile.ZipFile(FIXTURE / "data.zip") as archive:
        archive.extractall(place)
    for path in [place, *place.iterdir()]:
        path.chmod(0o700)
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(place))
    monkeypatch.setattr(settings, "secrets_files", lambda: ())
    return place


@pytest.fixture
def storage(folder) -> Storage:
    """The copy, opened as the dashboard does. Nothing expires, whenever this runs."""
    opened = open_storage(Settings(data_folder=folder, store_days=None, store_gigabytes=5.0), stand_in=False)
    yield opened
    for each in (opened.results, opened.runs, opened.jobs):
        each.close()


@pytest.fixture
def card() -> ModelCard:
    """The model as it was then: its fingerprint changes with torch and transformers."""
    return replace(describe_model(device="cpu"), fingerprint=EXPECTED["model"]["fingerprint"])


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def plain(values: object) -> object:
    """As JSON has it: lists in the place of tuples."""
    return json.loads(json.dumps(values))


def names_of_stored(request: ExplainRequest) -> dict[str, object]:
    """The keys of all that is stored of a request, worked out anew."""
    return {
        "pass": keys.pass_key(request),
        "answer": keys.answer_key(request),
        "counts": keys.counts_key(request) if request.noise_std else None,
        "maps": {str(layer): key for layer, key in keys.map_keys(request).items()},
    }


def flat(names: dict[str, object]) -> set[str]:
    """Those keys, one by one."""
    return {names["pass"], names["answer"], names["counts"], *names["maps"].values()} - {None}


def assert_as_stored(result: ExplainResult, expected: dict[str, object]) -> None:
    """The same numbers, bit for bit, under the same names."""
    request = result.request
    assert names_of_stored(request) == expected["keys"]
    assert (result.num_samples, result.total_layers) == (expected["num_samples"], expected["total_layers"])
    assert list(result.grid) == expected["grid"]
    for what, read in (("heat", result.at), ("stderr", result.stderr_at)):
        assert {str(layer): sha(read(layer).tobytes()) for layer in request.maps} == expected[what], what


def result_of(name: str, storage: Storage) -> ExplainResult:
    return storage.results.get_all(whole_run(ExplainRequest.from_dict(RUNS[name]["request"])))


SINCE = {"steps": 0, "video_seconds": 0.0}
"""Columns that came later, with what they say of rows that are older."""


def as_row(run: RunRecord) -> dict[str, object]:
    row = plain({**asdict(run), "thumbnail": sha(run.thumbnail)})
    assert {name: row.pop(name) for name in SINCE} == SINCE
    return row


def batch_of(identifier: str, storage: Storage) -> Batch | None:
    return storage.batches.get(identifier, EXPECTED["batches"][identifier]["who"])


def pictures_of(request: ExplainRequest, names: tuple[str, ...], storage: Storage) -> list[ChosenPicture]:
    files = [storage.pictures.get(digest) for digest in request.all_images]
    return [ChosenPicture(name, data, load_picture(data)) for name, data in zip(names, files, strict=True)]


def entries_of(folder: Path) -> dict[str, list[str]]:
    """Every key of the result store, with the kind and the digest of what is stored under it."""
    with closing(sqlite3.connect(f"file:{folder}/results/cache.db?mode=ro", uri=True)) as results:
        return {key: [kind, sha(value)] for key, kind, value in results.execute("SELECT key, tag, value FROM Cache")}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_there_bit_for_bit(storage, name):
    expected = RUNS[name]
    request = ExplainRequest.from_dict(expected["request"])
    # Both ways: a field that is called differently, or says more than it did, would give the run another name.
    assert plain(request.to_dict()) == expected["request"]
    assert (run_id(request), keys.run_key(request)) == (expected["run_id"], expected["run_key"])
    result = result_of(name, storage)
    assert plain(asdict(result.answer)) == {"thought": 0} | expected["answer"]
    parts = [storage.results.get(part, counted=False) for part in whole_run(request)]
    for part, stored in zip(parts, expected["parts"], strict=True):
        assert_as_stored(part, stored)
        assert list(storage.results.sample_counts(part.request)) == stored["sample_counts"]


@pytest.mark.parametrize(("name", "study"), FOUND)
def test_what_a_study_found_is_read_by_it(storage, name, study):
    run, expected = result_of(name, storage), RUNS[name]["studies"][study]
    _, of_a_picture, number = study.partition("-picture-")
    found = find_study(study).read(run.pictures[int(number) - 1] if of_a_picture else run, storage.results)
    assert found is not None
    if isinstance(found, list):
        for result, stored in zip(found, expected, strict=True):
            assert keys.run_key(result.request) == stored["run_key"]
            assert result.answer.text == run.answer.text
            assert_as_stored(result, stored)
        return
    about = ExplainRequest.from_dict(expected["request"])
    assert keys.report_key(expected["report"], about) == expected["key"]
    read = plain(found if isinstance(found, dict) else found.to_dict())
    for values in (read, storage.results.get_report(expected["key"])):
        assert sha(json.dumps(values, sort_keys=True).encode()) == expected["sha256"]


def test_studies_are_called_what_they_were():
    """Their names stand in the list of jobs, and in addresses."""
    trust = {trust_name(layer, picture) for layer in (None, *range(8)) for picture in range(3)}
    assert {study for _, study in FOUND} <= {*STUDIES, *trust}


@pytest.mark.parametrize("viewer", ["", ADA, BOB])
def test_everybody_sees_their_history_and_nobody_elses(storage, viewer):
    seen, rows = EXPECTED["history"]["seen"][viewer], EXPECTED["history"]["rows"]
    for what, trash in (("listed", False), ("trash", True)):
        page = storage.runs.find(Filter(viewer=viewer, trash=trash), Order(), 100)
        assert sorted(run.record_id for run in page.runs) == seen[what] and page.total == len(seen[what])
        for run in page.runs:
            assert as_row(run) == rows[run.record_id]
            assert as_row(storage.runs.get(run.run_id, viewer)) == rows[run.record_id]
    private = storage.runs.get(RUNS["private"]["run_id"], viewer)
    assert (private is None) if not viewer else private.private_to == viewer


def test_what_people_wrote_is_found(storage):
    (noted,) = storage.runs.find(Filter(search="schichten ring", tag="to show", rating=4, pinned=True), Order(), 9).runs
    assert noted.run_id == RUNS["whole depth"]["run_id"]
    assert noted.title == "Where the blue one is" and noted.region == "0.100,0.200;0.600,0.700"
    assert (
        storage.runs.overview.choices().tags == ("scenes", "to show")
        and "secret" in storage.runs.overview.choices(ADA).tags
    )
    assert storage.runs.trashed() == 1 and storage.runs.overview.owners() == [ADA, BOB]


def test_every_picture_is_there_and_is_the_one_that_its_name_says(storage):
    for digest, file in EXPECTED["pictures"].items():
        data = storage.pictures.get(digest)
        assert sha(data) == file and load_picture(data).digest == digest
    assert set(storage.pictures.digests()) == set(EXPECTED["pictures"])


@pytest.mark.parametrize("identifier", EXPECTED["batches"])
def test_a_batch_and_what_became_of_its_rows(storage, identifier):
    expected = EXPECTED["batches"][identifier]
    batch = batch_of(identifier, storage)
    assert batch.id == identifier and list(batch.run_ids) == expected["run_ids"]
    told = ("template", "run_ids", "failures", "computed")
    same = {name: value for name, value in expected.items() if name not in told}
    found = asdict(batch) | {"rows": [row.to_dict() for row in batch.rows]}  # without what came with videos
    assert {name: value for name, value in plain(found).items() if name != "template"} == same
    assert plain(batch.template.to_dict()) == expected["template"]
    assert (storage.batches.get(identifier) is None) == batch.private
    assert {str(row): why for row, why in failures(storage.batches.folder, identifier).items()} == expected["failures"]
    states = stored_states(batch, storage)
    assert [row.number for row, state in zip(batch.rows, states, strict=True) if state.state == "done"] == (
        expected["computed"]
    )
    failed = {str(row.number): state.problem for row, state in zip(batch.rows, states, strict=True) if state.problem}
    assert failed == expected["failures"]


def test_interrupted_jobs_can_be_gone_on_with(storage):
    rows = storage.jobs.interrupted()
    assert [plain(asdict(row)) for row in rows] == EXPECTED["interrupted"]
    begun, study, private = rows
    request = request_from_dict(begun.asking)
    assert begun.job_id == run_id(request) == EXPECTED["begun"]["run_id"]
    assert names_from_dict(begun.asking) == ("scene-1600002.png",)
    # The first of its four samples is not computed again.
    holding = look_up(storage.results, whole_run(request))
    assert holding.missing and holding.missing_samples == 4 - EXPECTED["begun"]["samples"]
    for gap, stored in zip(holding.missing, EXPECTED["begun"]["parts"], strict=True):
        assert_as_stored(gap.begun, stored)
    assert study.job_id == f"{RUNS['whole depth']['run_id']}-{study.asking['study']}"
    assert find_study(study.asking["study"]).read(result_of("whole depth", storage), storage.results) is not None
    assert private.asking["private"] and private.person == BOB
    assert {name: storage.jobs.get(name).state for name in EXPECTED["jobs"]} == EXPECTED["jobs"]


def test_the_audit_log_is_read(folder):
    assert AuditLog(audit_folder(folder)).latest(10) == EXPECTED["audit"]


@pytest.mark.parametrize("name", RUNS)
def test_the_same_question_is_answered_without_computing(storage, card, name):
    class NoModels:
        def get(self, card):
            raise AssertionError("a model was asked for")

    request = ExplainRequest.from_dict(RUNS[name]["request"])
    owner = ADA if name == "private" else ""
    before = storage.runs.get(run_id(request), owner)
    pictures = pictures_of(request, before.names, storage)
    asked = replace(question_of(request, pictures, card), asker=Asker(owner or before.who, bool(owner)))
    outcome = compute(asked, lambda progress: None, storage=storage, backend=NoModels())
    assert outcome.kept and outcome.id == RUNS[name]["run_id"] and not outcome.stopped
    for part, stored in zip(each_of(outcome.result), RUNS[name]["parts"], strict=True):
        assert_as_stored(part, stored)
    # What it once took stands there still; only what was in the trash is wanted again.
    assert storage.runs.get(run_id(request), owner) == replace(before, deleted=None)
    for study in RUNS[name]["studies"]:
        if "-picture-" not in study:
            about: Question = replace(asked, run=result_of(name, storage), study=study)
            assert compute(about, lambda progress: None, storage=storage, backend=NoModels()).findings is not None


def each_of(result: ExplainResult) -> list[ExplainResult]:
    """The parts of a whole run, picture by picture."""
    return [part for one in result.pictures or (result,) for part in (one, *one.companions.values())]


def test_every_key_is_that_of_a_question_and_opening_changes_none(folder, storage):
    assert entries_of(folder) == EXPECTED["entries"]
    known = {key for names in EXPECTED["fewer_samples"]["whole depth"] for key in flat(names)}
    requests = [ExplainRequest.from_dict(run["request"]) for run in RUNS.values()]
    requests += [replace(request_from_dict(EXPECTED["interrupted"][0]["asking"]), num_samples=1)]
    for identifier, batch in EXPECTED["batches"].items():
        requests += [batch_of(identifier, storage).requests[number - 1] for number in batch["computed"]]
    for request in requests:
        known |= {key for part in whole_run(request) for key in flat(names_of_stored(part))}
    for name, study in FOUND:
        of = RUNS[name]["studies"][study]
        known |= {key for one in of for key in flat(one["keys"])} if isinstance(of, list) else {of["key"]}
    assert known == set(EXPECTED["entries"])
    # Nor does reading all of it, and counting it.
    counted = {line: row["stored"] for line, row in EXPECTED["history"]["rows"].items()}
    count_stored(storage)
    for name in RUNS:
        assert result_of(name, storage) is not None
    lines = {run.record_id: run.stored for who in ("", ADA, BOB) for run in storage.runs.recent(100, viewer=who)}
    assert lines == {line: counted[line] for line in lines} and all(lines.values())
    assert asdict(storage.results.lookups()) == {
        "hits": EXPECTED["lookups"]["hits"] + len(RUNS),
        "misses": EXPECTED["lookups"]["misses"],
    }
    assert entries_of(folder) == EXPECTED["entries"]


def test_the_command_line_finds_no_damage(folder, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "store", "verify"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (0, f"All {len(EXPECTED['entries'])} entries are sound.\n"), done.stderr


@pytest.mark.parametrize("who", [ADA, "eve@example.org"])
def test_the_pages_show_runs_to_those_who_may_see_them(folder, monkeypatch, who):
    before = config.get_option("server.trustedUserHeaders")
    monkeypatch.setenv("SMOOTHCAM_WORKERS", "0")
    config._set_option("server.trustedUserHeaders", {"X-User": "name"}, "test")
    st.cache_resource.clear()
    try:
        for name in ("whole depth", "several pictures", "private"):
            app = AppTest.from_file(HOME, default_timeout=PATIENCE)
            app.user = {"name": who}
            app.run()
            app.switch_page("app_pages/compute.py")
            app.query_params["run"] = RUNS[name]["run_id"]
            app.run()
            assert not app.exception
            shown = shows_result(app)
            assert shown == (name != "private" or who == ADA), name
    finally:
        config._set_option("server.trustedUserHeaders", before, "test")
        st.cache_resource.clear()
