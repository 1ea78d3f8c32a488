"""The result store: hits, part hits, transactions, limits, threads and damage."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import ResultStore, look_up
from cache.keys import model_report_key, report_key
from core.schema import gather
from tests.cache.samples import (
    assert_same,
    few_examples,
    make_answer,
    make_request,
    make_result,
    make_video_result,
    missing_maps,
    of_two_pictures,
)


def test_a_result_comes_back_bit_for_bit(store):
    result = make_result(make_request())
    result = replace(result, heat=np.where(result.heat > 0.5, np.float32("nan"), result.heat))
    assert store.get(result.request) is None
    assert missing_maps(store, result.request) == (0, 1, 2, 3)
    assert store.put(result) == result.request
    assert_same(store.get(result.request), result)
    assert missing_maps(store, result.request) == ()


def test_another_process_reads_it_later(store, tmp_path):
    store.put(make_result(make_request()))
    store.close()
    assert_same(ResultStore(tmp_path / "store").get(make_request()), make_result(make_request()))


def test_arrays_are_read_only(store):
    store.put(make_result(make_request()))
    with pytest.raises(ValueError, match="read-only"):
        store.get(make_request()).heat[0] = 0


def test_fewer_layers_are_a_hit(store):
    store.put(make_result(make_request(layers=tuple(range(8)))))
    asked = make_request(layers=(2, 5))
    assert_same(store.get(asked), make_result(asked))


def test_missing_layers_are_added(store):
    asked = make_request(layers=(0, 2, 4, 6))
    store.put(make_result(asked.for_layers((2, 6, 9))))
    assert store.get(asked) is None
    assert store.get_part(asked).layers == (2, 6)
    assert missing_maps(store, asked) == (0, 4)
    store.put(make_result(asked.for_layers((0, 4))))
    assert_same(store.get(asked), make_result(asked))


@few_examples
@given(st.lists(st.sets(st.integers(0, 9), min_size=1), max_size=4), st.sets(st.integers(0, 9), min_size=1))
def test_missing_is_what_no_put_brought(store, put, asked):
    request = make_request(prompt=repr((put, asked)), layers=tuple(sorted(asked)))
    for layers in put:
        store.put(make_result(request.for_layers(tuple(sorted(layers)))))
    missing = asked - set().union(*put)
    assert set(missing_maps(store, request)) == missing
    assert (store.get(request) is None) == bool(missing)


@pytest.mark.parametrize(
    "change",
    [
        {"num_samples": 11},
        {"noise_std": 0.2},
        {"seed": 1},
        {"method": "gradcam"},
        {"tap": "output"},
        {"image": "cd" * 32},
        {"model": "embedded@2"},
    ],
)
def test_other_parameters_miss(store, change):
    store.put(make_result(make_request()))
    assert store.get(make_request(**change)) is None
    assert missing_maps(store, make_request(**change)) == (0, 1, 2, 3)


def test_a_stopped_run_is_stored_as_the_run_it_equals(store):
    stopped = make_result(make_request(num_samples=30), num_samples=4)
    stored = store.put(stopped)
    assert stored == make_request(num_samples=4)
    assert store.get(make_request(num_samples=30)) is None
    assert_same(store.get(stored), replace(stopped, request=stored))


def test_without_noise_one_sample_answers_for_any_number(store):
    asked = make_request(noise_std=0, num_samples=10)
    assert store.put(make_result(asked, num_samples=1)) == asked
    other = make_request(noise_std=0, num_samples=20, seed=5)
    assert_same(store.get(other), replace(make_result(asked, num_samples=1), request=other))


def test_layers_that_explain_another_answer_are_missing(store):
    asked = make_request(layers=(0, 1))
    store.put(make_result(asked.for_layers((0,)), answer=make_answer("left")))
    store.put(make_result(asked.for_layers((1,)), answer=make_answer("right")))
    assert missing_maps(store, asked) == (0,)
    assert store.get_part(asked).answer == make_answer("right")


def test_layers_of_another_grid_are_missing(store):
    asked = make_request(layers=(0, 1))
    store.put(make_result(asked.for_layers((0,)), grid=(5, 7)))
    store.put(make_result(asked.for_layers((1,)), grid=(7, 5)))
    assert missing_maps(store, asked) == (0,)


def test_the_answer_is_shared_by_every_method(store):
    assert store.get_answer(make_request()) is None
    store.put(make_result(make_request(), answer=make_answer("yes")))
    assert store.get_answer(make_request(method="gradcam", num_samples=50, seed=3)) == make_answer("yes")
    assert store.get_answer(make_request(max_new_tokens=5)) is None
    store.put(make_result(make_request(prompt="Another?"), answer=make_answer("no")))
    assert store.get_answer(make_request(prompt="Another?", tap="output")) == make_answer("no")


def test_one_map_in_all_is_stored_and_found(store):
    result = make_result(make_request(method="combined", layers=()))
    assert missing_maps(store, result.request) == (None,) and store.get(result.request) is None
    store.put(result)
    assert missing_maps(store, result.request) == ()
    assert_same(store.get(result.request), result)


def test_companions_are_stored_with_their_result(store):
    request = make_request()
    combined = make_result(request.with_method("combined", ()))
    result = gather([make_result(request), combined])
    store.put(result)
    assert_same(store.get(combined.request), combined)
    found = store.get_all([request, combined.request])
    assert_same(found, result)
    assert_same(found.of("combined"), combined)
    assert store.get_all([request, request.with_method("tam", ())]) is None


def test_companions_of_another_answer_are_not_gathered(store):
    request = make_request()
    store.put(make_result(request))
    store.put(make_result(request.with_method("combined", ()), answer=make_answer("elsewhere")))
    assert store.get_all([request, request.with_method("combined", ())]) is None


def test_a_report_is_found_under_its_name_and_request(store):
    key, values = report_key("trust", make_request()), {"area": 0.25, "curve": [1.0, 0.5], "words": "sûr"}
    assert store.get_report(key) is None
    store.put_report(key, values)
    assert store.get_report(key) == values
    others = (report_key("other", make_request()), report_key("trust", make_request(seed=1)))
    assert [store.get_report(other) for other in others] == [None, None]
    assert store.counts()["report"] == 1


def test_a_report_about_a_model_is_another_for_another_model_and_study(store):
    keys = [model_report_key("report-1", model, study) for model in ("a@1", "b@1") for study in ("short", "long")]
    for number, key in enumerate(keys):
        store.put_report(key, {"number": number})
    assert [store.get_report(key)["number"] for key in keys] == [0, 1, 2, 3]


def test_maps_of_every_picture_of_a_prompt_are_stored(store):
    result = of_two_pictures()
    assert store.put(result) == result.request
    wanted = [part.request for each in result.pictures for part in (each, *each.companions.values())]
    back = store.get_all(wanted)
    for got, put in zip(back.pictures, result.pictures, strict=True):
        assert got.request == put.request and np.array_equal(got.heat, put.heat)
        assert np.array_equal(got.combined, put.combined)
    assert store.counts()["answer"] == 1


def test_a_video_comes_back_with_its_time_steps_and_by_layers(store, tmp_path):
    result = make_video_result()
    store.put(result)
    store.close()
    again = ResultStore(tmp_path / "store")
    assert_same(again.get(result.request), result)
    assert again.get_part(result.request.for_layers((1, 5))).layers == (1,)
    assert missing_maps(again, result.request.for_layers((1, 5))) == (5,)
    # The same digest asked about as a picture is another question.
    assert again.get(replace(result.request, frames=0)) is None


def test_maps_of_a_video_with_other_time_steps_are_no_part_of_it(store):
    four = make_video_result(make_request(frames=6, layers=(2,)), steps=4)
    store.put(four)
    store.put(make_video_result(make_request(frames=6, layers=(0, 1))))  # its pass, of three steps, takes the place
    assert store.get_part(make_request(frames=6, layers=(0, 1, 2))).layers == (0, 1)


def test_more_samples_of_a_video_go_on_from_fewer(store):
    asked = make_request(frames=6, layers=(0, 1), noise_std=0.1, num_samples=4)
    fewer = replace(asked, num_samples=2)
    store.put(make_video_result(fewer))
    (gap,) = look_up(store, [asked]).missing
    assert gap.first_sample == 2
    assert gap.begun.steps == make_video_result(fewer).steps
