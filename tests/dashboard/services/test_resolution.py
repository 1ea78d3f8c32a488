"""At which size the model of a run saw its picture."""

from dataclasses import replace

import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.loaded_run import LoadedRun
from dashboard.services.resolution import scaled_down

KEPT = 1_280 * 28**2


@pytest.fixture
def run_of(ask, explain, roomy):
    """A run of the roomy model about one picture."""

    def make(picture, **changes) -> LoadedRun:
        request = replace(ask().request, **{"image": picture.digest, "model": roomy.fingerprint} | changes)
        return LoadedRun(gather([explain(each) for each in whole_run(request)]), picture)

    return make


def test_a_photo_that_was_made_smaller(run_of, photo):
    found = scaled_down(run_of(photo, max_pixels=KEPT))
    assert (found.own, found.seen, found.cell) == ((4000, 3000), (1148, 840), 28)
    assert (found.tokens, found.full) == (1_230, 15_301)
    assert scaled_down(run_of(photo, max_pixels=KEPT, part="tower", layers=(0,))).cell == 14


def test_nothing_is_said_where_nothing_was_made_smaller(run_of, photo, chosen):
    assert scaled_down(run_of(photo)) is None
    assert scaled_down(run_of(chosen, max_pixels=KEPT)) is None
    assert scaled_down(run_of(photo, max_pixels=KEPT, origin="a" * 64)) is None
    assert scaled_down(run_of(photo, max_pixels=KEPT, model="0" * 64)) is None  # not offered any more
