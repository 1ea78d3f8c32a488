"""Rows that one answer serves, and what of the answer is explained for each."""

from pathlib import Path

import numpy as np

from core.evaluation.datasets.case import Case, Skipped
from core.evaluation.protocol.questions import questions_of, target_of
from core.schema import Answer
from core.schema.target import Target
from tests.core.answers import make_answer


def a_case(row: str, picture: str = "a.png", prompt: str = "?", phrases=("dog",), sentence=None) -> Case:
    return Case(row, Path(picture), prompt, phrases, sentence, "", lambda size: np.ones(size, bool), None)


def test_neighbours_with_one_picture_and_prompt_share_an_answer():
    rows = [
        a_case("1"),
        a_case("2"),
        a_case("3", prompt="what?"),
        Skipped("4", "It is no picture."),
        a_case("5", prompt="what?"),
        a_case("6", "b.png"),
        a_case("7", "b.png", sentence="A dog."),
        a_case("8"),
    ]
    found = list(questions_of(rows))
    assert [[case.row for case in each.cases] for each in found] == [["1", "2"], ["3"], [], ["5"], ["6"], ["7"], ["8"]]
    assert [each.number for each in found] == list(range(7))
    assert [each.rows for each in found] == [2, 1, 1, 1, 1, 1, 1] and found[2].skipped.row == "4"
    assert list(questions_of([])) == []


def test_the_first_name_that_is_said_is_explained():
    answer = make_answer("A", " small", " dog", " and", " a", " man", ".")
    assert target_of(a_case("1"), answer, "logit") == Target.tokens(2, 3)
    assert target_of(a_case("1", phrases=("person", "man")), answer, "logprob") == Target.tokens(5, 6, score="logprob")
    assert target_of(a_case("1", phrases=("cat",)), answer, "logit") is None


def test_an_answer_that_is_the_name_is_explained_as_a_whole():
    answer = make_answer("dog")
    assert target_of(a_case("1"), answer, "logit") == Target.answer()
    assert target_of(a_case("1", phrases=()), answer, "logit") == Target.answer()
    spoken = a_case("1", phrases=(), sentence="A dog.")
    assert target_of(spoken, answer, "logit") == Target.answer(sentence="A dog.")


def test_a_thought_says_no_name():
    told = make_answer("dog", "?", " A", " dog", ".")
    answer = Answer(told.text, told.tokens, thought=2)
    assert target_of(a_case("1"), answer, "logit") == Target.tokens(3, 4)
