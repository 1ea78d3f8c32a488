"""What happens to a run's answer when something is taken away: a part of a picture, or what the answer rests on.

No Streamlit here, and no torch before something is computed. What is found belongs to the question: all runs that ask
it of the same model share it, whatever methods and noise their maps are made by.
"""

import threading
from collections.abc import Sequence
from typing import Any

from cache import ResultStore
from cache.keys import RELIANCE, WHAT_IF, interventions_key
from core import ExplainRequest, ExplainResult, InputError
from core.analysis.regions import Region
from core.interventions.reliance_report import Reliance
from core.interventions.removal import Cell, Removal
from core.interventions.report import FILLS, WhatIf
from dashboard.jobs.studies.asking import asked_once, read_report, report_study
from dashboard.jobs.studies.base import Study, StudyTools

MOST_LISTED = 200
"""What-ifs of a question that its list names, the latest."""

_listing = threading.Lock()


def what_if_name(region: Region | None = None, keep: bool = False, picture: int = 0, cells: Sequence[Cell] = ()) -> str:
    """The name of the study of what the model says without a part of a picture, or with nothing but that part.

    Args:
        region, cells: the part, one of the two.
        keep: whether the part is kept and all else removed.
        picture: of those of the prompt, from 0.

    Raises:
        InputError: there is neither a region nor a cell, or both.
    """
    return f"{WHAT_IF}-{Removal(region, tuple(cells), keep, picture).to_text()}"


def is_what_if(name: str) -> bool:
    """Whether a study's name is one of `what_if_name`."""
    return name.startswith(f"{WHAT_IF}-")


def removal_of(name: str) -> Removal:
    """What a study of `what_if_name` removes.

    Raises:
        InputError: it is none.
    """
    return Removal.from_text(name.removeprefix(f"{WHAT_IF}-"))


def stored_what_ifs(run: ExplainResult, results: ResultStore) -> list[tuple[str, WhatIf]]:
    """What was asked so far about parts of a run's pictures: (name of the study, what it found), the latest first."""
    names = _listed(run.request, results)
    found = ((name, _read_what_if(removal_of(name), run, results)) for name in reversed(names))
    return [(name, each) for name, each in found if each is not None]


def count_what_ifs(request: ExplainRequest, results: ResultStore) -> int:
    """How many of them a question's list names."""
    return len(_listed(request, results))


def what_if_study(name: str) -> Study:
    """The study of that name, whose findings are a `WhatIf`.

    Raises:
        InputError: it is none of `what_if_name`.
    """
    removal = removal_of(name)

    def read(run: ExplainResult, results: ResultStore) -> WhatIf | None:
        return _read_what_if(removal, run, results)

    def asked(tools: StudyTools) -> tuple[Any, ...]:
        from core.interventions.what_if import what_if  # brings torch, which pages do without

        return what_if, tools.pictures, tools.run.request.shared(), removal, FILLS, tools.run.answer

    def save(found: WhatIf, run: ExplainResult, results: ResultStore) -> None:
        results.put_report(_key(removal, run), found.to_dict())
        with _listing:  # two jobs may end at once
            names = [each for each in _listed(run.request, results) if each != name]
            results.put_report(interventions_key(_LIST, run.request), {"names": [*names, name][-MOST_LISTED:]})

    return Study(
        verb="Ask without this part" if not removal.keep else "Ask with this part alone",
        doing="Asking about a part of the picture",
        cost="Asks the model again with something else in the part's place, three ways: about as long as three answers "
        "and four passes forward.",
        read=read,
        compute=asked_once(read, asked),
        save=save,
        tells_steps=True,
    )


def _reliance_key(run: ExplainResult) -> str:
    return interventions_key(f"{RELIANCE}-1", run.request)  # 1 is the version of what it holds


def _asked_for_reliance(tools: StudyTools) -> tuple[Any, ...]:
    from core.interventions.reliance import reliance  # brings torch, which pages do without

    return reliance, tools.pictures, tools.run.request.shared(), FILLS, tools.run.answer


RELIANCE_STUDY: dict[str, Study] = {
    RELIANCE: report_study(
        _reliance_key,
        Reliance.from_dict,
        _asked_for_reliance,
        verb="Measure what the answer rests on",
        doing="Measuring what the answer rests on",
        cost="Asks for the answer's probability without the picture, without the question and without the answer so "
        "far: six passes forward.",
        tells_steps=True,
    )
}

_LIST = f"{WHAT_IF}-list"
"""Name of the report that lists a question's what-ifs."""


def _key(removal: Removal, run: ExplainResult) -> str:
    return interventions_key(f"{WHAT_IF}-1-{removal.to_text()}", run.request)  # 1 is the version of what it holds


def _read_what_if(removal: Removal, run: ExplainResult, results: ResultStore) -> WhatIf | None:
    return read_report(run, results.get_report(_key(removal, run)), WhatIf.from_dict, "explained")


def _listed(request: ExplainRequest, results: ResultStore) -> list[str]:
    """Names of studies, the latest last; what cannot be one is left out."""
    values = results.get_report(interventions_key(_LIST, request)) or {}
    names = values.get("names", ())
    return [each for each in names if isinstance(each, str) and _is_readable(each)] if isinstance(names, list) else []


def _is_readable(name: str) -> bool:
    try:
        removal_of(name)
    except InputError:
        return False
    return is_what_if(name)
