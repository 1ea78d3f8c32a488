"""Runs that are stored and in no history: listed again, each once, as the whole that was asked."""

from cache import keys, run_id
from cache.runs.record import RunRecord
from cache.runs.stored_sizes import recount
from cache.runs.unlisted import unlisted_runs
from core.schema.run_requests import whole_run
from tests.cache.samples import change, make_request, make_result, make_run, of_two_pictures


def put(store, request):
    for part in whole_run(request):
        store.put(make_result(part))
    return run_id(request)


def test_a_run_that_the_history_lost_is_listed_again_and_once(store, history):
    lost, listed = make_request(seed=1), make_request(seed=2)
    name = put(store, lost)
    history.record(make_run(0, run_id=put(store, listed), request=listed.to_dict(), model_name="embedded"))
    recount(history, store.folder)
    (found,) = unlisted_runs(history, store.folder)
    assert (found.run_id, found.prompt, found.answer) == (name, lost.prompt, "on the left")
    assert (found.request, found.model_name, found.title) == (lost.to_dict(), "embedded", "Recovered")
    assert found.duration == 2.75 and found.created > 1.6e9 and found.private_to == ""
    history.record(found)
    assert history.get(name) == found and list(unlisted_runs(history, store.folder)) == []


def test_they_are_for_whom_they_are_meant(store, history):
    name = put(store, make_request())
    (found,) = unlisted_runs(history, store.folder, "ada")
    history.record(found)
    assert history.get(name) is None and history.get(name, "ada").who == "ada"


def test_more_and_more_samples_are_one_run_and_the_map_beside_it_is_none(store, history):
    for samples in (5, 20, 10):
        put(store, make_request(num_samples=samples, method="gradcam", noise_std=0.2))
    (found,) = unlisted_runs(history, store.folder)
    assert (found.num_samples, found.method) == (20, "gradcam")


def test_several_pictures_are_one_run(store, history):
    store.put(of_two_pictures())
    (found,) = unlisted_runs(history, store.folder)
    assert isinstance(found, RunRecord) and found.request["images"] == ["aa", "bb"]


def test_what_is_not_there_as_a_whole_or_is_damaged_is_no_run(store, history):
    half, broken = make_request(seed=1, method="gradcam"), make_request(seed=2)
    put(store, half)
    put(store, broken)
    store._cache.delete(keys.map_key(half, 2))
    for part in whole_run(broken):
        change(store, "UPDATE Cache SET value = x'00' WHERE key = ?", keys.pass_key(part))
    assert [run.request for run in unlisted_runs(history, store.folder)] == []
