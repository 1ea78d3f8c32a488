"""Who waits for a job, and who may stop it."""

from types import SimpleNamespace

import pytest

from dashboard import resources
from dashboard.services import access, submit, waiting
from tests.dashboard.people import ADA, BEN, ROOT, actions

pytestmark = pytest.mark.usefixtures("administrators")


def test_only_its_owner_and_administrators_stop_a_job(held, as_person, ask, storage, wait_until):
    as_person(ADA)
    job = submit.explain(ask(prompt="Long"))
    as_person(BEN)
    assert waiting.run_job(job.id, wait=True) is not None
    assert not waiting.cancel(job.id) and not waiting.cancel(job.id, for_all=True)
    assert resources.jobs().get(job.id).is_active and not resources.jobs().get(job.id).stopping
    as_person(ADA)
    waiting.run_job(job.id, wait=True)
    assert waiting.cancel(job.id)
    held.go.set()
    wait_until(lambda: resources.jobs().get(job.id).state == "cancelled")
    held.go.clear()
    job = submit.explain(ask(prompt="Long"))
    as_person(ROOT, is_admin=True)
    assert waiting.cancel(job.id, for_all=True)
    assert actions(storage) == [("cancel", ADA), ("cancel", ROOT)]


def test_where_nobody_signs_in_cancelling_is_as_it_was(held, as_person, ask):
    as_person("", signed_in=False, is_admin=True)
    job = submit.explain(ask(prompt="Long"))
    assert not access.may_stop_for_all()
    assert waiting.cancel(job.id)


@pytest.mark.parametrize(
    ("watchers", "seconds"), [(0, 0.5), (1, 0.5), (5, 0.5), (6, 0.6), (20, 2.0), (50, 5.0), (1000, 5.0)]
)
def test_all_pages_together_look_a_bounded_number_of_times(monkeypatch, watchers, seconds):
    monkeypatch.setattr(resources, "jobs", lambda: SimpleNamespace(watchers=lambda: watchers))
    assert waiting.pace() == pytest.approx(seconds)
    assert watchers / waiting.pace() <= waiting.LOOKS or waiting.pace() == waiting.SLOWEST


def test_a_page_keeps_its_pace_as_long_as_it_is_about_right(monkeypatch):
    count = 20
    monkeypatch.setattr(resources, "jobs", lambda: SimpleNamespace(watchers=lambda: count))
    pace = waiting.pace()
    for count, kept in ((30, True), (39, True), (40, False), (15, True), (11, True), (10, False), (1, False)):  # noqa: B007
        assert (waiting.pace(pace) == pace) is kept
