"""What a job brought is stored, or shown with a notice."""

from cache import StoreError
from dashboard.jobs.runner import compute
from tests.dashboard.watching import ignore


def test_a_full_store_loses_no_result(ask, storage, backend, monkeypatch):
    def full(result):
        raise StoreError("The disk is full. Free some space.")

    monkeypatch.setattr(storage.results, "put", full)
    outcome = compute(ask(), ignore, storage=storage, backend=backend)
    assert not outcome.kept
    assert outcome.notices == ("This result is shown but was not kept. The disk is full. Free some space.",)
    assert outcome.result.answer.text == "right"


def test_reading_leaves_what_it_took_to_compute(ask, storage, backend):
    compute(ask(), ignore, storage=storage, backend=backend)
    before = storage.runs.get(ask().id)
    compute(ask(), ignore, storage=storage, backend=backend)
    assert storage.runs.get(ask().id) == before and before.computed_samples == 10
