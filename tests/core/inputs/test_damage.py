"""Hundreds of damaged files, made anew each time: a picture or one sentence, and nothing else."""

import re
from collections import Counter

import pytest

from core.errors import ImageError
from core.inputs.decoding_gate import GATE
from core.inputs.pictures import load_picture
from tests.core.inputs.damage import damaged, whole_files

OFF_STAGE = re.compile(r"<_io|0x[0-9a-f]{6}|/[a-z]+/|Traceback|Error\b|None\b")
"""What no sentence for people may hold: object reprs, addresses, paths, names of exceptions."""


@pytest.mark.parametrize("name", sorted(whole_files()))
def test_the_whole_files_are_read(name):
    picture = load_picture(whole_files()[name])
    assert sorted(picture.size) == [16, 24]


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_damaged_files_give_a_picture_or_a_sentence(first):
    outcomes = Counter()
    for seed in range(first, first + 100):
        what, data = damaged(seed)
        try:
            assert load_picture(data).pixels.size, what
            outcomes["read"] += 1
        except ImageError as error:
            outcomes["refused"] += 1
            assert not OFF_STAGE.search(str(error)), f"{what}: {error}"
            assert str(error).endswith(".") and len(str(error)) < 250, f"{what}: {error}"
    assert min(outcomes["read"], outcomes["refused"]) > 10, outcomes
    assert GATE.inside == GATE.waiting == 0  # whatever happened, room was given back


def test_a_seed_makes_the_same_file_again():
    assert damaged(7) == damaged(7) and damaged(7) != damaged(8)
