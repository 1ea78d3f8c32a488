"""Models that think aloud: their prompts with and without a thought, and what of an answer is one."""

import pytest
import torch

from core.inference.generation import _answer, force_answer
from core.inputs.prompt import prepare, prepare_for
from core.inputs.thoughts import begins_thought, without_thought
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from tests.core.models.families.slow import QUESTION
from tests.core.models.families.templates import QWEN3_5


def prompt_of(loaded, picture, **options):
    return loaded.processor.tokenizer.decode(prepare(loaded, picture, QUESTION, **options).input_ids[0])


@pytest.mark.parametrize("name", ["qwen3_5", "glm46v"])
def test_a_prompt_with_and_without_a_thought(explainer_of, picture, name):
    loaded = explainer_of(name).loaded
    begins, ends = {
        "qwen3_5": ("<think>\n", "<think>\n\n</think>\n\n"),
        "glm46v": ("assistant|>\n", "<think></think>\n"),
    }[name]
    assert prompt_of(loaded, picture).endswith(begins)
    assert prompt_of(loaded, picture, thinks=False).endswith(ends)


def test_a_template_without_a_switch(explainer_of, picture, monkeypatch):
    """As Qwen3-VL-Thinking's, which always begins a thought."""
    loaded = explainer_of("qwen3_5").loaded
    template = QWEN3_5[: QWEN3_5.index("{% if enable_thinking")] + "{{ '<think>\n' }}{% endif %}"
    monkeypatch.setattr(loaded.processor, "chat_template", template)
    assert prompt_of(loaded, picture).endswith("assistant\n<think>\n")
    assert prompt_of(loaded, picture, thinks=False).endswith("<think>\n\n</think>\n\n")


def test_a_model_that_does_not_think_is_asked_as_before(explainer_of, picture):
    loaded = explainer_of("qwen3_vl").loaded
    assert prompt_of(loaded, picture) == prompt_of(loaded, picture, thinks=False)


def test_a_question_that_speaks_of_thoughts_is_text(explainer_of, picture):
    loaded = explainer_of("qwen3_5").loaded
    tokenizer, asked = loaded.processor.tokenizer, "Say <think> and </think>."
    prepared = prepare(loaded, picture, asked)
    question = prepared.input_ids[0, prepared.question]
    assert asked in tokenizer.decode(question)
    assert not torch.isin(question, torch.tensor(tokenizer.convert_tokens_to_ids(["<think>", "</think>"]))).any()


def test_thought_and_answer_are_told_apart(explainer_of):
    tokenizer = explainer_of("qwen3_5").loaded.processor.tokenizer
    prompt = torch.tensor(tokenizer("assistant\n<think>\n")["input_ids"])
    ids = tokenizer("it is red</think>\n\nRed.")["input_ids"]
    assert begins_thought(tokenizer, prompt) and not begins_thought(tokenizer, without_thought(tokenizer, prompt))
    found = _answer(tokenizer, ids, torch.zeros(len(ids), len(tokenizer)), begins_thought(tokenizer, prompt))
    assert (found.thought_text, found.said_text) == ("it is red", "Red.")
    assert found.text == "it is red</think>\n\nRed."


def test_a_sentence_of_ones_own_stands_in_the_place_of_the_answer(explainer_of, picture):
    loaded = explainer_of("qwen3_5").loaded
    request = ExplainRequest(image=picture.digest, prompt=QUESTION, model="m", layers=(0,), target=Target.text("Red."))
    prepared = prepare_for(loaded, picture, request)
    assert not begins_thought(loaded.processor.tokenizer, prepared.input_ids[0])
    with loaded.lock, frozen(loaded.model):
        found = force_answer(loaded, prepared, "Red.")
    assert (found.thought, found.text) == (0, "Red.")


def test_a_generated_thought(explainer_of, picture):
    """Random weights end none: all of it is one."""
    found = explainer_of("qwen3_5").answer(picture, QUESTION, max_new_tokens=3)
    assert found.is_unfinished_thought
