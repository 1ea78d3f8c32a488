"""A question, its name, and what is written down of it."""

import json
from dataclasses import replace

import pytest

from cache import Asker
from core import InputError
from dashboard.jobs.question import (
    Outcome,
    names_from_dict,
    question_of,
    question_to_dict,
    request_from_dict,
    study_id,
)
from tests.core.export.trees import WRONG, places, replaced, with_more, without
from tests.some import some


def test_a_question_that_an_earlier_version_wrote_down_has_one_name():
    assert names_from_dict({"picture": "a.png"}) == ("a.png",)


def test_a_study_has_a_name_of_its_own(ask):
    assert study_id("0123", "") == "0123" and study_id("0123", "words") == "0123-words"
    assert replace(ask(), study="trust-3").id == f"{ask().id}-trust-3"


def test_what_is_written_down_of_a_question_is_read_again(ask_all):
    asked = replace(ask_all(prompt="什么？", seed=3), settle=True, asker=Asker("ada", private=True))
    written = json.loads(json.dumps(question_to_dict(asked)))
    assert request_from_dict(written) == asked.request
    assert names_from_dict(written) == ("two-halves.png", "b & c.png", "c.png")
    assert (written["model"], written["study"], written["settle"], written["private"]) == ("embedded", "", True, True)
    assert written["picture"] == "3 pictures: two-halves.png, b & c.png, c.png"


@pytest.mark.parametrize("written", [{}, {"request": {"image": 3}}, {"request": {"prompt": "no picture"}}])
def test_what_another_version_wrote_is_refused_in_a_sentence(written):
    with pytest.raises(InputError, match="another version of the program"):
        request_from_dict(written)


@pytest.mark.parametrize("wrong", [*WRONG, [[]] * 9], ids=lambda value: repr(value)[:20])
def test_what_is_written_and_spoilt_anywhere_is_refused_in_a_sentence_or_read(ask_all, wrong):
    tree = json.loads(json.dumps(question_to_dict(ask_all())))
    for path in some(places(tree)):
        for spoilt in (replaced(tree, path, wrong), without(tree, path), with_more(tree, path)):
            if spoilt is None:
                continue
            try:
                request_from_dict(spoilt)
            except InputError as error:
                assert "another version of the program" in str(error)
            assert all(isinstance(name, str) for name in names_from_dict(spoilt))


def test_a_question_is_ones_own_whichever_run_it_was_taken_from(ask, chosen, card):
    imported = replace(ask().request, origin="a" * 64)
    assert question_of(imported, [chosen], card).request == ask().request
    assert question_of(imported, [chosen], card).id == ask().id


def test_an_outcome_of_fewer_samples_is_another_run(ask, explain):
    result = explain(ask(num_samples=3).request)
    assert Outcome(result).id == ask(num_samples=3).id != ask(num_samples=4).id
