"""Videos are asked about as pictures are: one job for two people, gone on with after a restart, said where gone."""

import pytest

from cache import JobRow
from core import InputError
from dashboard import resources
from dashboard.jobs.decoded import decoded
from dashboard.jobs.job import Job
from dashboard.jobs.question import names_from_dict, question_to_dict
from dashboard.jobs.stored_videos import StoredVideo
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services import submit
from dashboard.services.open import open_run, read_run
from dashboard.storage.maintenance import plan_cleaning
from tests.dashboard.people import ADA, BEN

pytestmark = pytest.mark.usefixtures("administrators")


@pytest.fixture(autouse=True)
def forgotten():
    """Nothing that another test has decoded is remembered."""
    decoded().clear()


def test_two_people_share_one_job_and_its_frames_are_kept_at_once(ask_film, as_person, held, storage, film):
    as_person(ADA)
    job = submit.explain(ask_film())
    assert isinstance(job, Job) and isinstance(job.question.chosen, StoredVideo)
    assert list(storage.pictures.digests()) == [film.digest]
    as_person(BEN)
    again = submit.explain(ask_film())
    assert (again.id, again.waiters) == (job.id, 2)
    assert len(resources.jobs().active()) == 1


def test_it_goes_on_after_a_restart_from_its_stored_frames(ask_film, as_person, held, storage, film):
    question = ask_film()
    storage.pictures.put(film.digest, film.data)
    as_person(ADA)
    asking = question_to_dict(question)
    assert names_from_dict(asking) == ("walk.mp4",)
    row = JobRow(job_id=question.id, state="interrupted", person=ADA, asked=1, changed=1, asking=asking)
    job = submit.go_on(row)
    assert job.question.request == question.request
    decoded().clear()
    assert job.question.chosen.exact.digest == film.digest
    storage.pictures.drop(film.digest)
    with pytest.raises(InputError, match="frames of the video walk.mp4 are no longer stored"):
        submit.go_on(row)


def test_a_run_whose_frames_are_gone_is_an_evicted_one(ask_film, explain, storage, film, without_model, wait_until):
    name = submit.explain(ask_film()).id
    wait_until(lambda: isinstance(open_run(name), LoadedRun))
    assert plan_cleaning(storage.folder, None).orphans == {}
    run = open_run(name)
    with pytest.raises(InputError, match="not yet about a video"):
        submit.begin_study(run, "trust")
    assert submit.begin_study(run, "words").question.request == run.request
    storage.pictures.drop(film.digest)
    assert isinstance(open_run(name), LoadedRun)  # remembered for a while
    read_run.clear()
    assert isinstance(open_run(name), EvictedRun)
