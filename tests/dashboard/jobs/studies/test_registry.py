"""What can be asked about a finished run."""

from dataclasses import replace

from core import METHODS
from core.schema import gather
from core.schema.methods import ONE_PASS_METHODS
from core.schema.run_requests import whole_run
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.base import StudyTools
from dashboard.jobs.studies.registry import (
    STUDIES,
    find_study,
    kind_of,
    method_requests,
    subject_of,
    trust_name,
    word_requests,
)
from dashboard.services.open import findings, open_run
from tests.dashboard.ui.viewer.studies.test_trust_panel import make_report
from tests.dashboard.watching import ignore


def test_words_are_mapped_in_all_pictures_by_one_job(stored_all, storage, explainer):
    run = open_run(stored_all()).of_picture(2)
    pictures = tuple(each.picture for each in run.all_pictures)
    tools = StudyTools(run.result, pictures, storage.results, lambda: explainer, lambda progress: None)
    study = find_study("words")
    assert study.read(run.result, storage.results) is None
    study.save(study.compute(tools), run.result, storage.results)
    assert [request.picture for request in explainer.asked[0][0]] == [0, 1, 2]
    found = study.read(run.of_picture(1).result, storage.results)
    assert len(found) == 3 and findings(run, "words") is not None


def test_trust_is_measured_for_each_picture_alone(stored_all, storage):
    run = open_run(stored_all())
    second = run.of_picture(1)
    names = [trust_name(layer, each.request.picture) for each in (run, second) for layer in (None, 3)]
    assert len(set(names)) == 4
    study = find_study(names[3])
    study.save(make_report(answer="right"), second.result, storage.results)
    assert study.read(second.result, storage.results) is not None
    assert find_study(names[1]).read(run.result, storage.results) is None


def test_other_methods_are_those_that_can_be_read_there(tower_run):
    requests = method_requests(tower_run.result, ONE_PASS_METHODS)
    parts = {request.method: request.part for request in requests}
    assert parts["gradcam"] == "tower" and parts["combined"] == parts["tam"] == "decoder"
    assert not {"attention", "llava_cam"} & parts.keys()
    assert all(METHODS[name].has_tap == (part == "tower") for name, part in parts.items())


def test_a_study_computes_what_is_missing_and_keeps_it(ask, storage, backend, explainer, explain):
    question = ask()
    run = gather([explain(request, "the right half") for request in whole_run(question.request)])
    words = replace(question, study="words", run=run)
    outcome = compute(words, ignore, storage=storage, backend=backend)
    wanted = word_requests(run)
    assert [request.target.start for request in wanted] == [0, 1, 2]
    assert explainer.asked == [(wanted, run.answer)]
    assert [result.request for result in outcome.findings] == wanted
    assert all(storage.results.get(request) is not None for request in wanted)
    compute(words, ignore, storage=storage, backend=backend)
    assert len(explainer.asked) == 1  # the second time nothing was missing


def test_maps_of_another_answer_are_no_part_of_a_study(ask, storage, backend, explainer, explain):
    run = gather([explain(request, "right") for request in whole_run(ask().request)])
    (wanted,) = word_requests(run)
    storage.results.put(explain(wanted, "left"))
    assert STUDIES["words"].read(run, storage.results) is None
    compute(replace(ask(), study="words", run=run), ignore, storage=storage, backend=backend)
    assert explainer.asked == [([wanted], run.answer)]
    assert STUDIES["words"].read(run, storage.results)[0].answer == run.answer


def test_a_study_of_a_map_says_which_and_is_of_one_kind_with_others():
    for layer, picture in ((None, 0), (3, 0), (None, 2), (12, 1)):
        name = trust_name(layer, picture)
        assert subject_of(name) == (layer, picture) and kind_of(name) == "trust"
    assert {kind_of(name) for name in STUDIES} == set(STUDIES)
    assert all(subject_of(name) is None for name in STUDIES)
