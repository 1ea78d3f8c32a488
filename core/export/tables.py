"""`ExplainResult` -> CSV: every cell's heat, and the answer's tokens."""

import csv
import io

import numpy as np

from core.schema import ExplainResult

_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it."""
    return f"'{text}" if text[:1] in ("\t", "\r", "\n") or text.lstrip()[:1] in tuple(_FORMULA) else text


def heat_csv(result: ExplainResult) -> str:
    """One line for each cell of each map, companions included: method, layer, row, column, heat, stderr.

    `layer` is empty for a map of all layers. Numbers are raw, and exact to float32.
    """
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(("method", "layer", "row", "column", "heat", "stderr"))
    for each in (result, *result.companions.values()):
        rows, columns = (grid.ravel().tolist() for grid in np.indices(each.grid))
        for layer, heat, stderr in zip(each.request.maps, each.heat, each.stderr, strict=True):
            name = "" if layer is None else layer
            writer.writerows(
                (each.request.method, name, row, column, f"{value:.9g}", f"{error:.9g}")
                for row, column, value, error in zip(
                    rows, columns, heat.ravel().tolist(), stderr.ravel().tolist(), strict=True
                )
            )
    return page.getvalue()


def token_csv(result: ExplainResult) -> str:
    """One line for each token of the answer, with what else the model considered there."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    most = max((len(token.alternatives) for token in result.tokens), default=0)
    rivals = [title for number in range(1, most + 1) for title in (f"rival {number}", f"its probability {number}")]
    writer.writerow(("token", "text", "probability", *rivals))
    for number, token in enumerate(result.tokens):
        others = [cell for text, probability in token.alternatives for cell in (safe_cell(text), f"{probability:.9g}")]
        writer.writerow((number, safe_cell(token.text), f"{token.probability:.9g}", *others))
    return page.getvalue()
