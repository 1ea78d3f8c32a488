"""Private runs: one's own line of the history, there for nobody else, whatever way they look."""

from dataclasses import replace

import pytest

from cache import Asker, Change, Filter, Order, RunHistory
from core.errors import InputError
from tests.cache.runs.test_history import make_run

ADA, BEN = "ada@example.org", "ben/../example.org"


@pytest.fixture
def log(tmp_path):
    log = RunHistory(tmp_path / "history" / "runs.db")
    yield log
    log.close()


def private(number: int, who: str = ADA, **changes):
    return make_run(number, who=who, private_to=who, **changes)


def named(log, **where) -> list[str]:
    return [run.picture_name for run in log.find(Filter(**where), Order(), 50).runs]


@pytest.fixture
def filled(log):
    """One public run of each, and two private ones of Ada's, one of them in the trash."""
    log.record(make_run(0, who=ADA, picture_name="ada's"))
    log.record(make_run(1, who=BEN, picture_name="ben's"))
    log.record(private(2, picture_name="hidden", prompt="hush?", image="2" * 64, tags=("mine",), method="tam"))
    log.record(private(3, picture_name="dropped"))
    log.write([private(3).line], Change(trash=True))
    return log


@pytest.mark.parametrize("viewer", ["", BEN, "ada", "ADA@example.org", "%", "' OR 1=1 --"])
def test_a_private_run_is_there_for_nobody_else(filled, viewer):
    hidden, dropped = private(2), private(3)
    assert filled.get(hidden.run_id, viewer) is None and filled.get(hidden.line, viewer) is None
    assert filled.get(dropped.run_id, viewer) is None
    assert named(filled, viewer=viewer) == ["ben's", "ada's"]
    for where in ({"search": "hush"}, {"search": "h"}, {"tag": "mine"}, {"picture": "hid"}, {"method": "tam"}):
        assert "hidden" not in named(filled, viewer=viewer, **where)
    assert named(filled, viewer=viewer, private=True) == named(filled, viewer=viewer, trash=True) == []
    assert [run.picture_name for run in filled.recent(9, viewer=viewer)] == ["ben's", "ada's"]
    assert (filled.count(viewer=viewer), filled.count("hush", viewer=viewer), filled.trashed(viewer)) == (2, 0, 0)
    assert filled.recent_prompts(9, viewer) == [make_run().prompt]
    assert [run.picture_name for run in filled.recent_pictures(9, viewer)] == ["ben's"]
    choices = filled.choices(viewer)
    assert choices.tags == () and "tam" not in choices.methods
    assert filled.empty_trash(viewer) == []
    assert filled.get(dropped.run_id, ADA) is not None


def test_its_owner_finds_it_everywhere(filled):
    hidden = private(2)
    assert filled.get(hidden.run_id, ADA).private_to == ADA
    assert named(filled, viewer=ADA) == ["hidden", "ben's", "ada's"]
    assert named(filled, viewer=ADA, private=True) == named(filled, viewer=ADA, search="hush") == ["hidden"]
    assert (filled.count(viewer=ADA), filled.trashed(ADA)) == (3, 1)
    assert "hush?" in filled.recent_prompts(9, ADA)
    assert filled.recent_pictures(9, ADA)[0].picture_name == "hidden"
    assert filled.choices(ADA).tags == ("mine",) and "tam" in filled.choices(ADA).methods
    assert filled.owners() == [ADA]
    assert [run.picture_name for run in filled.empty_trash(ADA)] == ["dropped"]
    assert filled.count(viewer=ADA) == 3


def test_a_count_that_was_remembered_is_the_viewers_own(filled):
    assert [filled.count(viewer=viewer) for viewer in (ADA, BEN, "", ADA)] == [3, 2, 2, 3]
    assert [filled.choices(viewer).tags for viewer in (ADA, BEN)] == [("mine",), ()]


def test_several_people_have_a_line_each_and_see_one(log):
    log.record(private(0, note="ada's thought", created=1.0))
    log.record(make_run(0, who=BEN, note="for all", created=2.0))
    log.record(private(0, BEN, note="ben's thought", created=3.0))
    run = make_run(0).run_id
    assert [log.get(run, viewer).note for viewer in (ADA, BEN, "")] == ["ada's thought", "ben's thought", "for all"]
    for viewer, note in ((ADA, "ada's thought"), (BEN, "ben's thought"), ("", "for all")):
        found = log.find(Filter(viewer=viewer), Order(), 9)
        assert ([each.note for each in found.runs], found.total) == ([note], 1)
        assert found.runs[0].run_id == run
    # What one of them does touches no other's.
    log.write([log.get(run, ADA).line], Change(note="changed", trash=True))
    assert (log.get(run, BEN).note, log.get(run).note, log.get(run, ADA).note) == (
        "ben's thought",
        "for all",
        "for all",  # her own is in the trash, so she sees everybody's
    )
    assert [each.note for each in log.find(Filter(viewer=ADA, trash=True), Order(), 9).runs] == ["changed"]


