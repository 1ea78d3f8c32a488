"""Every form of boxes that models write, as they write it and as it goes wrong."""

import time
from dataclasses import replace

import pytest

from core.analysis.boxes.reading import MOST_BOXES, find_boxes
from tests.core.analysis.boxes.answers import answer_of
from tests.some import some

LISTED = '[\n\t{"bbox_2d": [12, 34, 56, 78], "label": "cat"},\n\t{"bbox_2d": [1, 2.5, 300, 4], "label": "dog"}\n]'


def told(text):
    return [(box.kind, box.label, box.values) for box in find_boxes(text).boxes]


@pytest.mark.parametrize(
    "text",
    [
        LISTED,
        f"```json\n{LISTED}\n```",
        f"Here they are:\n```json\n{LISTED}\n```\nAnything else?",
        f"```json\n{LISTED}",
    ],
    ids=["bare", "fenced", "within prose", "fence left open"],
)
def test_boxes_in_json(text):
    assert told(text) == [("box", "cat", (12, 34, 56, 78)), ("box", "dog", (1, 2.5, 300, 4))]
    assert find_boxes(text).notes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"point_2d": [5, 6], "label": "eye"}', [("point", "eye", (5, 6))]),
        ('{"points": [[1, 2], [3, 4]]}', [("point", "", (1, 2)), ("point", "", (3, 4))]),
        ('{"label": "dog", "bbox_2d": [1, 2, 3, 4]}', [("box", "dog", (1, 2, 3, 4))]),
        (
            '[{"box_2d": [120, 60, 980, 900], "label": "the \\"big\\" cat {1}"}]',
            [("box", 'the "big" cat {1}', (120, 60, 980, 900))],
        ),
        (
            '{"bbox_2d": [[1, 2, 3, 4], [5, 6, 7, 8]], "label": "pair"}',
            [("box", "pair", (1, 2, 3, 4)), ("box", "pair", (5, 6, 7, 8))],
        ),
        ('{"bbox_2d": [[1, 2], [3, 4]]}', [("box", "", (1, 2, 3, 4))]),
        ('{"bbox_2d": [1, 2, 3, 4], "text_content": "EXIT", "score": 0.9}', [("box", "EXIT", (1, 2, 3, 4))]),
        ('{"bbox_2d": [1, 2, 3, 4], "label": "cut of', [("box", "", (1, 2, 3, 4))]),
        (
            "<ref>cat</ref><box>[[1, 2, 3, 4], [5, 6, 7, 8]]</box>",
            [("box", "cat", (1, 2, 3, 4)), ("box", "cat", (5, 6, 7, 8))],
        ),
        (
            "<ref>cat</ref><box>(1,2),(3,4)</box> by <box>(5,6),(7,8)</box>",
            [("box", "cat", (1, 2, 3, 4)), ("box", "", (5, 6, 7, 8))],
        ),
        (
            "<loc0123><loc0456><loc0789><loc1000> cat ; " + 4 * "<loc0001>" + " dog",
            [("box", "cat", (123, 456, 789, 1000)), ("box", "dog", (1, 1, 1, 1))],
        ),
    ],
)
def test_other_forms(text, expected):
    assert told(text) == expected


def test_control_tokens_are_read_and_no_part_of_the_text():
    answer = answer_of(
        "<|object_ref_start|>the cat<|object_ref_end|><|box_start|>(10,20),(30,40)<|box_end|> and "
        "<|box_start|>(7,8)<|box_end|><|im_end|>"
    )
    assert answer.text == "the cat(10,20),(30,40) and (7,8)"
    box, point = find_boxes(answer).boxes
    assert (box.kind, box.label, box.values) == ("box", "the cat", (10, 20, 30, 40))
    assert (point.kind, point.label, point.values) == ("point", "", (7, 8))
    assert answer.text[slice(*box.span)] == "(10,20),(30,40)" and answer.text[slice(*point.span)] == "(7,8)"
    assert [answer.text[slice(*span)] for span in box.coordinates] == ["10", "20", "30", "40"]
    assert answer.text[slice(*box.label_span)] == "the cat"
    # Without the marks it is prose.
    assert find_boxes(answer.text).boxes == ()


