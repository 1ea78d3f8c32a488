"""What is known about the maps of a run, and what is drawn over them."""

from typing import Any

from core import ExplainResult
from core.analysis.artefacts import Cell
from core.analysis.boxes import Boxes, boxes_of
from core.evaluation.trust.verdict import judge
from dashboard.formatting import short
from dashboard.jobs.studies.registry import trust_name
from dashboard.loaded_run import LoadedRun
from dashboard.memo import memoised
from dashboard.services.open import findings
from dashboard.ui.drawing.maps import ShownMap

_LONGEST_LABEL = 40
"""Characters of a box's label over the picture."""


def sinks_of(run: LoadedRun) -> tuple[Cell, ...]:
    """Visual tokens with massive activations, as far as the trust in any of the run's first maps was measured."""
    reports = (findings(run, trust_name(layer, run.request.picture)) for layer in (None, run.result.recommended_layer))
    return next((report.artefacts.sinks for report in reports if report is not None), ())


def trust_of(run: LoadedRun, shown: ShownMap) -> str | None:
    """How far a map can be trusted, in one word; None where that was not measured."""
    report = findings(run, trust_name(shown.layer, run.request.picture))
    return None if report is None else judge(report).level


def found_boxes(result: ExplainResult) -> Boxes:
    """The answer's boxes and points, read once."""
    return memoised(result, ("boxes",), lambda: boxes_of(result))


def has_boxes(result: ExplainResult) -> bool:
    """Whether the answer holds boxes or points, or something that was meant for one."""
    found = found_boxes(result)
    return bool(found.each or found.notes)


def drawn_boxes(result: ExplainResult) -> list[dict[str, Any]]:
    """The answer's boxes and points that have a place in the picture: number, label, and corners in [0, 1]."""
    return [
        {"number": number, "label": short(box.written.label, _LONGEST_LABEL), "corners": box.corners}
        for number, box in enumerate(found_boxes(result).each, 1)
        if box.corners is not None
    ]
