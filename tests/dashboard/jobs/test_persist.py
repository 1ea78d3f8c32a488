"""What a job brought is stored, or shown with a notice."""

from functools import partial

import pytest

from cache import StoreError
from core.rendering.overlay import fit, overlay
from dashboard.jobs.persist import THUMBNAIL, keep
from dashboard.jobs.runner import compute
from dashboard.services.open import open_run
from tests.dashboard.seen import pixels_of, share_that_differs
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


@pytest.mark.parametrize("chosen_otherwise", [{"method": "gradcam"}, {"part": "tower", "layers": (2, 3)}])
def test_thumbnails_show_what_was_asked_for(stored_by_method, storage, chosen_otherwise):
    names = stored_by_method(), stored_by_method(**chosen_otherwise)
    small = [pixels_of(storage.runs.get(name).thumbnail) for name in names]
    runs = [open_run(name) for name in names]
    picture = fit(runs[0].chosen.preview, THUMBNAIL)
    true = share_that_differs(overlay(picture, runs[0].result.combined), overlay(picture, runs[1].result.at(2)))
    assert true > 0.3 and share_that_differs(*small) == pytest.approx(true, abs=0.03)  # WEBP is not exact


def test_thumbnails_of_several_pictures_show_what_was_asked_for(ask_all, result_by_method, storage):
    keep_all = partial(keep, storage=storage, seconds=1.0)
    questions = ask_all(layers=(2, 5)), ask_all(layers=(2, 5), method="gradcam")
    names = [keep_all(question, result_by_method(question)).id for question in questions]
    assert share_that_differs(*(pixels_of(storage.runs.get(name).thumbnail) for name in names)) > 0.2
