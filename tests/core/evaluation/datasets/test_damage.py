"""Annotations in which any value may be anything: rows and sentences come of them, and never another error."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from core.errors import InputError
from core.evaluation.datasets.case import Case
from core.evaluation.datasets.opening import open_dataset
from tests.core.evaluation.datasets.folders import CATEGORIES, coco, image, thing

WRONG = (
    None,
    True,
    -1,
    1.5,
    10**40,
    float("nan"),
    "",
    "x",
    "half \ud83d",
    "\0",
    [],
    [[]],
    {},
    "../x.png",
    [1, 2, 3, 4],
)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Where something lies in a value of JSON."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*path, key)
        yield from places(each, (*path, key))


def damaged(value: Any, lot: random.Random) -> Any:
    changed = copy.deepcopy(value)
    for _ in range(lot.randint(1, 3)):
        *way, last = lot.choice(list(places(changed)))
        there = changed
        for key in way:
            there = there[key]
        if lot.random() < 0.2:
            del there[last]
        else:
            there[last] = lot.choice(WRONG)
        if not list(places(changed)):
            break
    return changed


def test_whatever_stands_in_a_file_each_row_is_measured_or_named(tmp_path):
    lengths = {"size": [6, 8], "counts": [0, 1, 47]}
    path = coco(
        tmp_path,
        [image(1), image(2, prompt="Which?")],
        [thing(1, 1, 1), thing(2, 1, 2, segmentation=lengths), thing(3, 2, 7), thing(4, 2, 7, iscrowd=1)],
    )
    whole, lot, measured, named, refused = json.loads(path.read_text()), random.Random(3), 0, 0, 0
    assert len(whole["categories"]) == len(CATEGORIES)
    for _ in range(250):
        path.write_text(json.dumps(damaged(whole, lot)))
        try:
            dataset = open_dataset(path)
        except InputError:
            refused += 1
            continue
        rows = list(dataset)
        assert len(rows) == len(dataset)
        for row in rows:
            try:
                if isinstance(row, Case):
                    assert row.region((6, 8)).any()
                    measured += 1
                else:
                    named += len(row.why) > 10
            except InputError:
                named += 1
    assert measured > 300 and named > 50 and refused > 5
