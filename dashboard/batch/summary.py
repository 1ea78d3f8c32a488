"""What came of a batch, as a table for a spreadsheet. No Streamlit here."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from cache import ResultStore
from cache.batches.batch import Row
from core import ExplainRequest, ExplainResult
from core.analysis.concentration import entropy, top_share
from core.export.tables import safe_cell
from core.schema.run_requests import whole_run

COLUMNS = (
    "row",
    "picture",
    "prompt",
    "phrase",
    "state",
    "problem",
    "answer",
    "seconds",
    "run",
    "address",
    "samples",
    "recommended layer",
    "share of hottest 10 %",
    "normalised entropy",
)


@dataclass(frozen=True)
class Ending:
    """A row of a batch as it stands.

    Attributes:
        row: what is asked.
        state: in a few words.
        problem: why it failed, a sentence; "" where it did not.
        run_id: its run; "" where there is none.
        seconds: what its computation took; None where nobody knows.
    """

    row: Row
    state: str
    problem: str = ""
    run_id: str = ""
    seconds: float | None = None


def summary_csv(endings: Iterable[tuple[Ending, ExplainRequest | None]], results: ResultStore, base: str = "") -> bytes:
    """The table, a line for each row, with Excel's mark; statistics are those of the run's combined map.

    Args:
        endings: each with what was asked; None where there was nothing that could be.
        base: the dashboard's address, for the column of addresses.
    """
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    for ending, request in endings:
        result = None if request is None or ending.problem else results.get_all(whole_run(request), counted=False)
        writer.writerow(_cells(ending, result, base))
    # A file name need not be valid Unicode.
    return page.getvalue().encode("utf-8-sig", "replace")


def run_address(base: str, run_id: str) -> str:
    """Where a run is looked at; "" without a base."""
    return f"{base.rstrip('/')}/compute?{urlencode({'run': run_id})}" if base and run_id else ""


def _cells(ending: Ending, result: ExplainResult | None, base: str) -> tuple[str | int, ...]:
    row, figures = ending.row, ("", "", "", "")
    if result is not None:
        heat, best = result.headline, result.recommended_layer
        figures = (
            str(result.num_samples),
            "" if best is None else str(best),
            f"{float(top_share(heat)):.4f}",
            f"{float(entropy(heat)):.4f}",
        )
    return (
        row.number,
        safe_cell(row.name),
        safe_cell(row.prompt),
        safe_cell(row.phrase),
        ending.state,
        safe_cell(ending.problem),
        "" if result is None else safe_cell(result.answer.text),
        "" if ending.seconds is None else f"{ending.seconds:.3f}",
        ending.run_id,
        run_address(base, ending.run_id),
        *figures,
    )
