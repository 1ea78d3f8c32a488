"""Targets: what they accept, which tokens they mean, and how they are told to people."""

import dataclasses
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.schema import Answer, ExplainRequest, Token
from core.schema.target import DEFAULT_SCORE, MAX_CHARACTERS, SCORES, Target, quoted
from tests.core.answers import make_answer

CIRCLES = make_answer("A", " hund", "red", " Red", " cir", "cle", "s", ",", " red", "\n", "circle", "s", ".")


def test_the_whole_answer():
    assert Target.answer() == Target() and Target().score == DEFAULT_SCORE
    assert Target.answer().indices(CIRCLES) == range(13)
    assert Target.text("So it is.", score="margin") == Target.answer(sentence="So it is.", score="margin")


def test_spans():
    assert Target.tokens(1, 3).indices(CIRCLES) == range(1, 3)
    assert Target.tokens(11, None).indices(CIRCLES) == range(11, 13)
    assert Target.contrast(4, "squares").indices(CIRCLES) == range(4, 5)


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        (Target.tokens(1, 4), "1 to 3"),
        (Target.tokens(3, 4), "3"),
        (Target.tokens(7, None), "7"),
        (Target.contrast(3, "x"), "3"),
    ],
)
def test_spans_beyond_the_answer(target, asked):
    message = f"The answer has 3 tokens (0 to 2); the target asks for {asked}."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        target.indices(make_answer("a", "b", "c"))
    with pytest.raises(InputError, match=r"has 1 token \(0 to 0\)"):
        target.indices(make_answer("a"))


@pytest.mark.parametrize(
    ("phrase", "occurrence", "indices"),
    [
        ("red", 1, range(3, 4)),  # not the end of "hundred"
        ("RED", 2, range(8, 9)),
        ("Red circles", 1, range(3, 7)),
        ("red circles", 2, range(8, 12)),  # a new line is a blank like any other
        ("  hundred\tred ", 1, range(1, 4)),
        ("ircl", 1, range(4, 6)),  # nothing but parts of words: these, then
        ("ircl", 2, range(10, 11)),
        ("dred", 1, range(1, 3)),
        (",", 1, range(7, 8)),
        ("s.", 1, range(11, 13)),
    ],
)
def test_words(phrase, occurrence, indices):
    assert Target.words(phrase, occurrence).indices(CIRCLES) == indices


def test_words_are_plain_text_and_do_not_overlap():
    answer = make_answer("a.b (a+b)", " aXb", " aaaa")
    assert Target.words("a.b").indices(answer) == range(0, 1)
    assert Target.words("(A+B)").indices(answer) == range(0, 1)
    assert Target.words("aa", 2).indices(answer) == range(2, 3)
    with pytest.raises(InputError, match="are in the answer 2 times"):
        Target.words("aa", 3).indices(answer)


def test_a_part_of_a_word_does_not_hide_a_whole_word():
    assert Target.words("a a").indices(make_answer("ba", " a", " a")) == range(1, 3)


def test_words_in_scripts_without_spaces():
    answer = make_answer("红色", "的", "圆", "和", "红色", "<|im_end|>", "的", "方")
    assert Target.words("红色的").indices(answer) == range(0, 2)
    assert Target.words("红", 2).indices(answer) == range(4, 5)
    assert Target.words("红色的", 2).indices(answer) == range(4, 7)


def test_fragments_of_a_character_all_count():
    answer = Answer(
        "🙂 no", tuple(Token(0, "\ufffd", 0.5, (), 0, 1) for _ in range(4)) + (Token(1, " no", 1, (), 1, 4),)
    )
    assert Target.words("🙂").indices(answer) == range(0, 4)


