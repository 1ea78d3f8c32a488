"""Processes that share a data set."""

import json
from multiprocessing import Pipe

import pytest

from core.errors import InputError, WorkersLost
from core.evaluation.datasets.convert import write
from core.evaluation.protocol import workers
from core.evaluation.protocol.plan import Plan
from core.evaluation.protocol.run import evaluate
from core.evaluation.protocol.source import Source
from core.evaluation.protocol.workers import evaluate_source

PLAN = Plan(methods=("combined",), taken_apart=1, steps=2)


def test_two_processes_find_what_one_does(explainer, tmp_path):
    file, told = write(tmp_path / "data", "csv", 3), []
    source = Source(file)
    alone = evaluate(explainer, source.open(), PLAN, tmp_path / "one")
    shared = evaluate_source(
        source, PLAN, tmp_path / "two", device="cpu", workers=2, on_rows=lambda *at: told.append(at)
    )
    assert shared == alone and told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    with pytest.raises(InputError, match="number of workers"):
        evaluate_source(source, PLAN, tmp_path / "none", workers=0)


def test_what_processes_find_is_handed_on_until_all_have_ended():
    (first, tell_first), (second, tell_second) = Pipe(duplex=False), Pipe(duplex=False)
    for number in range(2):
        tell_first.send_bytes(json.dumps({"number": number}).encode())
    for tell in (tell_first, tell_second):
        tell.send_bytes(b'{"end": true}')
    assert [each["number"] for each in workers._received([first, second])] == [0, 1]


def test_a_process_that_is_gone_is_said_and_what_came_is_kept():
    here, there = Pipe(duplex=False)
    there.send_bytes(b'{"number": 0}')
    there.close()
    found = workers._received([here])
    assert next(found) == {"number": 0}
    with pytest.raises(WorkersLost, match="call again to go on"):
        next(found)


def test_what_a_process_cannot_do_it_says():
    here, there = Pipe(duplex=False)
    there.send_bytes(b'{"problem": "It cannot be loaded."}')
    with pytest.raises(InputError, match="It cannot be loaded."):
        next(workers._received([here]))
