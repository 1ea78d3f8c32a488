"""Asking: look up, else queue; and who asked is written down."""

import json
from dataclasses import replace

import pytest

from cache import Asker, Change, JobRow
from dashboard import resources
from dashboard.jobs.question import names_from_dict, question_to_dict
from dashboard.services import submit
from dashboard.services.open import open_run
from tests.dashboard.people import ADA, BEN

pytestmark = pytest.mark.usefixtures("administrators")


def test_whoever_asks_the_same_gets_a_line_of_their_own(stored_by, as_person, ask, storage):
    run = stored_by(ADA, private=True, prompt="The same?")
    storage.runs.write([storage.runs.get(run, ADA).record_id], Change(note="ada's thought", add_tags=("ada's",)))
    as_person(BEN)
    found = submit.explain(ask(prompt="The same?"))
    assert (found.record.who, found.record.private_to, found.record.note, found.record.tags) == (BEN, "", "", ())
    as_person(ADA)
    again = submit.explain(ask(prompt="The same?"))
    assert (again.record.private_to, again.record.note) == (ADA, "ada's thought")
    assert storage.runs.count(viewer=ADA) == storage.runs.count(viewer=BEN) == 1


def test_asking_privately_makes_a_private_run_and_never_hides_a_public_one(stored_by, as_person, ask, storage):
    as_person(ADA)
    public = stored_by(BEN, prompt="Public?")
    found = submit.explain(ask(prompt="Public?"), private=True)
    assert (found.record.run_id, found.record.private_to, found.record.who) == (public, "", BEN)
    # All of its layers came with another run: it is new as a run.
    stored_by(BEN, prompt="Layers?")
    part = submit.explain(ask(prompt="Layers?", layers=(0, 1)), private=True)
    assert part.record.private_to == ADA
    assert storage.runs.get(part.id) is None


def test_a_typed_name_asks_for_nothing_privately(as_person, stored_by, ask, storage):
    stored_by(ADA, private=True, prompt="Mine?")
    as_person(ADA, signed_in=False, is_admin=True)
    found = submit.explain(ask(prompt="Mine?"), private=True)
    assert (found.record.private_to, found.record.who) == ("", ADA)


def test_what_goes_on_stays_private(ask, as_person, held, storage):
    question = replace(ask(), asker=Asker(ADA, private=True))
    storage.pictures.put(question.request.image, question.chosen.data)
    as_person(ADA)
    row = JobRow(
        job_id=question.id, state="interrupted", person=ADA, asked=1, changed=1, asking=question_to_dict(question)
    )
    submit.go_on(row)
    assert storage.runs.askers.of(question.id) == [question.asker]


def test_a_study_of_another_picture_is_queued_with_all_of_them(stored_all, wait_until, without_model):
    run = open_run(stored_all()).of_picture(1)
    job = submit.begin_study(run, "words")
    assert [chosen.name for chosen in job.question.all_pictures] == ["two-halves.png", "b & c.png", "c.png"]
    wait_until(lambda: not resources.jobs().active())
    assert resources.jobs().get(job.id).state == "done"


def test_an_interrupted_question_goes_on_with_its_pictures(ask_all, storage, without_model, wait_until):
    asked = ask_all()
    for each in asked.pictures:
        storage.pictures.put(each.picture.digest, each.data)
    told = json.loads(json.dumps(question_to_dict(asked)))
    assert names_from_dict(told) == ("two-halves.png", "b & c.png", "c.png")
    resources.storage().jobs.begin(asked.id, "", told)
    (row,) = [resources.storage().jobs.get(asked.id)]
    job = submit.go_on(row)
    assert job.id == asked.id and len(job.question.pictures) == 3
    wait_until(lambda: not resources.jobs().active())
    assert resources.storage().runs.get(asked.id).names == names_from_dict(told)
