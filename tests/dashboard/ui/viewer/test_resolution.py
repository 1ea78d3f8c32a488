"""Beside a map: what the number of visual tokens did to the picture, and one click for all of it."""

from dataclasses import replace

import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import store_picture
from dashboard.jobs.question import question_of
from dashboard.ui.viewer.resolution import FULL_BUTTON
from tests.dashboard.pages import sentences

KEPT = 1_280 * 28**2


@pytest.fixture
def stored_photo(ask, explain, roomy, photo, storage):
    """Stores a run about a photo and returns its name."""

    def put(**changes) -> str:
        request = replace(ask().request, image=photo.digest, model=roomy.fingerprint, **changes)
        question = question_of(request, [store_picture(photo, storage)], roomy)
        return keep(question, gather([explain(each) for each in whole_run(request)]), storage, seconds=2.0).id

    return put


def test_it_says_what_was_done_and_asks_for_all_of_it(visit, stored_photo, without_model, wait_until):
    app = visit("compute", run=stored_photo(max_pixels=KEPT))
    assert "The model saw the picture at 1,148 × 840 of its 4,000 × 3,000 pixels: a cell is 28 × 28" in sentences(app)
    app.button(key=FULL_BUTTON).click().run()
    assert not app.exception
    wait_until(lambda: without_model.asked)
    asked = without_model.asked[0][0][0]
    assert asked.max_pixels is None and asked.image


def test_a_run_at_the_models_own_limits_says_nothing(visit, stored_photo):
    app = visit("compute", run=stored_photo())
    assert "The model saw the picture" not in sentences(app)
    assert FULL_BUTTON not in [button.key for button in app.button]