def test_boxes_that_were_only_thought_are_left_out():
    answer = answer_of('<think>Perhaps {"bbox_2d": [9, 9, 9, 9]} or [1, 2</think>{"bbox_2d": [1, 2, 3, 4]}<|im_end|>')
    thought = 1 + next(n for n, token in enumerate(answer.tokens) if answer.text[: token.stop].endswith("</think>"))
    [box] = find_boxes(replace(answer, thought=thought)).boxes
    assert box.values == (1, 2, 3, 4) and answer.text[slice(*box.span)] == "[1, 2, 3, 4]"
    # Of one that was cut off before it came to an end, the thought is what is explained.
    assert len(find_boxes(replace(answer, thought=len(answer.tokens))).boxes) == 2


def test_what_glm_puts_between_its_marks_is_read_where_it_is_boxes():
    assert told("<|begin_of_box|>[[100,200,300,400]]<|end_of_box|>") == [("box", "", (100, 200, 300, 400))]
    assert told("<|begin_of_box|>[[100,200]]<|end_of_box|>") == [("point", "", (100, 200))]
    for other in some(["42", "[1, 2]", "[1, 2, 3]", "red"]):
        assert find_boxes(f"<|begin_of_box|>{other}<|end_of_box|>") == find_boxes("")


def test_spans_are_those_of_the_numbers():
    for box in some(find_boxes(LISTED).boxes):
        assert tuple(float(LISTED[slice(*span)]) for span in box.coordinates) == box.values
        assert LISTED[box.span[0]] == "[" and LISTED[box.span[1] - 1] == "]"
        assert LISTED[slice(*box.label_span)] == box.label


@pytest.mark.parametrize(
    "text",
    [
        "The cat is on the left.",
        "It lies at [12, 34, 56, 78], near (3, 4).",
        "The first primes: [2, 3, 5, 7]",
        'He made a "point": nothing more.',
        "",
        "{" * 500,
    ],
)
def test_prose_holds_none(text):
    assert find_boxes(text) == find_boxes("")


def test_odd_counts_and_what_is_no_number_are_left_out_and_said():
    odd = '[{"bbox_2d": [1, 2, 3]}, {"bbox_2d": [1, 2, 3, 4, 5]}, {"point_2d": [1, 2, 3, 4]}, '
    odd += '{"bbox_2d": [1, 2, "x", 4]}]'
    assert find_boxes(odd).boxes == ()
    assert find_boxes(odd).notes == (
        "Left out: 4 with another number of coordinates than a box's four or a point's two.",
    )
    broken = '{"bbox_2d": [NaN, 2, 3, 4]} {"bbox_2d": [1e999, 2, 3, 4]} {"bbox_2d": [1, -Infinity, 3, null]}'
    assert find_boxes(broken).boxes == ()
    assert find_boxes(broken).notes == ("Left out: 3 with a coordinate that is no number, or too large for one.",)


@pytest.mark.parametrize(
    "last", ['{"bbox_2d": [1, 2, 3', '{"bbox_2d": [1, 2, 3, 4', '{"bbox_2d": [1, 2, 3,\n', "<box>[[1, 2"]
)
def test_a_box_that_is_cut_off_is_left_out_and_said(last):
    reading = find_boxes(f"{LISTED[:-1]}, {last}")
    assert [box.label for box in reading.boxes] == ["cat", "dog"]
    assert reading.notes == ("Left out: the last one, within which the answer was cut off.",)


def test_two_thousand_boxes_are_counted_and_the_first_are_read_in_no_time():
    text = '{"bbox_2d": [12, 34, 56, 78], "label": "a"}, ' * 2000
    started = time.perf_counter()
    reading = find_boxes(text)
    assert time.perf_counter() - started < 5
    assert len(reading.boxes) == MOST_BOXES
    assert reading.notes == (f"The answer holds 2,000 boxes and points; the first {MOST_BOXES} are read.",)


@pytest.mark.parametrize(
    "piece",
    ['{"bbox_2d": [', "<box>", '"', "[", '{"a":"', "<loc0001>", "<|box_start|>(", '"bbox_2d": [1,2,3,4]{', "9", "\\"],
)
def test_no_text_takes_long(piece):
    started = time.perf_counter()
    find_boxes('"bbox_2d": [' + piece * (2**16 // len(piece)))
    assert time.perf_counter() - started < 10
