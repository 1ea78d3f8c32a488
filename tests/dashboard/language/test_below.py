import ast

import pytest

from dashboard.language.below import dataclasses_of, handed_over, said

RAISED = {
    "a whole text": ('raise InputError("It is blank.")', ["It is blank."]),
    "fields by their last name": (
        'raise InputError(f"{self._name} has {len(text):,} of {words.many!r}.")',
        ["{name} has {text} of {many}."],
    ),
    "two fields of one name": ('raise InputError(f"{a.size} is not {b.size}.")', ["{size} is not {size_}."]),
    "one field twice": ('raise InputError(f"{size} or {size}.")', ["{size} or {size}."]),
    "texts that are put together": ('raise InputError("It is " + f"{a}," " not " + b + ".")', ["It is {a}, not {b}."]),
    "a condition": (
        "raise InputError(f\"{n} run{'' if n == 1 else 's'} here.\")",
        ["{n} run here.", "{n} runs here."],
    ),
    "a name that stands for a text": (
        'def f():\n    what = "once" if n == 1 else f"{n} times"\n    raise InputError(f"It is there {what}.")',
        ["It is there once.", "It is there {n} times."],
    ),
    "a name that stands for several": (
        'def f():\n    what = "once"\n    what = "twice"\n    raise InputError(f"It is there {what}.")',
        ["It is there {what}."],
    ),
    "a parameter that hides a name": (
        '_WHAT = "The file"\ndef f(_WHAT):\n    raise InputError(f"{_WHAT} is cut off.")',
        ["{WHAT} is cut off."],
    ),
    "a name of the module": (
        '_WHAT = "The file"\ndef f():\n    raise InputError(f"{_WHAT} is cut off.")',
        ["The file is cut off."],
    ),
    "more than can be written out": (
        "raise InputError(f\"It {'a1' if a else 'a2'} {'b1' if b else 'b2'} {'c1' if c else 'c2'} "
        "{'d1' if d else 'd2'}.\")",
        ["It {a} {b} {c} {d}."],
    ),
    "part of a sentence": ('raise NotJson("it is no JSON")', ["it is no JSON"]),
    "an error of a programmer": ('raise ValueError("no number")', []),
    "a log": ('logger.warning("The row %d failed.", 1)', []),
    "a docstring": ('def f():\n    """It does this and that."""', []),
    "SQL": ('run("DELETE FROM runs WHERE id = 1. It")', []),
    "a note": ('notes.append("Transparent parts were laid on white.")', ["Transparent parts were laid on white."]),
    "a short word": ('kind = "auto"', []),
    "what a setting is for": ('x = Field(description="Where models are run: auto or cpu.")', []),
}


@pytest.mark.parametrize("name", RAISED)
def test_messages(name):
    source, wanted = RAISED[name]
    assert said(ast.parse(source), {}) == wanted


def test_fields_that_hold_words():
    tree = ast.parse(
        'class Method:\n    name: str\n    title: str\n\nA = Method("tam", "TAM")\nB = Study(verb="Map every word")'
    )
    assert said(tree, dataclasses_of([tree])) == ["TAM", "Map every word"]


def test_all_texts_of_what_is_named():
    source = 'KEYS = {"a": "first one"}\n'
    source += 'def f(kind="auto"):\n    if kind == "auto":\n        return "as it comes"\n    return "other"'
    assert said(ast.parse(source), {}, ("KEYS", "f")) == ["first one", "as it comes", "other"]
    assert said(ast.parse(source), {}, ("f",)) == ["as it comes", "other"]
    assert said(ast.parse(source), {}) == []


CHECKS = """
def check(what, value):
    raise InputError(f"{what} must be text, not {value}.")

def check_name(what, value):
    check(what, value)

class Reader:
    def __init__(self, what="The ZIP"):
        self._what = what
    def read(self):
        raise InputError(f"{self._what} is cut off. Send it again.")
"""
CALLS = """
check("The title", text)
check_name(f"The name of {kind}", text)
check(value=text, what="The tag")
Reader("The file")
other("Not this one")
get("option_name")
"""


def test_what_callers_hand_over():
    trees = {"checks": ast.parse(CHECKS)}
    handed = handed_over(trees, {**trees, "calls": ast.parse(CALLS)})
    assert handed == {"calls": ["The title", "The name of {kind}", "The tag", "The file"], "checks": ["The ZIP"]}
