"""Answers drawn by chance: reproducible, with the model's own probabilities, several at once, each with its maps."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from core import DrawnAnswer, InputError, Target
from core.inference import generation
from core.inference.drawn_tokens import chance, draw
from core.inputs.prompt import prepare
from core.schema.drawn_answers import TokenSampling
from tests.core.engine.sweep import QUESTION
from tests.some import some

HOT = {"temperature": 10.0, "top_p": 0.95, "max_new_tokens": 8}


def ids(answer):
    return [token.id for token in answer.tokens]


@pytest.fixture(scope="module")
def drawn(explainer, picture):
    return explainer.answers(picture, QUESTION, n=4, answer_seed=10, **HOT)


def test_a_drawn_answer_is_that_of_a_slow_loop_and_its_probabilities_are_the_models_own(explainer, picture):
    answer = explainer.answer(picture, QUESTION, answer_seed=11, **HOT)
    loaded, prepared = explainer.loaded, prepare(explainer.loaded, picture, QUESTION)
    said, sampling = [], TokenSampling(HOT["temperature"], HOT["top_p"], 11)
    for step in range(len(answer.tokens)):
        full, types = prepared.with_answer(torch.tensor(said, dtype=torch.long))
        loaded.model.model.rope_deltas = None
        with torch.no_grad():
            given = prepared.generation_inputs(loaded.device) | {"input_ids": full, "mm_token_type_ids": types}
            given["attention_mask"] = torch.ones_like(full)
            logits = loaded.model(**given).logits[:, -1].float()
        said.append(int(draw(logits, sampling, chance(11, step))))
        token = answer.tokens[step]
        assert token.probability == pytest.approx(float(logits[0].softmax(-1)[token.id]), rel=1e-3, abs=1e-7)
    loaded.model.model.rope_deltas = None
    assert said == ids(answer)
    assert said != ids(explainer.answer(picture, QUESTION, max_new_tokens=8))


def test_a_temperature_of_zero_is_greedy_decoding_whatever_the_seed(explainer, picture):
    greedy = explainer.answer(picture, QUESTION, max_new_tokens=6)
    assert explainer.answer(picture, QUESTION, max_new_tokens=6, temperature=0, top_p=0.3, answer_seed=9) == greedy
    assert explainer.answer(picture, QUESTION, max_new_tokens=6, temperature=0.01, answer_seed=9).text == greedy.text


def test_several_answers_are_those_of_each_seed_and_counted(explainer, picture, drawn):
    assert sorted(seed for each in drawn for seed in each.seeds) == [10, 11, 12, 13]
    assert len({each.answer.text for each in drawn}) == len(drawn) > 1
    assert all(one.count >= other.count for one, other in pairwise(drawn))
    for each in some(drawn):
        assert explainer.answer(picture, QUESTION, answer_seed=each.seeds[0], **HOT) == each.answer


def test_progress_is_of_all_answers(explainer, picture):
    steps = []
    explainer.answers(picture, QUESTION, n=3, temperature=1.0, max_new_tokens=2, on_progress=steps.append)
    assert {(step.stage, step.total) for step in steps} == {("answer", 6)}
    done = [step.done for step in steps]
    assert done == sorted(done) and {1, 3, 5} <= set(done)


def test_each_answer_has_the_maps_of_a_run_with_its_seed(explainer, picture):
    fast = {"layers": [3], "method": "hirescam", "num_samples": 2, **HOT}
    found = explainer.explain_answers(picture, QUESTION, n=2, answer_seed=10, **fast)
    assert sum(each.count for each in found) == 2
    for each, result in some(found.items()):
        assert isinstance(each, DrawnAnswer) and result.answer == each.answer
        assert result.request.answer_seed == each.seeds[0] and "combined" in result.companions
    first, result = next(iter(found.items()))
    alone = explainer.explain(picture, QUESTION, answer_seed=first.seeds[0], **fast)
    assert alone.request == result.request and alone.answer == result.answer
    assert np.array_equal(alone.heat, result.heat)


def test_answers_are_not_drawn_again_for_their_maps(explainer, picture, monkeypatch):
    drawn, answer = [], generation.generate_answer

    def counted(*arguments):
        drawn.append(arguments)
        return answer(*arguments)

    monkeypatch.setattr("core.engine.explainer.generate_answer", counted)
    monkeypatch.setattr("core.engine.runs.generate_answer", lambda *_: pytest.fail("generated again"))
    explainer.explain_answers(picture, QUESTION, n=2, layers=[3], num_samples=1, noise_std=0.0, **HOT)
    assert len(drawn) == 2


def test_a_target_that_not_every_answer_has_is_refused_before_anything_is_computed(explainer, picture, monkeypatch):
    monkeypatch.setattr("core.engine.runs.compute_chunk", lambda *_: pytest.fail("computed"))
    with pytest.raises(InputError, match="are not in the answer"):
        explainer.explain_answers(picture, QUESTION, n=2, target=Target.words("zebra crossing"), **HOT)


def test_a_thought_is_explained_by_its_own_tokens(explainer, picture):
    asked = {"layers": [3], "method": "hirescam", "num_samples": 1, "noise_std": 0.0}
    drawn = explainer.answer(picture, QUESTION, answer_seed=11, **HOT)
    thinking = replace(drawn, thought=3)
    first, *_, last = thinking.thought_tokens
    thought, answer, both, spoken = (
        explainer.explain(picture, QUESTION, answer=thinking, target=target, **asked).heat
        for target in (Target.thought(), Target.answer(), Target.thought_and_answer(), Target.tokens(first, last + 1))
    )
    assert np.array_equal(thought, spoken) and not np.array_equal(thought, answer)
    assert not np.array_equal(both, answer)
    with pytest.raises(InputError, match="thought nothing aloud"):
        explainer.explain(picture, QUESTION, answer=drawn, target=Target.thought(), **asked)


@pytest.mark.parametrize("name", ["answers", "explain_answers"])
def test_several_answers_need_a_temperature(explainer, picture, name):
    with pytest.raises(InputError, match="At a temperature of 0 all answers would be the same"):
        getattr(explainer, name)(picture, QUESTION, n=2, temperature=0)


def test_one_answer_may_be_greedy_and_a_sentence_is_none(explainer, picture):
    (only,) = explainer.answers(picture, QUESTION, n=1, temperature=0, max_new_tokens=3)
    assert only.seeds == (0,) and only.answer == explainer.answer(picture, QUESTION, max_new_tokens=3)
    with pytest.raises(InputError, match="A sentence of your own is explained"):
        explainer.explain_answers(picture, QUESTION, n=1, target=Target.text("Red."))
