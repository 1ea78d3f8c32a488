"""A data set measured, killed, gone on with, and kept in flat memory."""

import tracemalloc

import numpy as np
import pytest

from core.errors import Cancelled, InputError
from core.evaluation.datasets.case import Skipped
from core.evaluation.protocol import measuring
from core.evaluation.protocol.blind import BLIND
from core.evaluation.protocol.figures import MEASURES
from core.evaluation.protocol.plan import Plan
from core.evaluation.protocol.run import Share, evaluate
from tests.core.evaluation.protocol.stand_ins import Rows, StandIn, a_case, a_picture, data_set

ON = np.array([[[1.0, 0.0], [0.0, 0.0]]])
OFF = np.array([[[0.0, 0.0], [0.0, 1.0]]])
PLAN = Plan(methods=("combined", "gradcam"), taken_apart=0, words=2)


def model() -> StandIn:
    return StandIn({"combined": ON, "gradcam": OFF})


def rows(folder):
    first, second = a_picture(folder), a_picture(folder, "b.png")
    return [
        a_case("dog in a", first),
        a_case("cat in a", first, ("cat",)),
        a_case("sofa in a", first, ("sofa",)),
        Skipped("line 4", "Its mask is empty."),
        a_case("dog in b", second),
        a_case("dog in c", folder / "missing.png"),
    ]


def test_rows_are_measured_left_out_and_skipped_each_with_its_reason(tmp_path):
    explainer, told = model(), []
    report = evaluate(explainer, data_set(rows(tmp_path)), PLAN, tmp_path / "out", on_rows=lambda *at: told.append(at))
    assert report["counts"] == {
        "rows": 6,
        "measured": 3,
        "pictures": 2,
        "skipped": 2,
        "unnamed": 1,
        "named_share": 0.75,
    }
    assert told == [(0, 6), (3, 6), (4, 6), (5, 6), (6, 6)] and len(explainer.asked) == 2
    assert report["skipped"][0] == ["line 4", "Its mask is empty."] and report["skipped"][1][0] == "dog in c"
    assert "missing.png" in report["skipped"][1][1]
    combined, gradcam = report["methods"]["combined"], report["methods"]["gradcam"]
    assert combined["pointing"] == {"mean": [1.0], "low": [1.0], "high": [1.0]} and combined["layers"] == [None]
    assert gradcam["pointing"]["mean"] == [0.0] and gradcam["layers"] == [2] and gradcam["cases"] == 3
    assert report["blind"]["uniform"]["energy"]["mean"] == [0.25]
    assert report["words"]["combined"]["words"] == 4 and report["removal"] == {}


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path):
    class Stopped(Cancelled):
        pass

    def stop(done: int, total: int) -> None:
        if done == 4:
            raise Stopped

    whole = evaluate(model(), data_set(rows(tmp_path)), PLAN, tmp_path / "at once")
    first = model()
    with pytest.raises(Stopped):
        evaluate(first, data_set(rows(tmp_path)), PLAN, tmp_path / "out", on_rows=stop)
    (log,) = (tmp_path / "out").iterdir()
    log.write_bytes(log.read_bytes() + b'{"number": 2, "rows": 1, "cas')  # a kill in the middle of a line
    second, told = model(), []
    report = evaluate(second, data_set(rows(tmp_path)), PLAN, tmp_path / "out", on_rows=lambda *at: told.append(at))
    assert len(first.asked) == 1 and len(second.asked) == 1 and told[0] == (4, 6)
    assert report == whole
    third = model()
    assert evaluate(third, data_set(rows(tmp_path)), PLAN, tmp_path / "out") == whole and third.asked == []


def test_other_data_begin_anew(tmp_path):
    evaluate(model(), data_set(rows(tmp_path)), PLAN, tmp_path / "out")
    other = model()
    evaluate(other, data_set(rows(tmp_path), "e" * 64), PLAN, tmp_path / "out")
    assert len(other.asked) == 2 and len(list((tmp_path / "out").iterdir())) == 2


def test_where_nothing_can_be_measured_a_sentence_says_why(tmp_path):
    data = data_set([a_case("sofa in a", a_picture(tmp_path), ("sofa",)), Skipped("line 2", "Its mask is empty.")])
    with pytest.raises(InputError, match=r"of 2 rows 1 cannot be used, and 1 mean objects .*line 2: Its mask is empty"):
        evaluate(model(), data, PLAN, tmp_path / "out")


def test_shares_are_apart_and_together_everything():
    shares = [Share(index, 3) for index in range(3)]
    assert [[share.holds(number) for share in shares].count(True) for number in range(7)] == [1] * 7


def test_memory_does_not_grow_with_the_rows(tmp_path, monkeypatch):
    # What one map gives is not looked at here, and takes its time.
    monkeypatch.setattr(measuring, "measured", lambda heat, truth: [0.5] * len(MEASURES))
    monkeypatch.setattr(measuring, "blind_maps", lambda grid, seed: dict.fromkeys(BLIND, np.ones((1, *grid))))
    monkeypatch.setattr(measuring.Truth, "of", lambda *given: None)
    names = [a_picture(tmp_path, f"{number}.png") for number in range(250)]
    plan = Plan(methods=("combined",), taken_apart=0, words=0)

    def peak(count: int) -> int:
        data = data_set(Rows(lambda number: a_case(f"row {number}", names[number // 20 % 250], ()), count), f"{count}")
        explainer = StandIn({"combined": ON})
        tracemalloc.start()
        report = evaluate(explainer, data, plan, tmp_path / f"out {count}")
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report["counts"]["measured"] == count and len(explainer.asked) == count // 20
        return found

    peak(20)  # what is imported and kept by whoever is first
    few, many = peak(260), peak(5_000)
    assert many < few + 2**21, f"{few:,} bytes for 260 rows, {many:,} for 5,000"
