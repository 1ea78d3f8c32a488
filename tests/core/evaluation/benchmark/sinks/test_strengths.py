"""The strengths that there are."""

import pytest

from core.errors import InputError
from core.evaluation.benchmark.sinks.strengths import PLAIN, STRENGTHS, find_strength
from core.evaluation.benchmark.sinks.weights import ADDED_HEADS


def test_every_strength_has_its_name_and_heads_enough():
    assert PLAIN not in STRENGTHS and len(STRENGTHS) == 5
    assert [find_strength(name).name for name in STRENGTHS] == list(STRENGTHS)
    heads = [each.visual_heads + each.prompt_heads for each in STRENGTHS.values()]
    assert min(heads) >= 1 and max(heads) == ADDED_HEADS


def test_another_is_refused_by_name():
    with pytest.raises(InputError, match="no strength .*huge.*mild, heavy, strong, prompt, bf16"):
        find_strength("huge")
