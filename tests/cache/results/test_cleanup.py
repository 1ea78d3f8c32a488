"""What is of no use is found, and dropped unless it has been written anew."""

from cache import keys
from cache.results.cleanup import drop_rows, old_rows, orphaned_layers
from cache.results.inspection import damaged
from tests.cache.samples import assert_same, change, make_request, make_result


def test_what_was_mended_meanwhile_is_not_dropped(store):
    request = make_request()
    store.put(make_result(request))
    change(store, "UPDATE Cache SET value = x'00' WHERE key = ?", keys.map_key(request, 0))
    seen = list(damaged(store.folder))
    store.put(make_result(request))
    assert len(seen) == 1 and drop_rows(store.folder, seen, "damaged") == 0
    assert_same(store.get(request), make_result(request))


def test_old_rows_are_those_stored_before(store):
    for seed in (0, 1):
        store.put(make_result(make_request(seed=seed)))
    old = [keys.pass_key(make_request()), *keys.map_keys(make_request()).values()]
    for key in old:
        change(store, "UPDATE Cache SET store_time = store_time - 864000 WHERE key = ?", key)  # ten days
    assert old_rows(store.folder, 11) == []
    rows = old_rows(store.folder, 9)
    assert len(rows) == 5 and sum(row.size for row in rows) > 4 * 280
    assert drop_rows(store.folder, rows, "cleaned") == 5
    assert store.get(make_request()) is None
    assert_same(store.get(make_request(seed=1)), make_result(make_request(seed=1)))


def test_layers_are_orphans_exactly_when_their_pass_is_gone(store):
    for seed in (0, 1):
        store.put(make_result(make_request(seed=seed)))
        store.put(make_result(make_request(seed=seed, layers=(7, 35))))
        store.put(make_result(make_request(seed=seed, method="combined", layers=())))
    store.put(make_result(make_request(noise_std=0, num_samples=5), num_samples=1))
    assert orphaned_layers(store.folder) == []
    change(store, "DELETE FROM Cache WHERE key = ?", keys.pass_key(make_request()))
    assert len(orphaned_layers(store.folder)) == 6
    change(store, "DELETE FROM Cache WHERE key = ?", keys.pass_key(make_request(method="combined", layers=())))
    orphans = orphaned_layers(store.folder)
    assert len(orphans) == 7 and drop_rows(store.folder, orphans, "cleaned") == 7
    for request in (make_request(seed=1), make_request(seed=1, method="combined", layers=())):
        assert_same(store.get(request), make_result(request))
    assert store.get(make_request(noise_std=0)) is not None


def test_while_a_pass_cannot_be_read_no_layer_is_an_orphan(store):
    for seed in (0, 1):
        store.put(make_result(make_request(seed=seed)))
    change(store, "DELETE FROM Cache WHERE key = ?", keys.pass_key(make_request()))
    change(store, "UPDATE Cache SET value = x'00' WHERE key = ?", keys.pass_key(make_request(seed=1)))
    assert orphaned_layers(store.folder) == []
