"""The result store: hits, part hits, transactions, limits, threads and damage."""

import logging
import os
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import diskcache
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import ResultStore, StoreError, assemble, look_up, map_key
from cache.keys import map_keys, model_report_key, pass_key, report_key
from core.schema import gather
from tests.cache.samples import assert_same, few_examples, make_answer, make_request, make_result, missing_maps
from tests.waiting import PATIENCE


@pytest.fixture
def store(tmp_path):
    store = ResultStore(tmp_path / "store")
    yield store
    store.close()


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


def test_assemble_joins_stored_and_new_layers():
    asked = make_request()
    parts = [make_result(asked.for_layers((1, 3))), make_result(asked.for_layers((0, 2, 7)))]
    assert_same(assemble(asked, parts), make_result(asked))
    with pytest.raises(ValueError, match=r"no part holds the layers \[0, 2\]"):
        assemble(asked, parts[:1])
    for change in ({"answer": make_answer("no")}, {"num_samples": 3}, {"grid": (7, 5)}):
        with pytest.raises(ValueError, match="differ"):
            assemble(asked, [parts[0], make_result(asked.for_layers((0, 2)), **change)])


def test_the_folder_is_private(store):
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("umask", [0o000, 0o277, 0o777])
def test_folders_above_that_had_to_be_made_are_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        ResultStore(tmp_path / "a" / "b" / "results").close()
    finally:
        os.umask(before)
    for folder in ("a", "a/b", "a/b/results"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700


def test_an_open_folder_is_closed(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir(mode=0o755)
    ResultStore(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_figures(store):
    assert store.counts() == {"layer": 0, "pass": 0, "answer": 0, "report": 0, "counts": 0}
    store.put(make_result(make_request()))
    store.put(make_result(make_request(layers=(3, 4))))
    assert store.counts() == {"layer": 5, "pass": 1, "answer": 1, "report": 0, "counts": 1}
    assert 0 < store.volume() < 2**20


def test_the_size_limit_evicts_the_oldest_runs_only(tmp_path):
    limit = 2**20
    store = ResultStore(tmp_path / "store", size_limit_bytes=limit)
    requests = [make_request(seed=seed, layers=tuple(range(8))) for seed in range(20)]
    for request in requests:
        store.put(make_result(request, grid=(40, 60)))
        assert store.volume() <= limit
        assert store.get(request) is not None
    kept = [store.get(request) is not None for request in requests]
    assert sum(kept) >= 5
    assert kept == sorted(kept)
    store.close()


def test_threads_share_one_store(store):
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait(PATIENCE)
        for seed in range(6):
            request = make_request(seed=seed, prompt=f"Question {number % 2}")
            found = store.get(request)
            if found is not None:
                assert_same(found, make_result(request))
            store.put(make_result(request))
            assert_same(store.get(request), make_result(request))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert store.counts() == {"layer": 48, "pass": 12, "answer": 2, "report": 0, "counts": 12}


@pytest.mark.parametrize("key", [map_key(make_request(), 2), pass_key(make_request())])
def test_a_truncated_entry_is_a_miss_and_replaced(store, caplog, key):
    store.put(make_result(make_request()))
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        query = "UPDATE Cache SET value = substr(value, 1, length(value) - 3) WHERE key = ?"
        assert connection.execute(query, (key,)).rowcount == 1
    with caplog.at_level(logging.WARNING):
        assert store.get(make_request()) is None
        assert store.get(make_request()) is None
    assert len(caplog.records) == 1 and key in caplog.text
    store.put(make_result(make_request()))
    assert_same(store.get(make_request()), make_result(make_request()))


def test_a_failing_put_leaves_nothing(store, monkeypatch):
    real = diskcache.Cache.set
    calls = []

    def failing(self, *args, **options):
        calls.append(args)
        if len(calls) == 4:
            raise sqlite3.IntegrityError("stop")
        return real(self, *args, **options)

    monkeypatch.setattr(diskcache.Cache, "set", failing)
    with pytest.raises(StoreError, match="cannot be used"):
        store.put(make_result(make_request()))
    assert store.counts() == {"layer": 0, "pass": 0, "answer": 0, "report": 0, "counts": 0}
    store.put(make_result(make_request()))
    assert_same(store.get(make_request()), make_result(make_request()))


def test_a_failing_commit_does_not_lock_the_store(store, tmp_path):
    """A COMMIT that fails is not rolled back by diskcache; other writers would wait for ever."""
    store.put(make_result(make_request()))
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        # A deferred foreign key without its parent fails at COMMIT and nowhere before.
        connection.execute("CREATE TABLE Parent (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE Child (id INTEGER REFERENCES Parent (id) DEFERRABLE INITIALLY DEFERRED)")
        connection.execute("CREATE TRIGGER Fail AFTER INSERT ON Cache BEGIN INSERT INTO Child VALUES (1); END")
    store._cache._sql("PRAGMA foreign_keys = ON")
    with pytest.raises(StoreError):
        store.put(make_result(make_request(seed=1)))
    with closing(sqlite3.connect(store.folder / "cache.db", timeout=0.5)) as connection, connection:
        connection.execute("DROP TRIGGER Fail")
    store.put(make_result(make_request(seed=1)))
    assert_same(store.get(make_request(seed=1)), make_result(make_request(seed=1)))


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


def age(store, seconds, **changes):
    """Lets the entries of a request have been stored so many seconds earlier."""
    request = make_request(**changes)
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        for key in (pass_key(request), *map_keys(request).values()):
            connection.execute(
                "UPDATE Cache SET store_time = store_time - ?1, expire_time = expire_time - ?1 WHERE key = ?2",
                (seconds, key),
            )


def test_what_is_older_than_the_limit_is_dropped(tmp_path):
    store = ResultStore(tmp_path / "store", max_age=100)
    for seed in (0, 1):
        store.put(make_result(make_request(seed=seed)))
    age(store, 101, seed=0)
    assert store.get(make_request()) is None
    assert_same(store.get(make_request(seed=1)), make_result(make_request(seed=1)))
    store.put(make_result(make_request(seed=2)))  # a put clears away what has expired
    assert store.counts()["layer"] == 8
    store.close()


@pytest.mark.parametrize("max_age", [None, 3600.0])
def test_opening_a_full_store_does_not_read_it(tmp_path, max_age):
    def bytes_read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    store = ResultStore(tmp_path / "store", max_age=max_age)
    for seed in range(240):
        store.put(make_result(make_request(seed=seed)))
    store.close()
    before = bytes_read()
    store = ResultStore(tmp_path / "store", max_age=max_age)
    assert bytes_read() - before < 0.4 * store.volume()  # the tables' own layout, and an index
    assert_same(store.get(make_request(seed=7)), make_result(make_request(seed=7)))
    store.close()


def test_a_limit_holds_for_what_was_stored_before_it_was_set(tmp_path):
    store = ResultStore(tmp_path / "store")
    for seed in (0, 1):
        store.put(make_result(make_request(seed=seed)))
    age(store, 1000, seed=0)
    store.close()
    store = ResultStore(tmp_path / "store")
    assert store.get(make_request()) is not None
    store.close()
    store = ResultStore(tmp_path / "store", max_age=500)
    assert store.get(make_request()) is None and store.get(make_request(seed=1)) is not None
    assert store.counts()["layer"] == 4
    store.close()
    store = ResultStore(tmp_path / "store")  # and no longer once it is taken back
    age(store, 1000, seed=1)
    assert store.get(make_request(seed=1)) is not None
    store.close()


def of_two_pictures(**changes):
    """A result about two pictures of different grids, with its combined maps."""
    request = make_request(image="aa", images=("aa", "bb"), **changes)
    parts = [
        make_result(part.of_picture(number), grid=((5, 7), (3, 4))[number])
        for number in range(2)
        for part in (request, request.with_method("combined", ()))
    ]
    return gather(parts)


def test_maps_of_every_picture_of_a_prompt_are_stored(store):
    result = of_two_pictures()
    assert store.put(result) == result.request
    wanted = [part.request for each in result.pictures for part in (each, *each.companions.values())]
    back = store.get_all(wanted)
    for got, put in zip(back.pictures, result.pictures, strict=True):
        assert got.request == put.request and np.array_equal(got.heat, put.heat)
        assert np.array_equal(got.combined, put.combined)
    assert store.counts()["answer"] == 1


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
