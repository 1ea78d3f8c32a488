"""CSV, written in one place: every number exact, and no cell that a spreadsheet would run.

`ExplainResult` -> CSV: every cell's heat, and the answer's tokens.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from core.analysis.time.moments import peak_cell
from core.analysis.time.shares import share_errors, time_shares
from core.schema import ExplainResult, Token
from core.schema.request import IMPORTED

# Whatever a spreadsheet may split a cell at that was set to another separator than the comma: it then takes quotation
# marks within a line for letters. Commas split no cell, for where they separate, the quotation marks hold.
_BREAKS = ";|\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
# What spreadsheets skip, or may, before they look whether it is a formula.
_SKIPPED = ' "\0-\x08\x0e-\x1b\x1f\x7f\xa0\xad\u061c\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufeff'
_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"
# An apostrophe that is there already gets another one, so that `plain_cell` takes none that somebody has typed.
_BEGINS = re.compile(rf"^(?='*[\t\r\n])|(?:^|[{_BREAKS}])(?='*[{_SKIPPED}]*[{_FORMULA}])")
_WAS_MADE_SAFE = re.compile(rf"^()'(?='*[\t\r\n])|(^|[{_BREAKS}])'(?='*[{_SKIPPED}]*[{_FORMULA}])")


class Digits(str):
    """Digits that were written here: a negative number begins with a minus, and is no formula."""


def digits(value: float, form: str = ".9g") -> Digits:
    """A number for a table; nine digits are exact for float32. "" for one that is not finite."""
    return Digits(f"{value:{form}}" if np.isfinite(value) else "")


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula, whatever it separates cells at.

    An apostrophe comes before what begins like one, and before every part that would where the text is split.
    """
    return _BEGINS.sub(lambda found: f"{found[0]}'", text)


def plain_cell(text: str) -> str:
    """What `safe_cell` was given, from what it made."""
    return _WAS_MADE_SAFE.sub(lambda found: found[2] or "", text)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under a head, separated by commas. Text is made safe for spreadsheets; numbers, and `digits`, stay."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow([_cell(cell) for cell in head])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return page.getvalue()


def _cell(cell: object) -> object:
    return safe_cell(cell) if isinstance(cell, str) and not isinstance(cell, Digits) else cell


def heat_csv(result: ExplainResult) -> str:
    """One line for each cell of each map, companions included: method, layer, row, column, heat, stderr.

    `layer` is empty for a method with one map in all. Numbers are raw, and exact to float32. Of a video each line has
    step (from 0), start and end, in seconds, too. An imported result says so in a column `origin`.
    """
    origin = (IMPORTED,) if result.request.origin else ()
    times = ("step", "start", "end") if result.steps else ()
    titles = ("method", "layer", *times, "row", "column", "heat", "stderr", *(["origin"] if origin else []))
    return csv_text(titles, _cells_of_maps(result, origin))


def _cells_of_maps(result: ExplainResult, origin: tuple[str, ...]) -> Iterator[tuple]:
    for each in (result, *result.companions.values()):
        rows, columns = (grid.ravel().tolist() for grid in np.indices(each.grid))
        for layer, heat, stderr in zip(each.request.maps, each.heat, each.stderr, strict=True):
            name = "" if layer is None else layer
            for time, mean, error in _slices(each, heat, stderr):
                for row, column, value, off in zip(
                    rows, columns, mean.ravel().tolist(), error.ravel().tolist(), strict=True
                ):
                    yield (
                        *(each.request.method, name, *time, row, column),
                        *(Digits(f"{value:.9g}"), Digits(f"{off:.9g}"), *origin),
                    )


def _slices(
    result: ExplainResult, heat: np.ndarray, stderr: np.ndarray
) -> Iterator[tuple[tuple, np.ndarray, np.ndarray]]:
    """What a line says of time, with the map and its standard errors then; of a picture, all of it at once."""
    if not result.steps:
        yield (), heat, stderr
        return
    for number, (step, mean, error) in enumerate(zip(result.steps, heat, stderr, strict=True)):
        yield (number, digits(step.start), digits(step.end)), mean, error


def steps_csv(result: ExplainResult) -> str:
    """Of a video, one line for each time step of each map, companions included: how much of the map's heat is there.

    Columns: method, layer, step (from 0), start and end in seconds, heat, share, the share's standard error, row and
    column of the step's hottest cell, empty where all are equal; and `origin`, as of `heat_csv`.
    """
    origin = (IMPORTED,) if result.request.origin else ()
    titles = ("method", "layer", "step", "start", "end", "heat", "share", "stderr", "peak_row", "peak_column")
    return csv_text((*titles, *(["origin"] if origin else [])), _steps_of_maps(result, origin))


def _steps_of_maps(result: ExplainResult, origin: tuple[str, ...]) -> Iterator[tuple]:
    for each in (result, *result.companions.values()):
        for layer, heat, stderr in zip(each.request.maps, each.heat, each.stderr, strict=True):
            shares = time_shares(heat) if heat.any() else np.zeros(len(heat))
            errors = share_errors(heat, stderr)
            for number, step in enumerate(each.steps):
                hottest = peak_cell(heat[number : number + 1])
                yield (
                    *(each.request.method, "" if layer is None else layer, number, digits(step.start)),
                    *(digits(step.end), digits(heat[number].sum(dtype=np.float64))),
                    *(digits(shares[number]), digits(errors[number])),
                    *(("", "") if hottest is None else (hottest.row, hottest.column)),
                    *origin,
                )


def token_csv(result: ExplainResult) -> str:
    """One line for each token of the answer, with what else the model considered there."""
    most = max((len(token.alternatives) for token in result.tokens), default=0)
    rivals = [title for number in range(1, most + 1) for title in (f"rival {number}", f"its probability {number}")]
    origin = (IMPORTED,) if result.request.origin else ()
    rows = (
        (number, token.text, digits(token.probability), *origin, *_rivals(token))
        for number, token in enumerate(result.tokens)
    )
    return csv_text(("token", "text", "probability", *(["origin"] if origin else []), *rivals), rows)


def _rivals(token: Token) -> list[str]:
    return [cell for text, probability in token.alternatives for cell in (text, digits(probability))]
