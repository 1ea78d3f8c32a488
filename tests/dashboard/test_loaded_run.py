"""A run in memory, with each of its pictures."""

import pytest

from dashboard.loaded_run import LoadedRun
from dashboard.services.open import open_run
from dashboard.ui.viewer.picture_chooser import shares


def test_a_run_opens_with_each_of_its_pictures(stored_all, pictures):
    run = open_run(stored_all())
    assert isinstance(run, LoadedRun) and run.chosen.picture.digest == pictures[0].picture.digest
    each = run.each_picture()
    assert [one.chosen.name for one in each] == [chosen.name for chosen in pictures]
    assert [one.result.heat.max() / run.result.heat.max() for one in each] == pytest.approx([1, 2, 3])
    assert len({one.key for one in each}) == 3 and {one.id for one in each} == {run.id}
    assert each[2].of_picture(0).result is run.result and each[2].of_picture(1).result is each[1].result
    assert shares(run) == pytest.approx([1 / 6, 2 / 6, 3 / 6]) == shares(each[1])
