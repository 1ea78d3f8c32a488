"""What is said of an answer that holds more than text."""

from core.schema import Answer, Token


def test_plain_answers_need_no_note():
    assert Answer("It is red.", (Token(5, "It is red.", 0.9, start=0, stop=10),)).notes == ()
    assert Answer("", ()).notes == ()


def test_control_tokens_inside_are_named_once():
    said = Token(5, "red", 0.9, start=0, stop=3)
    answer = Answer(
        "red red", (said, Token(1, "<|im_end|>", 0.5, start=3, stop=3), Token(5, " red", 0.9, start=3, stop=7))
    )
    assert answer.control_tokens == ("<|im_end|>",)
    (note,) = answer.notes
    assert "(<|im_end|>)" in note and "not in its text" in note


def test_blanks_at_the_end_are_none():
    assert Answer("a", (Token(1, "a", 1.0, start=0, stop=1), Token(2, "\n\n", 1.0, start=1, stop=1))).notes == ()


def test_an_answer_of_nothing_but_its_end():
    (note,) = Answer("", (Token(1, "<|im_end|>", 0.5),)).notes
    assert note.startswith("The model said nothing but a control token (<|im_end|>)")


def test_answers_stored_without_positions_are_not_known():
    assert Answer("red", (Token(1, "red", 0.5),)).notes == ()
