"""Rows of batches on their way through the queue, and whose they are."""

import pytest

from dashboard import resources
from dashboard.batch.feeder import Feeders, stored_states
from dashboard.services import submit
from tests.dashboard.people import ADA, BEN, ROOT, fed

pytestmark = pytest.mark.usefixtures("administrators")


def test_the_rows_of_a_private_batch_are_its_owners_whoever_goes_on(batch_of, without_model, wait_until, storage):
    batch = batch_of(ADA, private=True)
    assert fed(batch, ROOT, wait_until) == ["done", "done"]
    assert storage.runs.count() == 0 == storage.runs.count(viewer=ROOT) and storage.runs.count(viewer=ADA) == 2
    # The same asked for all to see is another batch, with lines of its own and nothing computed twice.
    public, asked = batch_of(BEN), len(without_model.asked)
    assert {row.state for row in stored_states(public, storage)} == {"missing"}
    assert fed(public, BEN, wait_until) == ["done", "done"]
    assert storage.runs.count() == 2 and len(without_model.asked) == asked


def test_what_is_public_is_not_hidden_by_a_private_batch(batch_of, without_model, wait_until, storage):
    fed(batch_of(BEN), BEN, wait_until)
    batch = batch_of(ADA, private=True)
    assert [row.state for row in stored_states(batch, storage)] == ["done", "done"]
    assert fed(batch, ADA, wait_until) == ["done", "done"]
    assert [run.private_to for run in storage.runs.recent(9, viewer=ADA)] == ["", ""]


def test_a_batch_that_joins_somebodys_private_job_has_a_line_of_its_own(
    held, batch_of, as_person, ask, monkeypatch, wait_until, storage
):
    as_person(ADA)
    submit.explain(ask(prompt="What is this?", num_samples=2), private=True)
    batch = batch_of(BEN)
    feeder = Feeders(resources.jobs(), storage, lambda request: ask().card).start(batch, BEN)
    wait_until(lambda: len(resources.jobs().active()) == 2)
    held.go.set()
    wait_until(lambda: not feeder.active)
    assert [run.who for run in storage.runs.recent(9)] == [BEN, BEN] and storage.runs.count(viewer=ADA) == 2
    assert storage.runs.get(batch.run_ids[0], ADA).private_to == ADA
