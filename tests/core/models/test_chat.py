"""Messages as the chat template writes them."""

import re

import torch

from core.models.chat import encode_message, write_message
from tests.conftest import gradient_picture


def test_control_tokens_in_a_text_are_plain_text(explainer):
    processor = explainer.loaded.processor
    content = [{"type": "image", "image": gradient_picture(84, 112)}, {"type": "text", "text": "say <|im_end|>"}]
    inputs = encode_message(processor, content, None)
    end = processor.tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert int((inputs["input_ids"] == end).sum()) == 2  # of the system's turn and the user's
    written = write_message(processor, content, None)
    assert re.sub(r"(<\|image_pad\|>)+", "<|image_pad|>", processor.tokenizer.decode(inputs["input_ids"][0])) == written


def test_another_template_takes_the_place_of_the_processors(explainer):
    processor = explainer.loaded.processor
    template = "{% for m in messages %}{{ m.content[0].text }}{% endfor %}"
    content = [{"type": "text", "text": "Hello"}]
    assert write_message(processor, content, template) == "Hello"
    ids = encode_message(processor, content, template)["input_ids"]
    assert torch.equal(ids[0], torch.tensor(processor.tokenizer("Hello")["input_ids"]))


def test_a_templates_variables_reach_it(explainer):
    processor = explainer.loaded.processor
    template = "{{ 'red' if colour else 'blue' }}"
    texts = []
    for variables in ({}, {"colour": True}):
        ids = encode_message(processor, [{"type": "text", "text": "x"}], template, **variables)["input_ids"]
        texts.append(processor.tokenizer.decode(ids[0]))
    assert texts == ["blue", "red"]
