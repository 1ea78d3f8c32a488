"""The bytes of stored runs, and which are gone."""

import pytest

from cache import ResultStore, StoreError, keys
from cache.results.sizes import stored_extents
from tests.cache.samples import make_request, make_result


def stored_sizes(folder, runs):
    return [extent and extent.size for extent in stored_extents(folder, runs)]


def test_a_stored_run_has_a_size_and_one_with_a_gap_has_none(store):
    first, second = make_request(), make_request(seed=1)
    for request in (first, second):
        store.put(make_result(request))
    whole, part = stored_sizes(store.folder, [[first], [first.for_layers((0, 1))]])
    assert whole > part > 0
    store._cache.delete(keys.map_key(second, 3))
    assert stored_sizes(store.folder, [[second], [second.for_layers((0, 1))], [first, second]]) == [
        None,
        pytest.approx(part, rel=0.02),
        None,
    ]
    assert stored_sizes(store.folder, [[], [make_request(seed=9)]]) == [None, None]
    assert stored_sizes(store.folder, []) == []


def test_what_has_expired_is_gone(tmp_path):
    store = ResultStore(tmp_path / "old", max_age=1e-6)
    store.put(make_result(make_request()))
    assert stored_sizes(store.folder, [[make_request()]]) == [None]
    store.close()


def test_a_store_that_cannot_be_read_is_one_sentence(tmp_path):
    with pytest.raises(StoreError):
        stored_sizes(tmp_path / "nowhere", [[make_request()]])
