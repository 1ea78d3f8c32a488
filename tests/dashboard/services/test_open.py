"""A stored run is opened for whoever may see it."""

import pytest

from core import InputError
from dashboard.auth.permissions import set_private
from dashboard.loaded_run import EvictedRun
from dashboard.services import access
from dashboard.services.open import open_run, stored_pictures
from tests.dashboard.people import ADA, BEN, ROOT, actions

pytestmark = pytest.mark.usefixtures("administrators")


def test_what_one_person_has_opened_is_not_kept_for_another(stored_by, as_person):
    """Results are kept in memory once for all; who may see a run is asked each time."""
    run = stored_by(ADA, private=True)
    as_person(ADA)
    assert open_run(run).record.private_to == ADA
    as_person(BEN)
    assert open_run(run) is None
    as_person(ADA, signed_in=False, is_admin=True)  # her name, typed on a server where nobody signs in
    assert open_run(run) is None
    as_person(ROOT, is_admin=True)
    assert open_run(run).record.private_to == ADA
    # Elsewhere than on a page, whose thread nobody looks from.
    assert open_run(run, BEN) is None and open_run(run, "") is None
    assert open_run(run, ADA) is not None


def test_a_run_that_becomes_private_is_gone_for_others_at_once(stored_by, as_person, storage):
    run = stored_by(ADA)
    as_person(BEN)
    assert open_run(run) is not None
    as_person(ADA)
    set_private([access.find_record(run)], True)
    as_person(BEN)
    assert open_run(run) is None
    assert actions(storage) == [("make-private", ADA)]


@pytest.mark.parametrize("gone", [0, 2])
def test_a_picture_that_is_gone_is_said_with_all_names(visit, stored_all, storage, pictures, gone):
    name = stored_all()
    storage.pictures.drop(pictures[gone].picture.digest)
    lost = open_run(name)
    assert isinstance(lost, EvictedRun) and lost.chosen is None and lost.pictures == ()
    app = visit("compute", run=name)
    assert "not all of its 3 pictures are stored any more" in app.warning[0].value
    assert "in this order: two" in app.warning[0].value and not app.exception
    with pytest.raises(InputError, match="no longer stored. Upload it again"):
        stored_pictures(lost.request, lost.record.names)
