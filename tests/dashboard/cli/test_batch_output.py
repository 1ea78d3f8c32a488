"""What `python -m dashboard batch` says on a terminal."""

from dataclasses import replace
from pathlib import Path

import pytest

from cache.batches.batch import Row
from core import Cancelled, InputError, Progress
from core.memory.device_rate import DeviceRate
from core.memory.forecast import forecast
from dashboard.batch.plan import PlannedRow
from dashboard.batch.runner import COMPUTED, FAILED, STORED, BatchTools
from dashboard.batch.summary import Ending
from dashboard.cli.batch_output import Bar, line, show_forecast, show_plan, show_summary, write_summary
from dashboard.formatting import duration
from dashboard.jobs.persist import keep
from dashboard.settings import Settings


def ending(state, number=1, name="a.png", **more):
    return Ending(Row(number, name, "", "Where?"), state, **more)


def test_a_row_that_ended_is_one_line_that_no_name_can_break():
    assert line(ending(COMPUTED, seconds=1.25, run_id="ab"), 3) == "1/3 a.png: computed in 1.2 s, run ab"
    assert line(ending(STORED, seconds=1.25, run_id="ab"), 3) == "1/3 a.png: stored already, run ab"
    assert line(ending(FAILED, 2, ""), 3) == "2/3 no picture: failed"
    assert line(ending(FAILED, name="a\x1b[2J\n.png"), 1) == "1/1 a?[2J?.png: failed"


@pytest.fixture
def tools(ask, card, storage):
    return BatchTools(ask(num_samples=4).request, card, storage, None, lambda progress: None)


def test_the_plan_counts_what_is_stored_missing_and_wrong(capsys):
    rows = [PlannedRow(1, "a.png", "p"), PlannedRow(2, "b.png", "p"), PlannedRow(3, "", "p", problem="No picture.")]
    show_plan(rows, rows[1:2], {2: "The disk was full."})
    said = capsys.readouterr().err
    assert "3 rows: 1 stored already, 1 to compute, 1 with a problem." in said
    assert "row 3 (no picture): No picture." in said
    assert "1 row failed before and will be tried again:\n  row 2 (b.png): The disk was full." in said


def test_what_is_to_compute_takes_what_is_known_of_it(tools, capsys, storage, chosen):
    show_forecast(chosen.size, None, 3, tools, Settings())
    said = capsys.readouterr().err
    counted = forecast(tools.card, [chosen.size], tools.template)
    assert f"The largest picture takes {counted.visual} visual tokens and " in said and "GB are free." in said
    assert "That takes" not in said  # nothing was computed here that it could be judged by, and nothing measured
    storage.rates.put(tools.card, DeviceRate(operations=1e9, bytes=1e9, starts=1e5))
    show_forecast(chosen.size, None, 3, tools, Settings())
    seconds = 3 * storage.rates.seconds(tools.card, counted, 4)
    assert f"That takes up to about {duration(seconds)}, counted from the model's size" in capsys.readouterr().err


def test_earlier_runs_tell_more_than_counting(tools, capsys, ask, result_of, storage, chosen):
    earlier = ask(prompt="earlier")
    keep(earlier, result_of(earlier), storage, seconds=20.0, samples=10)
    show_forecast(chosen.size, None, 3, tools, Settings())
    assert "That takes about 24 s, judging by earlier runs here." in capsys.readouterr().err


def test_more_problems_than_fit_are_counted(capsys):
    rows = [PlannedRow(number, "", "p", problem="No picture.") for number in range(1, 24)]
    show_plan(rows, [], {})
    said = capsys.readouterr().err
    assert "row 20 (no picture)" in said and "row 21" not in said and "and 3 more" in said


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (None, ""),
        (Cancelled("stopped"), "Stopped; what was computed is kept."),
        (InputError("The disk is full."), "The disk is full. Run the same command again when that is mended"),
    ],
)
def test_the_end_is_counted_by_state_and_says_how_to_go_on(capsys, why, words):
    show_summary([ending(COMPUTED), ending(COMPUTED, 2), ending(FAILED, 3, problem="It is torn.")], why, 95)
    said = capsys.readouterr()
    assert said.out == "3 rows in 2 min: 2 computed, 1 failed.\n  row 3 (a.png): It is torn.\n"
    assert words in said.err and bool(said.err) == bool(words)


def test_the_bar_tells_of_the_row_that_is_under_way(capsys):
    with Bar() as bar:
        bar.show(Progress("answer", 1, 2))  # before the first row there is nothing to be told
        bar.begin(2)
        bar.show(Progress("samples", 3, 10))
        bar.step("1/2 a.png: computed")
    assert "1/2 a.png: computed" in capsys.readouterr().err


def test_videos_are_counted_with_their_frames(tools, capsys):
    show_forecast(None, (84, 56, 6), 3, tools, Settings())
    said = capsys.readouterr().err
    alone = forecast(tools.card, [(84, 56)], replace(tools.template, frames=6))
    assert f"The largest video takes {alone.visual} visual tokens and " in said and "picture" not in said
    assert alone.visual == 3 * forecast(tools.card, [(84, 56)], tools.template).visual


def test_a_summary_that_cannot_be_written_leaves_nothing_half_written(tmp_path, monkeypatch, capsys):
    def broken(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    write_summary(tmp_path / "out.csv", b"row")
    assert list(tmp_path.iterdir()) == [] and "No space left" in capsys.readouterr().err
