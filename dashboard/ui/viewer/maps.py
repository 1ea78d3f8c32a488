"""What is known about the maps of a run."""

from core.analysis.artefacts import Cell
from core.evaluation.trust.verdict import judge
from dashboard.jobs.studies.registry import trust_name
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import findings
from dashboard.ui.drawing.maps import ShownMap


def sinks_of(run: LoadedRun) -> tuple[Cell, ...]:
    """Visual tokens with massive activations, as far as the trust in any of the run's first maps was measured."""
    reports = (findings(run, trust_name(layer, run.request.picture)) for layer in (None, run.result.recommended_layer))
    return next((report.artefacts.sinks for report in reports if report is not None), ())


def trust_of(run: LoadedRun, shown: ShownMap) -> str | None:
    """How far a map can be trusted, in one word; None where that was not measured."""
    report = findings(run, trust_name(shown.layer, run.request.picture))
    return None if report is None else judge(report).level
