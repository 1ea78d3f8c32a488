"""What is left to compute: exactly what no stored run holds, begun where the largest smaller run ends."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import ResultStore, keys, look_up
from core.schema import gather
from tests.cache.samples import (
    assert_same,
    few_examples,
    make_answer,
    make_request,
    make_result,
    of_two_pictures,
)

ROOT = Path(__file__).parents[3]


def put(store, count, layers=(0, 1, 2, 3), **changes):
    return store.put(make_result(make_request(num_samples=count, layers=layers), **changes))


def told(coverage):
    """(maps, first sample) of each gap."""
    return [(gap.request.maps, gap.first_sample) for gap in coverage.missing]


def test_nothing_stored_leaves_everything(store):
    coverage = look_up(store, [make_request(), make_request().with_method("combined", ())])
    assert told(coverage) == [((0, 1, 2, 3), 0), ((None,), 0)]
    assert (coverage.answer, coverage.maps, coverage.missing_maps, coverage.missing_samples) == (None, 5, 5, 10)


def test_everything_stored_leaves_nothing(store):
    put(store, 10)
    coverage = look_up(store, [make_request()])
    assert coverage.missing == [] and coverage.missing_samples == 0 and coverage.missing_maps == 0
    (result,) = coverage.complete([])
    assert_same(result, make_result(make_request()))


def test_ten_stored_and_thirty_asked_lack_twenty(store):
    ten = make_result(make_request())
    store.put(ten)
    coverage = look_up(store, [make_request(num_samples=30)])
    assert told(coverage) == [((0, 1, 2, 3), 10)] and coverage.missing_samples == 20 and coverage.samples == 30
    assert coverage.answer == ten.answer
    assert_same(coverage.missing[0].begun, ten)


def test_a_larger_run_is_another_request_and_neither_throws_the_other_away(store):
    put(store, 30)
    assert told(look_up(store, [make_request(num_samples=10)])) == [((0, 1, 2, 3), 0)]
    put(store, 10)
    for count in (10, 30):
        assert store.get(make_request(num_samples=count)).num_samples == count
    assert store.sample_counts(make_request(num_samples=7)) == (10, 30)


def test_a_stopped_run_is_gone_on_from(store):
    store.put(make_result(make_request(num_samples=30), num_samples=4))
    assert told(look_up(store, [make_request(num_samples=30)])) == [((0, 1, 2, 3), 4)]


def test_each_map_goes_on_from_the_most_samples_there_are(store):
    put(store, 30, (0, 1))
    put(store, 20, (1, 2, 3))
    put(store, 10, (2, 3, 4))
    put(store, 40, (0, 1, 2, 3, 4, 5))
    coverage = look_up(store, [make_request(num_samples=30, layers=(0, 2, 4, 5))])
    assert coverage.stored[0].layers == (0,)
    assert told(coverage) == [((2,), 20), ((4,), 10), ((5,), 0)]
    assert (coverage.maps, coverage.missing_maps, coverage.missing_samples) == (4, 3, 30)
    results = [make_result(gap.request) for gap in coverage.missing]
    (whole,) = coverage.complete(results)
    assert_same(whole, make_result(make_request(num_samples=30, layers=(0, 2, 4, 5))))


def test_the_combined_map_has_counts_of_its_own(store):
    request = make_request(num_samples=10)
    put(store, 30)
    store.put(make_result(request.with_method("combined", ())))
    thirty = make_request(num_samples=30)
    coverage = look_up(store, [thirty, thirty.with_method("combined", ())])
    assert told(coverage) == [((None,), 10)] and coverage.missing_samples == 20
    assert told(look_up(store, [request, request.with_method("combined", ())])) == [((0, 1, 2, 3), 0)]


def test_companions_are_gone_on_from_too(store):
    request = make_request(num_samples=10)
    store.put(gather([make_result(request), make_result(request.with_method("combined", ()))]))
    combined = replace(request.with_method("combined", ()), num_samples=12)
    assert told(look_up(store, [combined])) == [((None,), 10)]


@pytest.mark.parametrize("change", [{"seed": 1}, {"noise_std": 0.2}, {"method": "gradcam"}, {"prompt": "Else?"}])
def test_another_question_is_no_beginning(store, change):
    put(store, 10)
    coverage = look_up(store, [make_request(num_samples=30, **change)])
    assert told(coverage) == [((0, 1, 2, 3), 0)]


def test_without_noise_there_is_one_sample_and_nothing_to_go_on_from(store):
    store.put(make_result(make_request(noise_std=0, num_samples=5), num_samples=1))
    coverage = look_up(store, [make_request(noise_std=0, num_samples=30, layers=(0, 9))])
    assert told(coverage) == [((9,), 0)] and coverage.samples == coverage.missing_samples == 1
    assert store.sample_counts(make_request(noise_std=0)) == ()


def test_a_beginning_of_another_answer_is_none(store):
    put(store, 10, answer=make_answer("left"))
    put(store, 30, (0,), answer=make_answer("right"))
    coverage = look_up(store, [make_request(num_samples=30)])
    assert told(coverage) == [((1, 2, 3), 0)] and coverage.answer == make_answer("right")
    given_ = look_up(store, [make_request(num_samples=30)], make_answer("left"))
    assert told(given_) == [((0, 1, 2, 3), 10)] and given_.answer == make_answer("left")


@few_examples
@given(
    st.lists(st.tuples(st.integers(1, 8), st.sets(st.integers(0, 5), min_size=1)), max_size=5),
    st.integers(1, 8),
    st.sets(st.integers(0, 5), min_size=1),
)
def test_what_is_left_is_what_no_run_holds(store, runs, count, layers):
    base = make_request(prompt=repr((runs, count, layers)), num_samples=count, layers=tuple(sorted(layers)))
    for samples, held in runs:
        store.put(make_result(replace(base, num_samples=samples, layers=tuple(sorted(held)))))
    best = {layer: max((n for n, held in runs if layer in held and n <= count), default=0) for layer in layers}
    coverage = look_up(store, [base])
    found = {layer: gap.first_sample for gap in coverage.missing for layer in gap.request.layers}
    assert found == {layer: n for layer, n in best.items() if n < count}
    assert coverage.missing_samples == max((count - n for n in best.values()), default=0)


@pytest.mark.parametrize("harm", ["DELETE FROM Cache WHERE key = ?", "UPDATE Cache SET value = x'00' WHERE key = ?"])
@pytest.mark.parametrize("victim", ["counts", "pass", "layer"])
def test_what_is_lost_or_damaged_is_missing_and_comes_back(store, victim, harm):
    request = put(store, 10)
    key = {
        "counts": keys.counts_key(request),
        "pass": keys.pass_key(request),
        "layer": keys.map_key(request, 2),
    }[victim]
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        assert connection.execute(harm, (key,)).rowcount == 1
    asked = make_request(num_samples=30)
    left = {"counts": [((0, 1, 2, 3), 0)], "pass": [((0, 1, 2, 3), 0)], "layer": [((0, 1, 3), 10), ((2,), 0)]}[victim]
    assert told(look_up(store, [asked])) == left
    put(store, 10)
    assert told(look_up(store, [asked])) == [((0, 1, 2, 3), 10)]


def test_a_count_that_was_evicted_is_passed_over(tmp_path):
    store = ResultStore(tmp_path / "small", size_limit_bytes=2**19)
    layers = tuple(range(8))
    for count in (5, 6, 7):
        store.put(make_result(make_request(num_samples=count, layers=layers), grid=(40, 60)))
    asked = make_request(num_samples=30, layers=layers)
    assert store.sample_counts(asked) == (5, 6, 7)
    for seed in range(3):
        store.put(make_result(make_request(seed=seed + 1, layers=layers), grid=(40, 60)))
    assert told(look_up(store, [asked])) == [(layers, 0)]
    store.close()


def test_processes_that_write_at_once_lose_no_count(store):
    code = (
        "import sys; from cache import ResultStore; from tests.cache.samples import make_request, make_result\n"
        "store = ResultStore(sys.argv[1])\n"
        "for n in range(int(sys.argv[2]), 40, 4): store.put(make_result(make_request(num_samples=n)))\n"
    )
    command = [sys.executable, "-c", code, str(store.folder)]
    writers = [subprocess.Popen([*command, str(first)], cwd=ROOT) for first in range(1, 5)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert store.sample_counts(make_request()) == tuple(range(1, 40))


def test_a_picture_whose_maps_are_gone_is_all_that_is_missing(store):
    result = of_two_pictures()
    store.put(result.pictures[0])
    wanted = [part.request for each in result.pictures for part in (each, *each.companions.values())]
    assert store.get_all(wanted) is None
    gaps = look_up(store, wanted).missing
    assert [gap.request for gap in gaps] == wanted[2:]
    both = gather(look_up(store, wanted).complete([result.pictures[1], *result.pictures[1].companions.values()]))
    assert np.array_equal(both.pictures[1].heat, result.pictures[1].heat)


def test_a_larger_run_goes_on_from_every_picture_of_a_smaller_one(store):
    result = of_two_pictures(num_samples=4)
    store.put(result)
    more = [replace(each.request, num_samples=9) for each in result.pictures]
    assert [(gap.request, gap.first_sample) for gap in look_up(store, more).missing] == [(each, 4) for each in more]
