"""What interventions found about a run, as far as it is stored: for pages, and as files."""

import json
from typing import Any

from cache import RunRecord
from core import ExplainRequest
from core.interventions.reliance_report import Reliance
from core.interventions.report import WhatIf
from dashboard import resources
from dashboard.jobs.studies.interventions import RELIANCE, count_what_ifs, stored_what_ifs
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import findings

WHAT_IF_FILE, RELIANCE_FILE = "what-ifs.json", "reliance.json"


def what_ifs(run: LoadedRun) -> list[WhatIf]:
    """What was asked so far about parts of a run's pictures, the latest first."""
    return [found for _study, found in stored_what_ifs(run.result, resources.storage().results)]


def count_asked(record: RunRecord) -> int:
    """How many what-ifs of a run are listed."""
    return count_what_ifs(ExplainRequest.from_dict(record.request), resources.storage().results)


def reliance_of(run: LoadedRun) -> Reliance | None:
    """What the tokens of a run's answer rest on; None where that was not measured."""
    found = findings(run, RELIANCE)
    return found if found is not None and len(found.tokens) == len(run.result.tokens) else None


def intervention_files(run: LoadedRun) -> dict[str, str]:
    """Name -> text of the files that tell of them; none of what was not asked."""
    asked, rests = what_ifs(run), reliance_of(run)
    told: dict[str, Any] = {}
    if asked:
        told[WHAT_IF_FILE] = [each.to_dict() for each in asked]
    if rests is not None:
        told[RELIANCE_FILE] = rests.to_dict()
    return {name: json.dumps(values, ensure_ascii=False, indent=2) for name, values in told.items()}
