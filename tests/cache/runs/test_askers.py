"""Who waits for a run, and whether asking can make it private or public."""

import pytest

from cache import Asker, Change, RunHistory
from cache.runs import askers
from core.errors import InputError
from tests.cache.samples import make_run
from tests.clocks import hold

ADA, BEN = "ada@example.org", "ben/../example.org"


def private(number: int, who: str = ADA, **changes):
    return make_run(number, who=who, private_to=who, **changes)


def test_asking_again_never_makes_a_private_run_public(history):
    history.record(private(0))
    run = make_run(0).run_id
    assert history.askers.settle(run, Asker(ADA), ADA) == Asker(ADA, private=True)
    assert history.askers.settle(run, Asker(BEN), BEN) == Asker(BEN)  # a line of his own, public
    assert history.askers.settle(run, Asker(ADA)) == Asker(ADA)  # her name, merely typed


def test_what_is_public_does_not_become_private_by_asking(history):
    history.record(make_run(0, who=BEN))
    run = make_run(0).run_id
    assert history.askers.settle(run, Asker(ADA, private=True), ADA) == Asker(ADA)
    history.write([run], Change(trash=True))
    assert history.askers.settle(run, Asker(ADA, private=True), ADA) == Asker(ADA, private=True)


def test_what_is_still_computed_counts_as_well(history):
    run = make_run(0).run_id
    assert history.askers.ask(run, Asker(ADA, private=True), ADA) == Asker(ADA, private=True)
    assert history.askers.ask(run, Asker(ADA), ADA) == Asker(ADA, private=True)
    assert history.askers.ask(run, Asker(BEN), BEN) == Asker(BEN)
    assert history.askers.ask(run, Asker("cleo", private=True), "cleo") == Asker("cleo")
    assert history.askers.of(run) == [Asker(ADA, private=True), Asker(BEN), Asker("cleo")]
    history.askers.forget(run)
    assert history.askers.of(run) == []


def test_who_waits_is_known_after_a_restart_and_forgotten_after_a_month(tmp_path, monkeypatch):
    history = RunHistory(tmp_path / "history" / "runs.db")
    history.askers.ask("a" * 16, Asker(ADA, private=True), ADA)
    history.close()
    history = RunHistory(tmp_path / "history" / "runs.db")
    assert history.askers.of("a" * 16) == [Asker(ADA, private=True)]
    hold(monkeypatch, askers).forward(40 * 86_400)
    history.askers.ask("b" * 16, Asker(BEN), BEN)
    assert (history.askers.of("a" * 16), history.askers.of("b" * 16)) == ([], [Asker(BEN)])
    history.close()


def test_nobody_in_particular_cannot_ask_privately():
    with pytest.raises(InputError, match="signed in"):
        Asker("", private=True)
