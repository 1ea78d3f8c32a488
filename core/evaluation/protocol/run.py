"""A data set measured in this process, or its share of it; what is in the log already is left alone."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.engine.explainer import Explainer
from core.errors import InputError
from core.evaluation.datasets.case import Case, DataSet, Skipped
from core.evaluation.protocol.log import EntryLog
from core.evaluation.protocol.measuring import entry_of
from core.evaluation.protocol.plan import Plan
from core.evaluation.protocol.questions import questions_of
from core.evaluation.protocol.summary import summary

OnRows = Callable[[int, int], None]
"""(rows done, rows in all)"""


@dataclass(frozen=True)
class Share:
    """One of several processes' part of a data set: every `count`-th question from the `index`-th on."""

    index: int = 0
    count: int = 1

    def holds(self, number: int) -> bool:
        """Whether the question of that number is in it."""
        return number % self.count == self.index


def evaluate(
    explainer: Explainer,
    data: DataSet,
    plan: Plan,
    out: str | Path,
    *,
    folder: Path | None = None,
    on_rows: OnRows = lambda done, total: None,
) -> dict[str, Any]:
    """Measures a data set and sums it up; a second call with the same arguments goes on where the first was stopped.

    Args:
        data: as of `core.evaluation.datasets.opening.open_dataset`.
        out: folder for the log of what is measured.
        folder: the model's, for the usual pixel budget; None for the model's own limits.
        on_rows: hears after each question how many rows are done; what it raises stops the work.

    Returns:
        The report, plain values, see `core.evaluation.protocol.summary.summary`, with data, model and plan.

    Raises:
        InputError: the plan does not fit the model, no row can be measured, or another run writes there now.
        OSError: the log cannot be written.
    """
    plan = plan.for_depth(explainer.total_layers)
    model = {"name": explainer.loaded.name, "fingerprint": explainer.loaded.fingerprint}
    with open_log(data, plan, model, Path(out)) as log:
        done = 0

        def take(entry: dict[str, Any]) -> None:
            nonlocal done
            log.add(entry)
            done += entry["rows"]
            on_rows(done, len(data))

        done = rows_done(log)
        on_rows(done, len(data))
        measure_share(explainer, data, plan, log.done.copy(), take, folder=folder)
        return summed_up(log, data, plan, model)


def measure_share(
    explainer: Explainer,
    rows: Iterable[Case | Skipped],
    plan: Plan,
    done: Collection[int],
    take: Callable[[dict[str, Any]], None],
    share: Share = Share(),
    folder: Path | None = None,
) -> None:
    """Hands over the entry of each question of a share that is not among those done."""
    for question in questions_of(rows):
        if share.holds(question.number) and question.number not in done:
            take(entry_of(explainer, question, plan, folder))


def open_log(data: DataSet, plan: Plan, model: dict[str, str], out: Path) -> EntryLog:
    """The log of a plan whose layers are in numbers."""
    about = {"data": data.name, "model": model["name"], "plan": plan.to_dict()}
    return EntryLog(out, plan.key(data.digest, model["fingerprint"]), about)


def rows_done(log: EntryLog) -> int:
    """Rows of the data set that its entries hold."""
    return sum(entry["rows"] for entry in log.entries())


def summed_up(log: EntryLog, data: DataSet, plan: Plan, model: dict[str, str]) -> dict[str, Any]:
    """The report of a log that holds every question.

    Raises:
        InputError: nothing could be measured; the message says what was wrong with most rows.
    """
    told = summary(log.entries, plan)
    rows, skipped, unnamed = (told["counts"][name] for name in ("rows", "skipped", "unnamed"))
    if not told["counts"]["measured"]:
        name, first = data.name, next((f" {row}: {reason}" for row, reason in told["skipped"]), "")
        raise InputError(
            f"Nothing of {name} could be measured: of {rows} rows {skipped} cannot be used, and {unnamed} mean "
            f"objects that the answer does not name.{first}"
        )
    about = {"name": data.name, "kind": data.kind, "digest": data.digest}
    key = plan.key(data.digest, model["fingerprint"])
    return {"key": key, "data": about, "model": model, "plan": plan.to_dict(), **told}
