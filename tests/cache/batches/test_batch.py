"""A batch is named by its content, and its rows by what they ask."""

from dataclasses import replace

import pytest

from cache import run_id
from cache.batches.batch import Batch, Row, request_of
from core.errors import InputError
from core.schema import ExplainRequest, Target

TEMPLATE = ExplainRequest(image="", prompt="-", model="m", layers=(0, 1))


def batch(*prompts: str, created: float = 1.0, private_to: str = "") -> Batch:
    rows = tuple(Row(n, f"p{n}.png", "ab" * 32, text) for n, text in enumerate(prompts, 1))
    return Batch(created, TEMPLATE, rows, private_to, bool(private_to))


def test_a_row_with_a_phrase_explains_it(tmp_path):
    one = Batch(1.0, TEMPLATE, (Row(1, "p", "ab" * 32, "what?", "red circle"),))
    assert one.requests[0].target == Target.words("red circle")


def test_rows_that_ask_the_same_have_one_run():
    twice = batch("what?", "what?", "else?")
    assert twice.run_ids[0] == twice.run_ids[1] != twice.run_ids[2]
    assert twice.run_ids[2] == run_id(replace(TEMPLATE, image="ab" * 32, prompt="else?"))


def test_a_batch_is_named_by_what_it_asks_and_for_whose_eyes():
    named = {
        batch("one").id,
        batch("two").id,
        batch("one", "two").id,
        batch("one", private_to="ada").id,
        batch("one", private_to="ben").id,
        replace(batch("one"), template=replace(TEMPLATE, seed=1)).id,
    }
    assert len(named) == 6
    assert batch("one", created=9.0).id == batch("one").id == replace(batch("one"), who="ada").id


def test_a_private_batch_is_its_askers():
    assert (batch("one", private_to="ada").private_to, replace(batch("one"), who="ada").private_to) == ("ada", "")
    with pytest.raises(InputError, match="signed in"):
        replace(batch("one"), private=True)


def test_a_phrase_keeps_the_templates_score():
    template = replace(TEMPLATE, target=Target.answer(score="logprob"))
    assert request_of(template, "cd" * 32, "what?", "red").target == Target.words("red", score="logprob")
    assert request_of(template, "cd" * 32, "what?").target == template.target
