"""What happens to a run's answer when something is taken away: named, computed once, kept, and listed with its run."""

from dataclasses import replace

import pytest

from cache import keys
from core import InputError
from core.analysis.regions import Region
from core.interventions.reliance_report import Reliance, TokenReliance
from core.interventions.removal import Removal
from core.interventions.report import FILLS, Intervention, TokenChange, WhatIf
from core.schema import Target, gather
from core.schema.run_requests import whole_run
from dashboard.jobs.question import Step
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.interventions import MOST_LISTED, removal_of, stored_what_ifs, what_if_name
from dashboard.jobs.studies.registry import find_study, kind_of, subject_of
from tests.dashboard.watching import ignore
from tests.some import some

BOX = Region(((0.125, 0.0), (0.5, 0.5)))
NAMES = {
    what_if_name(BOX): Removal(BOX),
    what_if_name(BOX, keep=True): Removal(BOX, keep=True),
    what_if_name(BOX, picture=2): Removal(BOX, picture=2),
    what_if_name(cells=[(1, 0), (0, 3)]): Removal(cells=((0, 3), (1, 0))),
}


def what_if_of(removal: Removal, answer: str = "right", sentence: str | None = None) -> WhatIf:
    tokens = (TokenChange(answer, 0.5, 0.25),)
    each = Intervention("blur", "left", True, tokens, -0.7, -1.4)
    return WhatIf(removal.region, removal.cells, removal.keep, removal.picture, 0.2, answer, (each,), sentence=sentence)


RELIANCE = Reliance("right", FILLS, (TokenReliance("right", 0, 5, (1.0, 2.0, 3.0), 0.5, 0.0),))


@pytest.fixture
def run(ask, explain):
    return gather([explain(request) for request in whole_run(ask().request)])


@pytest.fixture
def asked(monkeypatch):
    """What was asked of the model, which answers by hand."""
    calls = []

    def what_if(explainer, pictures, request, removal, fills, answer, *, on_step):
        calls.append((request, removal, fills, answer))
        on_step("Asking", 1, 8)
        return what_if_of(removal, answer.text)

    def reliance(explainer, pictures, request, fills, answer, *, on_step):
        calls.append((request, None, fills, answer))
        on_step("Asking", 1, 8)
        return RELIANCE

    monkeypatch.setattr("core.interventions.what_if.what_if", what_if)
    monkeypatch.setattr("core.interventions.reliance.reliance", reliance)
    return calls


def test_a_name_says_what_is_removed_from_which_picture():
    assert len(NAMES) == 4
    for name, removal in some(NAMES.items()):
        assert removal_of(name) == removal
        assert kind_of(name) == "what-if" and subject_of(name) is None
        assert find_study(name).tells_steps
    for wrong in some(["what-if-", "what-if-remove-region-0,0", "what-if-list"]):
        with pytest.raises(InputError):
            find_study(wrong)


@pytest.mark.parametrize("name", [*NAMES, "reliance"])
def test_it_is_computed_once_and_kept(ask, run, storage, backend, asked, name):
    steps, study = [], find_study(name)
    assert study.read(run, storage.results) is None
    question = replace(ask(), study=name, run=run)
    found = compute(question, steps.append, storage=storage, backend=backend).findings
    assert found == (RELIANCE if name == "reliance" else what_if_of(NAMES[name]))
    assert Step("Asking", 1, 8) in steps and study.read(run, storage.results) == found
    ((request, removal, fills, answer),) = asked
    assert (request.prompt, answer, fills) == (run.request.prompt, run.answer, FILLS)
    assert removal == NAMES.get(name)
    compute(question, ignore, storage=storage, backend=backend)
    assert len(asked) == 1


@pytest.mark.parametrize("name", [what_if_name(BOX), "reliance"])
def test_runs_of_one_question_share_it_and_others_do_not(ask, explain, run, storage, name):
    study = find_study(name)
    study.save(RELIANCE if name == "reliance" else what_if_of(Removal(BOX)), run, storage.results)

    def read(text: str = "right", **changes):
        other = gather([explain(request, text) for request in whole_run(ask(**changes).request)])
        return study.read(other, storage.results)

    for same in some([{"method": "gradcam"}, {"num_samples": 30, "seed": 4}, {"layers": (1,)}, {"noise_std": 0.0}]):
        assert read(**same) is not None
    for other in some([{"prompt": "What?"}, {"max_new_tokens": 9}, {"target": Target.text("right")}, {"text": "left"}]):
        assert read(**other) is None


def test_what_was_asked_of_a_run_is_listed_the_latest_first(run, storage):
    assert stored_what_ifs(run, storage.results) == []
    for name, removal in NAMES.items():
        find_study(name).save(what_if_of(removal), run, storage.results)
    first = next(iter(NAMES))
    find_study(first).save(what_if_of(NAMES[first]), run, storage.results)  # once more
    listed = stored_what_ifs(run, storage.results)
    assert [name for name, _ in listed] == [first, *list(NAMES)[:0:-1]]
    assert all(found.removal == NAMES[name] for name, found in some(listed))


def test_the_list_has_an_end_and_leaves_out_what_is_gone_or_of_another_version(run, storage):
    names = [what_if_name(cells=[(0, number)]) for number in range(MOST_LISTED + 2)]
    for name in names[-3:]:
        find_study(name).save(what_if_of(removal_of(name)), run, storage.results)
    key = keys.interventions_key("what-if-list", run.request)
    storage.results.put_report(key, {"names": [*names[:-3], "another version's", 5, *names[-3:]]})
    assert [name for name, _ in stored_what_ifs(run, storage.results)] == names[:-4:-1]
    latest = what_if_name(BOX)
    find_study(latest).save(what_if_of(Removal(BOX)), run, storage.results)
    assert storage.results.get_report(key)["names"] == [*names[3:], latest]
    storage.results.put_report(key, {"names": "x"})
    assert stored_what_ifs(run, storage.results) == []


@pytest.mark.parametrize("name", [what_if_name(BOX), "reliance"])
def test_what_another_version_wrote_is_computed_again(run, storage, name):
    key = {"reliance": "reliance-1"}.get(name, f"what-if-1-{Removal(BOX).to_text()}")
    storage.results.put_report(keys.interventions_key(key, run.request), {"answer": "right", "fills": ["fog"]})
    assert find_study(name).read(run, storage.results) is None


def test_what_is_found_about_an_import_is_nobody_elses(run, storage):
    imported = replace(run, request=replace(run.request, origin="0" * 64))
    find_study("reliance").save(RELIANCE, imported, storage.results)
    assert find_study("reliance").read(imported, storage.results) == RELIANCE
    assert find_study("reliance").read(run, storage.results) is None


def test_a_run_of_a_sentence_is_known_by_it(ask, explain, storage):
    target = Target.text("left of it")
    run = gather([explain(request, "left of it") for request in whole_run(ask(target=target).request)])
    study = find_study(what_if_name(BOX))
    study.save(what_if_of(Removal(BOX), "right", sentence="left of it"), run, storage.results)
    assert study.read(run, storage.results).sentence == "left of it"
