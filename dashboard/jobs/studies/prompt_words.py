"""How much of a run's heat lies on the prompt's own words: found once for a question and its target.

No Streamlit here, and no torch before something is computed.
"""

from cache import ResultStore
from cache.keys import PROMPT_WORDS, report_key
from core import ExplainResult, InputError
from core.schema.prompt_heat import PromptHeat, prompt_request
from dashboard.jobs.question import Step
from dashboard.jobs.studies.base import Study, StudyTools


def _read(run: ExplainResult, results: ResultStore) -> PromptHeat | None:
    values = results.get_report(report_key(PROMPT_WORDS, prompt_request(run.request)))
    try:
        heat = None if values is None else PromptHeat.from_dict(values)
    except (KeyError, TypeError, ValueError, InputError):
        return None  # written by another version
    return heat if heat is not None and heat.answer == run.answer.text else None


def _compute(tools: StudyTools) -> PromptHeat:
    stored = _read(tools.run, tools.results)
    if stored is not None:
        return stored
    from core.engine.prompt_words import prompt_words  # brings torch, which pages do without

    return tools.explainer().call(
        prompt_words,
        tools.pictures,
        prompt_request(tools.run.request),
        tools.run.answer,
        on_step=lambda *step: tools.on_progress(Step(*step)),
    )


def _save(heat: PromptHeat, run: ExplainResult, results: ResultStore) -> None:
    results.put_report(report_key(PROMPT_WORDS, prompt_request(run.request)), heat.to_dict())


PROMPT_STUDIES: dict[str, Study] = {
    PROMPT_WORDS: Study(
        verb="Read the prompt's words",
        doing="Reading the heat of the prompt's words",
        cost="One pass forward and one backward without noise: about as long as one noise sample of a run.",
        read=_read,
        compute=_compute,
        save=_save,
    )
}
