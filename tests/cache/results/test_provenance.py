"""Origins: the same numbers have the same, any others another, and it is in every name."""

from dataclasses import replace

import numpy as np
import pytest

from cache import keys, look_up
from cache.results.provenance import origin_of, same_numbers, with_origin
from core.schema import TimeStep, gather
from core.schema.run_requests import whole_run
from tests.cache.samples import make_answer, make_request, make_result, make_video_result


def whole(**changes):
    return gather([make_result(part) for part in whole_run(make_request(**changes))])


def test_an_origin_is_of_the_numbers_alone():
    result = whole()
    assert origin_of(result) == origin_of(whole()) == origin_of(with_origin(result, "a" * 64))
    assert origin_of(replace(result, timings={})) == origin_of(result)
    assert same_numbers(result, with_origin(whole(), "b" * 64))


def flipped(array):
    array = array.copy()
    array.view(np.uint32)[0, 0, 0] ^= 1
    return array


def spoilt_companion(result):
    other = result.of("combined")
    return {"combined": replace(other, heat=flipped(other.heat))}


@pytest.mark.parametrize(
    "change",
    [
        lambda result: {"heat": flipped(result.heat)},
        lambda result: {"squared_deviation": flipped(result.squared_deviation)},
        lambda result: {"answer": make_answer("on the right")},
        lambda result: {"total_layers": 99},
        lambda result: {"request": replace(result.request, seed=5)},
        lambda result: {"companions": {}},
        lambda result: {"companions": spoilt_companion(result)},
    ],
)
def test_any_other_number_is_another_origin(change):
    result = whole()
    assert not same_numbers(result, replace(result, **change(result)))


def test_an_origin_is_in_every_name():
    own = make_request()
    other = replace(own, origin="a" * 64)
    for name in (keys.run_id, keys.run_key, keys.pass_key, keys.answer_key, keys.counts_key):
        assert name(own) != name(other), name
    assert not set(keys.map_keys(own).values()) & set(keys.map_keys(other).values())
    assert keys.report_key(keys.TRUST, own) != keys.report_key(keys.TRUST, other)
    assert other.own() == own and own.own() is own and "origin" not in own.to_dict()


@pytest.mark.parametrize("changes", [{}, {"seed": 3}, {"num_samples": 40}, {"layers": (1, 2)}])
def test_what_has_an_origin_answers_no_question_that_has_none(store, changes):
    imported = with_origin(whole(), "a" * 64)
    store.put(imported)
    assert store.get_all(whole_run(imported.request)).request.origin == "a" * 64
    own = make_request(**changes)
    coverage = look_up(store, whole_run(own))
    assert coverage.answer is None and coverage.missing_maps == coverage.maps
    assert store.sample_counts(own) == () and store.get_answer(own) is None


def test_the_time_steps_of_a_video_are_part_of_its_origin():
    result = make_video_result()
    later = replace(result, steps=tuple(TimeStep(step.start + 1, step.end + 1) for step in result.steps))
    assert origin_of(result) != origin_of(later)
