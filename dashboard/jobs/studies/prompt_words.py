"""How much of a run's heat lies on the prompt's own words: found once for a question and its target.

No Streamlit here, and no torch before something is computed.
"""

from typing import Any

from cache.keys import PROMPT_WORDS, report_key
from core import ExplainResult
from core.schema.readings.prompt_heat import PromptHeat, prompt_request
from dashboard.jobs.studies.asking import report_study
from dashboard.jobs.studies.base import Study, StudyTools


def _key(run: ExplainResult) -> str:
    return report_key(PROMPT_WORDS, prompt_request(run.request))


def _asked(tools: StudyTools) -> tuple[Any, ...]:
    from core.engine.prompt_words import prompt_words  # brings torch, which pages do without

    return prompt_words, tools.pictures, prompt_request(tools.run.request), tools.run.answer


PROMPT_STUDIES: dict[str, Study] = {
    PROMPT_WORDS: report_study(
        _key,
        PromptHeat.from_dict,
        _asked,
        verb="Read the prompt's words",
        doing="Reading the heat of the prompt's words",
        cost="One pass forward and one backward without noise: about as long as one noise sample of a run.",
    )
}
