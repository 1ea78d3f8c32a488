"""What came of a batch, as a table for a spreadsheet. No Streamlit here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from cache import ResultStore
from cache.batches.batch import Row
from core import ExplainRequest, ExplainResult
from core.analysis.concentration import entropy, top_share
from core.export.tables import Digits, csv_text
from core.schema.model_parts import PARTS
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
    "map",
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
    """The table, a line for each row, with Excel's mark; statistics are those of the map that was asked for.

    Args:
        endings: each with what was asked; None where there was nothing that could be.
        base: the dashboard's address, for the column of addresses.
    """

    def rows() -> Iterator[tuple[object, ...]]:
        for ending, request in endings:
            result = None if request is None or ending.problem else results.get_all(whole_run(request), counted=False)
            yield _cells(ending, result, base)

    # A file name need not be valid Unicode.
    return csv_text(COLUMNS, rows()).encode("utf-8-sig", "replace")


def run_address(base: str, run_id: str) -> str:
    """Where a run is looked at; "" without a base."""
    return f"{base.rstrip('/')}/compute?{urlencode({'run': run_id})}" if base and run_id else ""


def _map_words(result: ExplainResult) -> str:
    """Which map the statistics are of, by names that stay the same: "combined", or "gradcam, layer 5"."""
    method, layer = result.asked
    return method if layer is None else f"{method}, {PARTS[result.request.part].one} {layer}"


def _cells(ending: Ending, result: ExplainResult | None, base: str) -> tuple[object, ...]:
    row = ending.row
    figures: tuple[object, ...] = ("", "", "", "", "")
    if result is not None:
        heat, best = result.headline, result.recommended_layer
        heat = heat.sum(0) if result.steps else heat  # of a video: where in the picture, whenever
        figures = (
            result.num_samples,
            "" if best is None else best,
            _map_words(result),
            Digits(f"{float(top_share(heat)):.4f}"),
            Digits(f"{float(entropy(heat)):.4f}"),
        )
    return (
        row.number,
        row.name,
        row.prompt,
        row.phrase,
        ending.state,
        ending.problem,
        "" if result is None else result.answer.text,
        "" if ending.seconds is None else Digits(f"{ending.seconds:.3f}"),
        ending.run_id,
        run_address(base, ending.run_id),
        *figures,
    )
