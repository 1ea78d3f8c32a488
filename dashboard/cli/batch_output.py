"""What `python -m dashboard batch` says on a terminal and in its summary: the plan, how far it is, what came of it."""

import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from core import Cancelled, ExplainError, InputError, Progress
from core.errors import shown
from core.memory.forecast import Forecast, forecast
from core.models.checkpoints import ModelCard
from core.schema.progress import Stage
from dashboard.batch.plan import PlannedRow
from dashboard.batch.runner import FAILED, STORED, BatchTools
from dashboard.batch.summary import Ending
from dashboard.formatting import duration
from dashboard.jobs.device_speed import free_memory
from dashboard.settings import Settings

_PLAN_LINES = 20


def show_plan(rows: list[PlannedRow], missing: list[PlannedRow], failed: dict[int, str]) -> None:
    """What would be computed, what is stored, and what is wrong.

    Args:
        missing: those of the rows that are to be computed.
        failed: why they failed when they were tried before, by their numbers.
    """
    wrong = [row for row in rows if row.problem]
    stored = len(rows) - len(wrong) - len(missing)
    say(f"{_rows(len(rows))}: {stored} stored already, {len(missing)} to compute, {len(wrong)} with a problem.")
    _say_problems([(row, row.problem) for row in wrong])
    if failed:
        say(f"{_rows(len(failed))} failed before and will be tried again:")
        _say_problems([(row, failed[row.number]) for row in missing if row.number in failed])


def show_forecast(
    largest: tuple[int, int] | None,
    longest: tuple[int, int, int] | None,
    runs: int,
    tools: BatchTools,
    settings: Settings,
) -> None:
    """What the rows to compute take, as far as that is known.

    Args:
        largest: (width, height) of the largest picture in pixels; None without pictures.
        longest: those of the frames of the longest video, and their number; None without videos.
        runs: rows to compute.
    """
    card, storage, taken = tools.card, tools.storage, []
    for what, size, frames in (("picture", largest, 0), ("video", longest and longest[:2], longest and longest[2])):
        counted = None if size is None else forecast(card, [size], replace(tools.template, frames=frames))
        if counted is not None:
            memory = _memory(counted, card, settings)
            say(f"The largest {what} takes {counted.visual:,} visual tokens and {memory}")
            taken.append(counted)
    samples = tools.template.num_samples if tools.template.noise_std else 1
    cost = storage.runs.overview.cost(card.name, tools.template.method)
    expected = [storage.rates.seconds(card, counted, samples) for counted in taken]
    if cost is not None:
        say(f"That takes about {duration(cost.seconds * runs * samples)}, judging by earlier runs here.")
    elif expected and None not in expected:
        words = f"That takes up to about {duration(max(expected) * runs)}"
        say(f"{words}, counted from the model's size and this device's speed.")


def _memory(counted: Forecast, card: ModelCard, settings: Settings) -> str:
    needed = f"{counted.least / 2**30:.1f} to {counted.peak / 2**30:.1f} GB of memory"
    free = free_memory(card, settings)
    return f"{needed}." if free is None else f"{needed}; {free[0] / 2**30:.1f} of {free[1] / 2**30:.1f} GB are free."


def _say_problems(rows: list[tuple[PlannedRow, str]]) -> None:
    for row, problem in rows[:_PLAN_LINES]:
        say(f"  row {row.number} ({row.name or 'no picture'}): {problem}")
    if len(rows) > _PLAN_LINES:
        say(f"  and {len(rows) - _PLAN_LINES} more")


def show_summary(endings: list[Ending], why: ExplainError | None, seconds: float) -> None:
    """What came of the rows, and why it ended before the last one, if it did."""
    counts: dict[str, int] = {}
    for ending in endings:
        counts[ending.state] = counts.get(ending.state, 0) + 1
    parts = ", ".join(f"{count} {state}" for state, count in counts.items())
    print(f"{_rows(len(endings))} in {duration(seconds)}: {parts}.", flush=True)
    for ending in endings:
        if ending.state == FAILED:
            print(_printable(f"  row {ending.row.number} ({ending.row.name or 'no picture'}): {ending.problem}"))
    if isinstance(why, Cancelled):
        say("Stopped; what was computed is kept. Run the same command again to go on.")
    elif why is not None:
        say(f"{why} Run the same command again when that is mended; it goes on from here.")


def line(ending: Ending, total: int) -> str:
    """What came of one row."""
    seconds = "" if ending.state == STORED or ending.seconds is None else f" in {ending.seconds:.1f} s"
    words = f"{ending.row.number}/{total} {ending.row.name or 'no picture'}: {ending.state}{seconds}"
    return _printable(words + (f", run {ending.run_id}" if ending.run_id else ""))


_STAGES: dict[Stage, str] = {
    "fetch": "byte {} of {} of the model",
    "start": "starting what computes",
    "load": "loading the model",
    "answer": "token {} of {}",
    "samples": "sample {} of {}",
}


class Bar:
    """How far the batch is, on standard error: a bar on a terminal, a line for each row elsewhere."""

    def __enter__(self) -> "Bar":
        self._bar = None
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def begin(self, rows: int) -> None:
        """Rows are computed from now on."""
        self._bar = tqdm(total=rows, desc="Rows", unit="row", disable=None, file=sys.stderr)

    def show(self, progress: Progress) -> None:
        """The row that is under way."""
        if self._bar is not None:
            self._bar.set_postfix_str(_STAGES[progress.stage].format(progress.done, progress.total))

    def step(self, line: str) -> None:
        """A row has ended."""
        tqdm.write(line, file=sys.stderr)
        self._bar.update()

    def close(self) -> None:
        """Rows are computed no more."""
        if self._bar is not None:
            self._bar.close()


def say(words: str) -> None:
    """A sentence on standard error, above the bar."""
    tqdm.write(_printable(words), file=sys.stderr)


def _printable(words: str) -> str:
    """What a terminal can be sent: the names of files may hold anything."""
    words = "".join(letter if letter.isprintable() else "?" for letter in words)
    encoding = sys.stderr.encoding or "utf-8"
    return words.encode(encoding, "replace").decode(encoding)


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def check_summary(path: Path | None) -> None:
    """Refuses where the summary cannot be written: before hours of computing, not after them.

    Raises:
        InputError: it cannot.
    """
    try:
        unfit = path is not None and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK))
    except OSError:  # a name that is too long
        unfit = True
    if unfit:
        raise InputError(f"The summary {shown(str(path))} cannot be written there. Choose another file.")


def write_summary(path: Path, data: bytes) -> None:
    """Writes the whole table or none of it; a failure is said, since all runs are in the store."""
    temporary = path.with_name(f"{path.name}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        say(f"The summary {path} cannot be written: {error.strerror or error}. All runs are in the store.")
