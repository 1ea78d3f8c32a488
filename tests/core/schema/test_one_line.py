"""Everything that a notebook shows of `core` on one line."""

import numpy as np
import pytest

from core import Answer, Brightness, ExplainRequest, ExplainResult, HeadMaps, LogitLens, Progress, Target, Token
from core.schema.one_line import counted, named, numbered, one_line, quoted
from core.schema.readings.prompt_heat import PromptHeat
from core.schema.words import Word

HOSTILE = "line one\nline two \u202e reversed <script>" * 500
ANSWER = Answer(HOSTILE, tuple(Token(number, "\n\t", 0.5, (("x", 0.1),) * 5) for number in range(300)))
LAYERS = tuple(range(0, 80, 2))
REQUEST = ExplainRequest(
    image="a" * 64,
    prompt=HOSTILE[:20_000],
    model="m" * 300,
    layers=LAYERS,
    images=tuple(f"{number}" for number in ("a" * 64, "b" * 64)),
    target=Target.contrast(3, HOSTILE[:2000], sentence=HOSTILE[:2000]),
)
MAPS = np.zeros((len(LAYERS), 30, 40), np.float32)
RESULT = ExplainResult(REQUEST, ANSWER, MAPS, MAPS.copy(), 10, 80, {"answer": 1.25, "samples": 2.5})
SHARES = np.zeros((len(LAYERS), 16), np.float32)
LENS = np.zeros((len(LAYERS), 30, 40, 5))
VALUES = (
    *(ANSWER, ANSWER.tokens[0], REQUEST, REQUEST.target, RESULT, Progress("samples", 3, 10, (RESULT,))),
    HeadMaps(REQUEST, ANSWER, np.zeros((len(LAYERS), 16, 30, 40), np.float32), SHARES, SHARES, SHARES, 80),
    LogitLens(REQUEST, LENS.astype(np.int32), LENS.astype(np.float32), {}, 80),
    PromptHeat(HOSTILE, (Word("red", 0, 1),), ((1.0,),), ((2.0,),), (1.0,), (0.0,), (1.0,)),
    Brightness(),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_one_short_line_without_arrays(value):
    line = repr(value)
    assert len(line) <= 300 and line.isprintable() and type(value).__name__ in line
    assert not {"\n", "\u202e"} & set(line) and "array(" not in line and "0., 0." not in line


def test_a_result_says_what_tells_it_apart():
    line = repr(RESULT)
    assert line.startswith('<ExplainResult: "line one line two')
    for fact in ("40 layers from 0 to 78", "30 x 40 cells", "10 samples", "3.75 s", REQUEST.method):
        assert fact in line


def test_a_request_says_what_is_asked():
    line = repr(ExplainRequest(image="a", prompt="Where?", model="m", layers=(3,), target=Target.words("red circle")))
    assert line == (
        '<ExplainRequest: "Where?"; 1 picture; gradient_deviation; layer 3; the words "red circle"; 10 samples>'
    )


def test_the_pieces_of_a_line():
    assert one_line(ANSWER, "a", "", "b") == "<Answer: a; b>" and one_line(ANSWER) == "<Answer>"
    assert quoted("a  b\nc") == '"a b c"' and quoted("x" * 9, 4) == '"xxxx…"' and quoted(7) == "7"
    assert (counted(1, "layer"), counted(2_000, "layer"), counted(2, "box", "boxes")) == (
        "1 layer",
        "2,000 layers",
        "2 boxes",
    )
    assert named(["a", "b"]) == "a, b" and named(list("abcdef")) == "a, b, c, d and 2 more"
    assert [numbered(each, "layer") for each in ([], [5], [0, 1, 2], [0, 3, 7], [0, 2, 4, 6, 9])] == [
        "",
        "layer 5",
        "layers 0 to 2",
        "layers 0, 3, 7",
        "5 layers from 0 to 9",
    ]
