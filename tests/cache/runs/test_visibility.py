"""Private runs: one's own line of the history, there for nobody else, whatever way they look."""

from dataclasses import replace

import pytest

from cache import Change, Filter, Order
from core.errors import InputError
from tests.cache.samples import make_run

ADA, BEN = "ada@example.org", "ben/../example.org"


def private(number: int, who: str = ADA, **changes):
    return make_run(number, who=who, private_to=who, **changes)


def named(history, **where) -> list[str]:
    return [run.picture_name for run in history.find(Filter(**where), Order(), 50).runs]


@pytest.fixture
def filled(history):
    """One public run of each, and two private ones of Ada's, one of them in the trash."""
    history.record(make_run(0, who=ADA, picture_name="ada's"))
    history.record(make_run(1, who=BEN, picture_name="ben's"))
    history.record(private(2, picture_name="hidden", prompt="hush?", image="2" * 64, tags=("mine",), method="tam"))
    history.record(private(3, picture_name="dropped"))
    history.write([private(3).record_id], Change(trash=True))
    return history


@pytest.mark.parametrize("viewer", ["", BEN, "ada", "ADA@example.org", "%", "' OR 1=1 --"])
def test_a_private_run_is_there_for_nobody_else(filled, viewer):
    hidden, dropped = private(2), private(3)
    assert filled.get(hidden.run_id, viewer) is None and filled.get(hidden.record_id, viewer) is None
    assert filled.get(dropped.run_id, viewer) is None
    assert named(filled, viewer=viewer) == ["ben's", "ada's"]
    for where in ({"search": "hush"}, {"search": "h"}, {"tag": "mine"}, {"picture": "hid"}, {"method": "tam"}):
        assert "hidden" not in named(filled, viewer=viewer, **where)
    assert named(filled, viewer=viewer, private=True) == named(filled, viewer=viewer, trash=True) == []
    assert [run.picture_name for run in filled.recent(9, viewer=viewer)] == ["ben's", "ada's"]
    assert (filled.count(viewer=viewer), filled.count("hush", viewer=viewer), filled.trashed(viewer)) == (2, 0, 0)
    assert filled.overview.recent_prompts(9, viewer) == [make_run().prompt]
    assert [run.picture_name for run in filled.overview.recent_pictures(9, viewer)] == ["ben's"]
    choices = filled.overview.choices(viewer)
    assert choices.tags == () and "tam" not in choices.methods
    assert filled.empty_trash(viewer) == []
    assert filled.get(dropped.run_id, ADA) is not None


def test_its_owner_finds_it_everywhere(filled):
    hidden = private(2)
    assert filled.get(hidden.run_id, ADA).private_to == ADA
    assert named(filled, viewer=ADA) == ["hidden", "ben's", "ada's"]
    assert named(filled, viewer=ADA, private=True) == named(filled, viewer=ADA, search="hush") == ["hidden"]
    assert (filled.count(viewer=ADA), filled.trashed(ADA)) == (3, 1)
    assert "hush?" in filled.overview.recent_prompts(9, ADA)
    assert filled.overview.recent_pictures(9, ADA)[0].picture_name == "hidden"
    assert filled.overview.choices(ADA).tags == ("mine",) and "tam" in filled.overview.choices(ADA).methods
    assert filled.overview.owners() == [ADA]
    assert [run.picture_name for run in filled.empty_trash(ADA)] == ["dropped"]
    assert filled.count(viewer=ADA) == 3


def test_a_count_that_was_remembered_is_the_viewers_own(filled):
    assert [filled.count(viewer=viewer) for viewer in (ADA, BEN, "", ADA)] == [3, 2, 2, 3]
    assert [filled.overview.choices(viewer).tags for viewer in (ADA, BEN)] == [("mine",), ()]


def test_several_people_have_a_line_each_and_see_one(history):
    history.record(private(0, note="ada's thought", created=1.0))
    history.record(make_run(0, who=BEN, note="for all", created=2.0))
    history.record(private(0, BEN, note="ben's thought", created=3.0))
    run = make_run(0).run_id
    assert [history.get(run, viewer).note for viewer in (ADA, BEN, "")] == ["ada's thought", "ben's thought", "for all"]
    for viewer, note in ((ADA, "ada's thought"), (BEN, "ben's thought"), ("", "for all")):
        found = history.find(Filter(viewer=viewer), Order(), 9)
        assert ([each.note for each in found.runs], found.total) == ([note], 1)
        assert found.runs[0].run_id == run
    # What one of them does touches no other's.
    history.write([history.get(run, ADA).record_id], Change(note="changed", trash=True))
    assert (history.get(run, BEN).note, history.get(run).note, history.get(run, ADA).note) == (
        "ben's thought",
        "for all",
        "for all",  # her own is in the trash, so she sees everybody's
    )
    assert [each.note for each in history.find(Filter(viewer=ADA, trash=True), Order(), 9).runs] == ["changed"]


def test_who_may_see_everything_asks_for_it(history):
    history.record(private(0))
    run = make_run(0).run_id
    assert history.get(run, BEN) is None
    assert history.get(run, BEN, everybodys=True).who == ADA
    history.record(make_run(0, who=BEN))
    assert history.get(run, BEN, everybodys=True).private_to == ""
    assert history.get(make_run(1).run_id, BEN, everybodys=True) is None


def test_running_again_keeps_a_run_private(history):
    history.record(private(0, note="kept"))
    history.record(private(0, answer="anew"))
    found = history.get(make_run(0).run_id, ADA)
    assert (found.note, found.answer, found.private_to) == ("kept", "anew", ADA)
    assert history.count(viewer=ADA) == 1


def test_a_run_becomes_private_and_public_again(history):
    history.record(make_run(0, who=ADA, note="kept"))
    run = make_run(0)
    assert history.write([run.record_id], Change(private=True)) == 1
    assert history.get(run.run_id) is None
    hidden = history.get(run.run_id, ADA)
    assert (hidden.private_to, hidden.note) == (ADA, "kept")
    history.write([hidden.record_id], Change(private=False))
    assert history.get(run.run_id) == replace(run, who=ADA, note="kept")


def test_what_belongs_to_nobody_cannot_become_private(history):
    history.record(make_run(0))
    with pytest.raises(InputError, match="Nobody is known"):
        history.write([make_run(0).record_id], Change(private=True, note="half"))
    assert history.get(make_run(0).run_id) == make_run(0)  # nothing of the change was written


def test_a_private_line_does_not_take_a_public_ones_place(history):
    history.record(private(0))
    history.record(make_run(0, who=BEN))
    with pytest.raises(InputError, match="public already"):
        history.write([private(0).record_id], Change(private=False))
    history.record(private(1))
    history.record(make_run(1, who=ADA))
    with pytest.raises(InputError, match="asked privately as well"):
        history.write([make_run(1).record_id], Change(private=True))
    assert (history.count(), history.count(viewer=ADA)) == (2, 2)
