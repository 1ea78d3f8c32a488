"""Turns before a question: what can be one, and how they are written into a request."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import keys
from core import ExplainRequest, InputError, PromptError
from core.schema.conversation import (
    MAX_CONVERSATION_CHARACTERS,
    MAX_TURNS,
    Turn,
    check_conversation,
    conversation_text,
    followed_up,
    pictures_before,
    system_text,
    turn_numbers,
    turns_of,
    with_system,
)

SYSTEM = Turn("system", ("You are terse.",))
FIRST = (Turn("user", (0, "What is left?")), Turn("assistant", ("A square.",)))


def request(conversation=(), images=("a",), **changes):
    """A question about these pictures."""
    several = images if len(images) > 1 else ()
    given = {"prompt": "And right?", "model": "m", "layers": (0,), "conversation": conversation}
    return ExplainRequest(image=images[0], images=several, **given | changes)


def test_what_a_turn_says_and_shows():
    turn = Turn("user", (0, "What is", 1, "and this?"))
    assert (turn.text, turn.pictures) == ("What is\nand this?", (0, 1))
    assert turns_of([turn.to_dict()]) == (turn,) == turns_of([turn])


WRONG_TURNS = {
    "no such role": ("tool", ("x",), "no role called 'tool'"),
    "a text alone": ("user", "x", "a tuple of texts and picture numbers"),
    "a number that is none": ("user", (1.5,), "not 1.5"),
    "a truth value": ("user", (True,), "not True"),
    "nothing": ("user", (), "turn of the user is empty"),
    "blanks": ("assistant", (" \n",), "turn of the assistant is empty"),
    "an empty text": ("user", (0, ""), "empty text"),
    "half a character": ("user", ("\ud83d",), "half a character"),
    "too many parts": ("user", ("x",) * 33, "at most 32"),
}


@pytest.mark.parametrize("wrong", WRONG_TURNS)
def test_what_is_no_turn_is_refused(wrong):
    role, content, told = WRONG_TURNS[wrong]
    with pytest.raises(InputError, match=told):
        Turn(role, content)


WRONG = {
    "the assistant first": ((Turn("assistant", ("x",)),), "The user speaks first"),
    "the system later": ((*FIRST, SYSTEM), "Only the first turn can be the system's"),
    "twice the user": ((Turn("user", ("x",)),) * 2, "Two turns of the user follow each other"),
    "twice the assistant": ((*FIRST, FIRST[1]), "Two turns of the assistant"),
    "more pictures than there are": ((Turn("user", (0, 1, "x")),), "2 pictures, and the prompt has 1"),
    "another order": ((Turn("user", (1, 0, "x")),), r"numbered from 0 .* not \[1, 0\]"),
    "too many turns": (FIRST[:1] * (MAX_TURNS + 1), f"at most {MAX_TURNS} turns"),
    "too long": (
        tuple(Turn(role, ("x" * (MAX_CONVERSATION_CHARACTERS // 2 + 1),)) for role in ("user", "assistant")),
        "Leave the oldest ones out",
    ),
    "no tuple": ([SYSTEM], "a tuple of turns"),
    "no turns": (("hello",), "A turn must be"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_conversation_is_refused(wrong):
    turns, told = WRONG[wrong]
    with pytest.raises(InputError, match=told):
        request(turns)


@pytest.mark.parametrize(
    "written",
    [5, [5], [{}], [{"role": "user"}], [{"role": "user", "content": "x"}], [{"role": "user", "content": [], "a": 1}]],
)
def test_what_cannot_be_read_back_is_refused(written):
    with pytest.raises(InputError):
        turns_of(written)


def test_a_request_with_turns_is_written_and_read_back():
    asked = request((SYSTEM, *FIRST))
    written = json.loads(json.dumps(asked.to_dict()))
    assert written["conversation"][1] == {"role": "user", "content": [0, "What is left?"]}
    assert ExplainRequest.from_dict(written) == asked
    assert "conversation" not in request().to_dict()


def test_names_of_what_is_stored_are_those_of_before_and_differ_by_the_turns():
    plain = request(prompt="What?")
    assert keys.run_key(plain) == "cam2:382c5b36e16a33189daf4dc311f21c43f718172485eb6e0940fb749738a89ec2"
    asked = [plain, request((SYSTEM,), prompt="What?"), request((SYSTEM, *FIRST), prompt="What?"), request(FIRST)]
    for name in (keys.run_key, keys.answer_key, keys.pass_key):
        assert len({name(each) for each in asked}) == 4


def test_order_says_nothing_where_no_picture_stands_beside_the_question():
    before, after = (request(FIRST, picture_first=order) for order in (True, False))
    assert before == after and after.picture_first
    assert not request((SYSTEM,), picture_first=False).picture_first


def test_every_form_of_the_same_question_keeps_its_turns():
    asked = request((SYSTEM, *FIRST), images=("a", "b"))
    forms = (asked.of_picture(1), asked.shared(), asked.with_method("combined", ()), replace(asked, prompt="..."))
    assert [each.conversation for each in forms] == [asked.conversation] * 4


def test_a_follow_up_begins_with_what_was_asked_and_said():
    first = request((SYSTEM,), images=("a", "b"), prompt="What is left?", picture_first=False)
    turns = followed_up(first.conversation, first.prompt, "A square.", 2, first.picture_first)
    assert turns == (SYSTEM, Turn("user", ("What is left?", 0, 1)), Turn("assistant", ("A square.",)))
    assert pictures_before(turns) == 2 and turn_numbers(turns, 3) == (1, 1, 2)
    begun = followed_up((Turn("user", (0, "Look.")),), "What is it?", "Blue.", 1)
    assert begun[0] == Turn("user", (0, "Look.", "What is it?"))
    with pytest.raises(PromptError, match="said nothing"):
        followed_up((), "What?", " ", 1)


def test_in_which_question_each_picture_stands():
    assert turn_numbers((), 2) == (1, 1)
    begun = (SYSTEM, *FIRST, Turn("user", (1, "Look.")))
    assert turn_numbers(begun, 3) == (1, 2, 2)


def test_the_system_prompt():
    assert with_system("Be kind.", (SYSTEM, *FIRST)) == (Turn("system", ("Be kind.",)), *FIRST)
    assert with_system(None, FIRST) == FIRST and system_text(FIRST) == "" and system_text((SYSTEM,)) == "You are terse."
    assert conversation_text((SYSTEM, *FIRST)) == "You are terse.\nWhat is left?\nA square."
    with pytest.raises(PromptError, match="system prompt is empty"):
        with_system(" ", ())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)


@given(st.booleans(), st.lists(st.tuples(TEXTS, TEXTS, st.integers(0, 2)), max_size=5), st.integers(0, 2))
def test_whatever_is_asked_in_turn_is_a_conversation(has_system, exchanges, beside):
    """And goes through JSON; following up one after the other gives the same turns as writing them down."""
    turns, wanted, count = ((SYSTEM,) if has_system else ()), [SYSTEM] if has_system else [], 0
    for asked, said, pictures in exchanges:
        turns = followed_up(turns, asked, said, count + pictures)
        wanted += [Turn("user", (*range(count, count + pictures), asked)), Turn("assistant", (said,))]
        count += pictures
    assert turns == tuple(wanted) and pictures_before(turns) == count
    assert check_conversation(turns, count + beside) == turns
    assert turns_of(json.loads(json.dumps([turn.to_dict() for turn in turns]))) == turns
    numbers = turn_numbers(turns, count + beside)
    assert len(numbers) == count + beside and list(numbers) == sorted(numbers)
