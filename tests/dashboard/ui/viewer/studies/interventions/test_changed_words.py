"""Which words of an answer are marked as changed."""

import pytest

from dashboard.ui.viewer.studies.interventions.changed_words import LONGEST, changes, marked


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Top left.", "Top left.", "Top left."),
        ("Top left.", "top right.", "top :orange-background[**right**]\\."),
        ("A red circle", "A blue square here", "A :orange-background[**blue square here**]"),
        ("A red circle", "A circle", "A circle"),  # what is missing leaves no mark
        ("左上角", "右下角", ":orange-background[**右下**]角"),
        ("", "Yes", ":orange-background[**Yes**]"),
        ("Yes", "", ""),
        ("Yes", " \n ", ""),
    ],
)
def test_what_is_other_is_marked(old, new, shown):
    assert marked(old, new) == shown


def test_parts_cover_all_that_is_said_in_order():
    new = "It is a  red-hot, 3.5 cm circle!"
    found = changes("It was a hot circle", new)
    assert [new[begin:stop] for begin, stop, _other in found] == [
        "It",
        "is",
        "a",
        "red-",
        "hot",
        ", 3.5 cm",
        "circle",
        "!",
    ]
    assert [other for *_span, other in found] == [False, True, False, True, False, True, False, True]


@pytest.mark.parametrize("planted", ["**bold** [a](javascript:b)", ":material/home: $x^2$", "<img src=x>", "a ] b [ c"])
def test_peoples_text_is_no_markup(planted):
    for old in ("", planted, "a"):
        shown = marked(old, planted).replace(":orange-background[**", "").replace("**]", "")
        assert not any(f"{mark}" in shown.replace(f"\\{mark}", "") for mark in "*[]<>$`")
    assert ":smile" not in marked("a : b", "x:smile: y").replace("\\:smile", "")


def test_a_long_answer_is_cut():
    assert len(marked("", "a " * 1000)) < LONGEST + 40 and marked("", "a " * 1000).endswith("…**]")
