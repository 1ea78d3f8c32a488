"""The heat of a prompt's words: computed once for a question and its target, and kept."""

from dataclasses import replace

import pytest

from cache.keys import PROMPT_WORDS, report_key
from core import Progress, Target
from core.engine.model_pool import ModelPool
from core.schema import gather
from core.schema.readings.prompt_heat import prompt_request
from core.schema.run_requests import whole_run
from dashboard.jobs.question import Step
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.registry import find_study, kind_of, subject_of
from tests.core.schema.readings.test_prompt_heat import HEAT

STUDY = find_study(PROMPT_WORDS)


@pytest.fixture
def run_of(ask, explain):
    def make(**changes):
        return gather([explain(request) for request in whole_run(ask(**changes).request)])

    return make


@pytest.fixture
def asked(monkeypatch):
    """What `prompt_words` was asked; it answers with heat made by hand."""
    found = []

    def prompt_words(explainer, pictures, request, answer, *, on_step):
        found.append((len(pictures), request, answer.text))
        on_step("Reading the heat of every token", 0, 1)
        return HEAT

    monkeypatch.setattr("core.engine.prompt_words.prompt_words", prompt_words)
    return found


def test_it_is_computed_once_for_all_methods_and_samples_of_a_question(ask, run_of, storage, explainer, asked):
    run, steps = run_of(), []
    models = ModelPool(1, load=lambda card: explainer)
    assert STUDY.read(run, storage.results) is None
    question = replace(ask(), study=PROMPT_WORDS, run=run)
    for _ in range(2):
        assert compute(question, steps.append, storage=storage, backend=models).findings == HEAT
    assert asked == [(1, prompt_request(run.request), "right")]
    assert steps == [Progress("load", 0, 1), Step("Reading the heat of every token", 0, 1)]
    for other in (
        run_of(num_samples=3),
        run_of(method="gradcam"),
        run_of(layers=(2,)),
        run_of(part="tower", layers=(1,)),
    ):
        assert STUDY.read(other, storage.results) == HEAT
    for other in (run_of(prompt="What?"), run_of(target=Target.answer(score="logprob")), run_of(max_new_tokens=3)):
        assert STUDY.read(other, storage.results) is None


def test_a_report_on_another_answer_or_of_another_version_is_none(run_of, storage):
    run = run_of()
    key = report_key(PROMPT_WORDS, prompt_request(run.request))
    for stored in (
        replace(HEAT, answer="left").to_dict(),
        {"answer": "right"},
        HEAT.to_dict() | {"prompt_heat": [1.0]},
    ):
        storage.results.put_report(key, stored)
        assert STUDY.read(run, storage.results) is None
    STUDY.save(HEAT, run, storage.results)
    assert STUDY.read(run, storage.results) == HEAT


def test_it_is_no_study_of_one_map():
    assert subject_of(PROMPT_WORDS) is None and kind_of(PROMPT_WORDS) == PROMPT_WORDS
