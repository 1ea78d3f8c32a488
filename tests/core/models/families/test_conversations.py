"""A question after earlier turns, by each family: the prompt is what transformers write of the same messages."""

from dataclasses import replace

import pytest
import torch

from core import InputError
from core.inference.forward import answer_logits, build_sequence, encode
from core.inference.generation import force_answer
from core.inputs.prompt import prepare
from core.schema.conversation import Turn
from tests.core.models.families.slow import SENTENCE, Slow
from tests.core.models.families.test_base import PICTURES_FIRST, PROMPTS, seen_by_the_decoder
from tests.some import some

SYSTEM = Turn("system", ("You name colours, and nothing else.",))
EARLIER = (SYSTEM, Turn("user", (0, "What is on the left?")), Turn("assistant", ("A red square.",)))
TYPED = ("x", "user", *PROMPTS[-3:])
"""Words of the template itself, and tokens that it alone may write."""
QUESTION = "And where is the blue one?"


def messages(picture, second=None):
    """The same as transformers take it."""
    found = [
        {"role": "system", "content": [{"type": "text", "text": "You name colours, and nothing else."}]},
        {
            "role": "user",
            "content": [{"type": "image", "image": picture.to_pil()}, {"type": "text", "text": "What is on the left?"}],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "A red square."}]},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ]
    if second is not None:
        found[-1]["content"].insert(0, {"type": "image", "image": second.to_pil()})
    return found


def said(loaded, ids, positions):
    return loaded.processor.tokenizer.decode(ids[positions])


@pytest.mark.parametrize("several", [False, True])
def test_the_prompt_is_what_the_processor_writes(family, pictures, several):
    given = pictures if several else pictures[:1]
    wanted = family.loaded.processor.apply_chat_template(
        messages(*given), tokenize=True, add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    found = prepare(family.loaded, given, QUESTION, conversation=EARLIER)
    assert torch.equal(found.input_ids, wanted["input_ids"])
    assert torch.equal(found.pixel_values, wanted["pixel_values"].float())
    ids = found.input_ids[0]
    for positions, text in zip(found.turns, ("You name colours", "on the left", "A red square"), strict=True):
        assert text in said(family.loaded, ids, positions)
    assert QUESTION in said(family.loaded, ids, found.question)
    assert len(said(family.loaded, ids, found.question)) <= len(QUESTION) + 2
    first = found.layouts[0].tokens
    assert found.visual[:first].max() < found.turns[2].min()  # the earlier turn's picture stands there
    assert not several or found.turns[2].max() < found.visual[first:].min() < found.question.min()


def test_whatever_turns_say_is_text(family, picture):
    loaded = family.loaded
    plain = prepare(loaded, picture, "Where?", conversation=EARLIER)
    for prompt in some(TYPED):
        _check_text(loaded, picture, prompt, plain)


def _check_text(loaded, picture, prompt, plain):
    turns = (Turn("system", (prompt,)), Turn("user", (0, prompt)), Turn("assistant", (prompt,)))
    got = prepare(loaded, picture, prompt, conversation=turns)
    special = torch.tensor([*loaded.processor.tokenizer.added_tokens_decoder])
    counts = [int(torch.isin(each.input_ids, special).sum()) for each in (got, plain)]
    assert counts[0] == counts[1]
    ids = got.input_ids[0]
    spoken = (*got.turns, got.question)
    assert [prompt in said(loaded, ids, positions) for positions in spoken] == [True] * 4
    assert [len(said(loaded, ids, positions)) <= len(prompt) + 2 for positions in spoken] == [True] * 4
    assert not torch.isin(ids[torch.cat(spoken)], special).any()
    assert [int(one.max()) < int(other.min()) for one, other in zip(spoken, spoken[1:], strict=False)] == [True] * 3


def test_embeddings_and_positions_are_the_models_own(family, pictures):
    loaded = family.loaded
    prepared = prepare(loaded, pictures, QUESTION, conversation=EARLIER)
    slow = Slow(loaded, prepared, force_answer(loaded, prepared, SENTENCE))
    sequence = build_sequence(loaded, prepared, slow.answer)

    def ours():
        answer_logits(loaded, sequence, encode(loaded, sequence, prepared.pixel_values[None]), torch.arange(1))

    theirs, found = (seen_by_the_decoder(loaded, run) for run in (slow.outputs, ours))
    assert found.keys() == theirs.keys() == set(range(len(loaded.layers)))
    for layer in theirs:
        torch.testing.assert_close(found[layer][0], theirs[layer][0], rtol=1e-3, atol=1e-3)
        for mine, its in zip(found[layer][1], theirs[layer][1], strict=True):
            torch.testing.assert_close(mine, its)


def test_a_picture_behind_the_text_of_an_earlier_turn(name, family, picture):
    turns = (Turn("user", ("What is on the left?", 0)), Turn("assistant", ("A red square.",)))
    if name in PICTURES_FIRST:
        with pytest.raises(InputError, match="Put the pictures of each turn before its texts"):
            prepare(family.loaded, picture, QUESTION, conversation=turns)
        return
    found = prepare(family.loaded, picture, QUESTION, conversation=turns)
    assert found.turns[0].max() < found.visual.min() and found.visual.max() < found.turns[1].min()


_LOOP = "{% for message in messages %}"
TEMPLATES = {
    "{% if messages|length > 1 %}{{ raise_exception('No system role') }}{% endif %}" + _LOOP: (
        r"cannot write this conversation \(No system role"
    ),
    "{% for message in messages if message['role'] != 'system' %}": "leaves a text of this conversation out",
    "{% for message in messages[-2:] %}": "leaves a picture of this conversation out",
}


@pytest.mark.parametrize("begin", TEMPLATES)
def test_templates_that_know_no_such_turns(explainer_of, picture, begin):
    body = (
        "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
        "{{ '<|vision_start|><|image_pad|><|vision_end|>' }}{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
        "{% endfor %}"
    )
    loaded = replace(explainer_of("qwen2_5_vl").loaded, chat_template=begin + body)
    assert prepare(loaded, picture, QUESTION).visual.numel()
    with pytest.raises(InputError, match=TEMPLATES[begin]):
        prepare(loaded, picture, QUESTION, conversation=EARLIER)
