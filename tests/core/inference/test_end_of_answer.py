"""Answers end where the checkpoint, the tokenizer or the chat template say that a turn ends."""

from dataclasses import replace

import pytest

from core.inference.end_of_answer import end_ids
from tests.conftest import gradient_picture


@pytest.fixture
def loaded(explainer):
    return explainer.loaded


def ids(loaded, *tokens):
    return sorted(loaded.processor.tokenizer.convert_tokens_to_ids(list(tokens)))


def test_the_embedded_model_ends_where_it_always_did(loaded):
    assert end_ids(loaded) == ids(loaded, "<|im_end|>")


def test_the_three_are_joined(loaded, monkeypatch):
    monkeypatch.setattr(loaded.model.generation_config, "eos_token_id", ids(loaded, "<|endoftext|>")[0])
    assert end_ids(loaded) == ids(loaded, "<|endoftext|>", "<|im_end|>")
    monkeypatch.setattr(loaded.model.generation_config, "eos_token_id", ids(loaded, "<|endoftext|>", "<|box_end|>"))
    assert end_ids(loaded) == ids(loaded, "<|endoftext|>", "<|box_end|>", "<|im_end|>")


_ALL = "{% for m in messages %}{{ m.content[0].text }}"
TEMPLATES = {
    "the template's end of turn": (_ALL + "<|box_end|>\n{% endfor %}", "<|box_end|>"),
    "a template that takes texts": (
        "{% for m in messages %}"
        "{% if m.role == 'user' %}{{ m.content[0].text }}{% else %}{{ m.content + '<|box_end|>' }}{% endif %}"
        "{% endfor %}",
        "<|box_end|>",
    ),
    "one that ends in plain text": (_ALL + " END\n{% endfor %}", None),
    "one that writes nothing more": (_ALL + "{% endfor %}", None),
    "one that takes no answers": ("{% for m in messages %}{{ raise_exception('no') }}{% endfor %}", None),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_chat_templates_end(loaded, monkeypatch, name):
    template, end = TEMPLATES[name]
    monkeypatch.setattr(loaded.model.generation_config, "eos_token_id", None)
    ends = ["<|im_end|>", *([end] if end else [])]  # the tokenizer's own is there in any case
    assert end_ids(replace(loaded, chat_template=template)) == ids(loaded, *ends)


def test_a_model_that_names_another_end_stops_at_the_turns_end(explainer, loaded, monkeypatch):
    """A fine-tune whose generation_config.json holds one token that it never says."""
    picture, question = gradient_picture(168, 252), "Where is the red square?"
    wanted = explainer.answer(picture, question, max_new_tokens=40)
    assert len(wanted.tokens) < 30
    monkeypatch.setattr(loaded.model.generation_config, "eos_token_id", ids(loaded, "<|endoftext|>")[0])
    assert explainer.answer(picture, question, max_new_tokens=40) == wanted
