"""How many tokens of an answer are a thought; on models: tests/core/models/families/test_thinking.py."""

import pytest

from core.inputs.thoughts import thought_length


@pytest.mark.parametrize(
    ("tokens", "begun", "thought"),
    [
        (["Red", "."], False, 0),
        (["<think>", "\n", "x", "</think>", "\n\n", "Red"], False, 5),
        (["<", "think", ">x", "</", "think", ">\n", "Red"], False, 6),  # no tokens of their own
        (["x", "</think>", "Red"], True, 2),
        (["x", "</think>", "Red"], False, 2),
        (["x", "y"], True, 2),  # cut off
        ([" <think>", "x"], False, 2),
        (["x", "</think>", "\n"], True, 3),
        ([], True, 0),
    ],
)
def test_how_long_a_thought_is(tokens, begun, thought):
    assert thought_length(tokens, begun) == thought
