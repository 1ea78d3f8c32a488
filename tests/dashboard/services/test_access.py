"""Which jobs whoever is at the page may see."""

import pytest

from cache import Filter, Order
from dashboard import resources
from dashboard.services import open, submit, waiting
from tests.dashboard.people import ADA, BEN, ROOT

pytestmark = pytest.mark.usefixtures("administrators")


def test_a_private_job_is_seen_by_nobody_else_until_they_ask_the_same(held, as_person, ask, storage, wait_until):
    as_person(ADA)
    job = submit.explain(ask(prompt="Hush"), private=True)
    assert waiting.run_job(job.id, wait=True) is not None
    as_person(BEN)
    assert waiting.run_job(job.id) is waiting.run_job(job.id, wait=True) is waiting.watch(job.id) is None
    assert open.open_run(job.id) is None and not waiting.cancel(job.id)
    assert submit.explain(ask(prompt="Hush")).id == job.id  # one computation for both
    assert waiting.run_job(job.id) is not None
    held.go.set()
    wait_until(lambda: not resources.jobs().get(job.id).is_active)
    assert open.open_run(job.id).record.who == BEN
    as_person(ADA)
    assert open.open_run(job.id).record.private_to == ADA
    assert [len(storage.runs.find(Filter(viewer=name), Order(), 9).runs) for name in (ADA, BEN, "cleo")] == [1, 1, 1]
    assert storage.runs.askers.of(job.id) == []
    as_person("cleo")
    assert open.open_run(job.id).record.who == BEN


def test_a_study_of_a_private_run_is_seen_by_whoever_sees_the_run(held, stored_by, as_person):
    run = stored_by(ADA, private=True)
    as_person(ROOT, is_admin=True)
    name = submit.begin_study(open.open_run(run), "words").id
    as_person(BEN)
    assert waiting.watch(name) is None and not waiting.cancel(name)
    as_person(ADA)
    assert waiting.watch(name) is not None
