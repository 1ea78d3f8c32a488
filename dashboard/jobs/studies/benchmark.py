"""How true the maps of a run's model are on scenes whose truth is known: asked from a run, found once for its model.

No Streamlit here, and no torch before something is computed.
"""

from typing import Any

from cache import ResultStore, keys
from core import ExplainResult
from core.schema.model_parts import Part
from core.schema.request import FORMULAS
from dashboard.jobs.studies.asking import asked_once
from dashboard.jobs.studies.base import Study, StudyTools

SCENES, DESCRIBED, TAKEN_APART = 200, 40, 40
"""Scenes with a short question, with a description, and, of the former, those taken apart cell by cell."""

_REPORT = f"evidence-{{formula}}-{SCENES}-{DESCRIBED}-{TAKEN_APART}"
"""Under which name it is stored: what it holds changed where the combined map's formula did."""


def benchmark_name(part: Part) -> str:
    """The name of the study of a part of the model."""
    return "evidence" if part == "decoder" else f"evidence-{part}"


def _study(part: Part) -> Study:
    def key(run: ExplainResult, formula: int) -> str:
        """Under which it is stored: the same whichever run of the model it is asked from."""
        return keys.model_report_key(_REPORT.format(formula=formula), run.request.model, benchmark_name(part))

    def read(run: ExplainResult, results: ResultStore) -> dict[str, Any] | None:
        # Of a run from before a formula, what was measured then is about its own maps.
        formulas = dict.fromkeys((run.request.formula, FORMULAS[-1]))
        found = (results.get_report(key(run, formula)) for formula in formulas)
        return next((report for report in found if report is not None), None)

    def asked(tools: StudyTools) -> tuple[Any, ...]:
        from core.evaluation.benchmark.model_report import measure_model  # brings torch, which pages do without

        return measure_model, SCENES, DESCRIBED, TAKEN_APART, part == "tower"

    def save(found: dict[str, Any], run: ExplainResult, results: ResultStore) -> None:
        results.put_report(key(run, FORMULAS[-1]), found)

    return Study(
        verb="Measure this model on known scenes",
        doing="Measuring the model on scenes whose truth is known",
        cost=f"Asks the model about {SCENES + DESCRIBED} drawn scenes and holds every method's maps against the pixels "
        "of the objects, once for everybody who uses this model: some minutes for the embedded model on a CPU. A model "
        "that answers hardly any question about coloured shapes right cannot be measured so.",
        read=read,
        compute=asked_once(read, asked),
        save=save,
        tells_steps=True,
    )


BENCHMARKS: dict[str, Study] = {benchmark_name(part): _study(part) for part in ("decoder", "tower")}