def test_who_may_see_everything_asks_for_it(log):
    log.record(private(0))
    run = make_run(0).run_id
    assert log.get(run, BEN) is None
    assert log.get(run, BEN, everybodys=True).who == ADA
    log.record(make_run(0, who=BEN))
    assert log.get(run, BEN, everybodys=True).private_to == ""
    assert log.get(make_run(1).run_id, BEN, everybodys=True) is None


def test_running_again_keeps_a_run_private(log):
    log.record(private(0, note="kept"))
    log.record(private(0, answer="anew"))
    found = log.get(make_run(0).run_id, ADA)
    assert (found.note, found.answer, found.private_to) == ("kept", "anew", ADA)
    assert log.count(viewer=ADA) == 1


def test_a_run_becomes_private_and_public_again(log):
    log.record(make_run(0, who=ADA, note="kept"))
    run = make_run(0)
    assert log.write([run.line], Change(private=True)) == 1
    assert log.get(run.run_id) is None
    hidden = log.get(run.run_id, ADA)
    assert (hidden.private_to, hidden.note) == (ADA, "kept")
    log.write([hidden.line], Change(private=False))
    assert log.get(run.run_id) == replace(run, who=ADA, note="kept")


def test_what_belongs_to_nobody_cannot_become_private(log):
    log.record(make_run(0))
    with pytest.raises(InputError, match="Nobody is known"):
        log.write([make_run(0).line], Change(private=True, note="half"))
    assert log.get(make_run(0).run_id) == make_run(0)  # nothing of the change was written


def test_a_private_line_does_not_take_a_public_ones_place(log):
    log.record(private(0))
    log.record(make_run(0, who=BEN))
    with pytest.raises(InputError, match="public already"):
        log.write([private(0).line], Change(private=False))
    log.record(private(1))
    log.record(make_run(1, who=ADA))
    with pytest.raises(InputError, match="asked privately as well"):
        log.write([make_run(1).line], Change(private=True))
    assert (log.count(), log.count(viewer=ADA)) == (2, 2)


def test_asking_again_never_makes_a_private_run_public(log):
    log.record(private(0))
    run = make_run(0).run_id
    assert log.settle(run, Asker(ADA), ADA) == Asker(ADA, private=True)
    assert log.settle(run, Asker(BEN), BEN) == Asker(BEN)  # a line of his own, public
    assert log.settle(run, Asker(ADA)) == Asker(ADA)  # her name, merely typed


def test_what_is_public_does_not_become_private_by_asking(log):
    log.record(make_run(0, who=BEN))
    run = make_run(0).run_id
    assert log.settle(run, Asker(ADA, private=True), ADA) == Asker(ADA)
    log.write([run], Change(trash=True))
    assert log.settle(run, Asker(ADA, private=True), ADA) == Asker(ADA, private=True)


def test_what_is_still_computed_counts_as_well(log):
    run = make_run(0).run_id
    assert log.ask(run, Asker(ADA, private=True), ADA) == Asker(ADA, private=True)
    assert log.ask(run, Asker(ADA), ADA) == Asker(ADA, private=True)
    assert log.ask(run, Asker(BEN), BEN) == Asker(BEN)
    assert log.ask(run, Asker("cleo", private=True), "cleo") == Asker("cleo")
    assert log.askers(run) == [Asker(ADA, private=True), Asker(BEN), Asker("cleo")]
    log.forget_askers(run)
    assert log.askers(run) == []


def test_who_waits_is_known_after_a_restart_and_forgotten_after_a_month(tmp_path, monkeypatch):
    log = RunHistory(tmp_path / "history" / "runs.db")
    log.ask("a" * 16, Asker(ADA, private=True), ADA)
    log.close()
    log = RunHistory(tmp_path / "history" / "runs.db")
    assert log.askers("a" * 16) == [Asker(ADA, private=True)]
    monkeypatch.setattr("cache.runs.visibility.time.time", lambda: 4e9)
    log.ask("b" * 16, Asker(BEN), BEN)
    assert (log.askers("a" * 16), log.askers("b" * 16)) == ([], [Asker(BEN)])
    log.close()


def test_nobody_in_particular_cannot_ask_privately():
    with pytest.raises(InputError, match="signed in"):
        Asker("", private=True)