def test_words_that_are_not_there():
    with pytest.raises(InputError) as caught:
        Target.words("blue " * 40).indices(CIRCLES)
    assert str(caught.value) == (
        f'The words "{("blue " * 12).strip()}…" are not in the answer, which is '
        '"A hundred Red circles, red circles.". Choose words that it holds.'
    )
    with pytest.raises(InputError, match='"A hundred" are in the answer once; occurrence 2 was asked for.*lower'):
        Target.words("A hundred", 2).indices(CIRCLES)
    with pytest.raises(InputError, match="without the places of its tokens"):
        Target.words("red").indices(Answer("red", (Token(1, "red", 0.5),)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "sentence"}, "no kind of target called 'sentence'.*answer, thought, tokens, words, contrast"),
        ({"kind": None}, "no kind of target called None"),
        ({"kind": ["answer"]}, "no kind of target called"),
        ({"score": "loss"}, "no score called 'loss'.*logit, logprob, margin, rivals"),
        ({"score": None}, "no score called None"),
        ({"start": 1}, "kind 'answer' has no use for 'start'. Leave it out"),
        ({"stop": 2}, "no use for 'stop'"),
        ({"start": False}, "no use for 'start'"),
        ({"start": 0.0}, "no use for 'start'"),
        ({"phrase": "red"}, "no use for 'phrase'"),
        ({"position": 0}, "no use for 'position'"),
        ({"kind": "tokens", "occurrence": 2}, "kind 'tokens' has no use for 'occurrence'"),
        ({"kind": "tokens", "occurrence": True}, "no use for 'occurrence'"),
        ({"kind": "words", "phrase": "a", "instead": "b"}, "no use for 'instead'"),
        ({"kind": "contrast", "position": 1, "instead": "b", "stop": 3}, "no use for 'stop'"),
        ({"kind": "thought", "sentence": "Red."}, "no use for 'sentence'"),
        ({"kind": "tokens", "start": -1}, "first answer token must be a whole number of 0 or more, not -1"),
        ({"kind": "tokens", "start": "1"}, "whole number of 0 or more, not '1'"),
        ({"kind": "tokens", "stop": 2.0}, "end of the answer tokens must be a whole number of 0 or more, not 2.0"),
        ({"kind": "tokens", "stop": True}, "not True"),
        ({"kind": "tokens", "start": 2, "stop": 2}, "tokens 2 to 2 are no span: the end must come after the start"),
        ({"kind": "words"}, "phrase to look for in the answer must be text, not None"),
        ({"kind": "words", "phrase": " \n"}, "phrase to look for in the answer is blank. Type at least one"),
        ({"kind": "words", "phrase": "a", "occurrence": 0}, "occurrence must be a whole number of 1 or more, not 0"),
        ({"kind": "words", "phrase": "a", "occurrence": True}, "occurrence must be a whole number"),
        ({"kind": "contrast", "instead": "b"}, "token to contrast must be a whole number of 0 or more, not None"),
        ({"kind": "contrast", "position": 1}, "text to contrast with must be text, not None"),
        ({"kind": "contrast", "position": 1, "instead": ""}, "text to contrast with is blank"),
        (
            {"kind": "contrast", "position": 1, "instead": "b", "score": "margin"},
            "difference of logits already.*Leave the score at 'logit'; 'margin' does not apply",
        ),
        ({"sentence": "  "}, "sentence to explain is blank"),
        ({"sentence": 5}, "sentence to explain must be text, not 5"),
        ({"sentence": "x" * (MAX_CHARACTERS + 1)}, "has 2,001 characters; at most 2,000 are allowed. Shorten"),
        ({"sentence": "half \ud83d"}, "half a character"),
    ],
)
def test_what_makes_no_target(values, message):
    with pytest.raises(InputError, match=message):
        Target(**values)


def test_an_empty_sentence_is_not_the_models_answer():
    for sentence in ("", None):
        with pytest.raises(InputError, match="sentence to explain is blank"):
            Target.text(sentence)


def test_blanks_around_text_mean_nothing():
    assert Target.words(" red ") == Target.words("red")
    assert Target.contrast(1, " red\n") == Target.contrast(1, "red")
    assert Target.text("\tSo. ") == Target.text("So.")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
SENTENCES = st.none() | TEXTS
NAMES = st.sampled_from(sorted(SCORES))
TARGETS = st.one_of(
    st.builds(Target.answer, score=NAMES, sentence=SENTENCES),
    st.builds(
        lambda start, length, **rest: Target.tokens(start, length and start + length, **rest),
        st.integers(0, 5),
        st.none() | st.integers(1, 5),
        score=NAMES,
        sentence=SENTENCES,
    ),
    st.builds(Target.words, TEXTS, st.integers(1, 5), score=NAMES, sentence=SENTENCES),
    st.builds(Target.contrast, st.integers(0, 5), TEXTS, sentence=SENTENCES),
)


@given(TARGETS)
def test_targets_survive_json_within_a_request(target):
    request = ExplainRequest(image="a" * 64, prompt="Where?", model="m" * 64, layers=(0,), target=target)
    assert ExplainRequest.from_dict(json.loads(json.dumps(request.to_dict()))) == request


@given(TARGETS, TARGETS)
def test_targets_that_differ_have_other_values(left, right):
    assert (dataclasses.asdict(left) == dataclasses.asdict(right)) == (left == right)


@given(TARGETS)
def test_every_target_can_be_told(target):
    words = target.describe()
    assert words and "\n" not in words and words == target.describe(None)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target.answer(), "the whole answer"),
        (Target.thought(score="margin"), "the thought before the answer, scored by margin"),
        (Target.thought_and_answer(), "tokens 0 to the last"),
        (Target.tokens(2, 5), "tokens 2 to 4"),
        (Target.tokens(2, 3, score="margin"), "token 2, scored by margin"),
        (Target.tokens(2, None), "tokens 2 to the last"),
        (Target.words("red circle"), 'the words "red circle"'),
        (Target.words("red", 3), 'the word "red" (occurrence 3)'),
        (Target.contrast(3, "blue"), 'what was said rather than "blue" at token 3'),
        (Target.text("It is\nred."), 'the whole answer, of the sentence "It is red."'),
        (
            Target.words("red", score="logprob", sentence="It is red."),
            'the word "red", of the sentence "It is red.", scored by logprob',
        ),
    ],
)
def test_descriptions(target, words):
    assert target.describe() == words


def test_a_contrast_names_the_said_token_where_it_is_known():
    assert Target.contrast(3, "blue").describe(CIRCLES) == '"Red" rather than "blue" at token 3'
    assert Target.contrast(30, "blue").describe(CIRCLES) == 'what was said rather than "blue" at token 30'


def test_long_text_is_cut():
    assert quoted("a  b") == '"a b"'
    assert quoted("x" * 60) == f'"{"x" * 60}"'
    assert quoted("x" * 61) == f'"{"x" * 60}…"'
