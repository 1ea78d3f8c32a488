"""What is read layer by layer: stored bit for bit, and refused where it is not what was stored."""

import json
import struct

import numpy as np
import pytest

from cache import keys
from cache.errors import CorruptEntry
from cache.results import codec
from cache.results.arrays import decode_arrays, encode_arrays, get_layers, get_shared, put_reading
from cache.results.inspection import damaged, kinds
from cache.results.store import ResultStore
from core import ExplainRequest
from core.schema.readings.head_maps import heads_request

REQUEST = heads_request(ExplainRequest(image="i", prompt="What?", model="m", layers=(0,)))
KEY = "cam2:" + "0" * 64


@pytest.fixture
def store(tmp_path):
    store = ResultStore(tmp_path / "store")
    yield store
    store.close()


def some_arrays(seed=0):
    rng = np.random.default_rng(seed)
    return {
        "heat": rng.random((4, 6, 9), np.float32) * np.float32(1e-6),
        "share": np.float32([0, -0.0, np.nan, np.inf]),
        "ids": rng.integers(-1, 2**31 - 1, (2, 3), np.int32),
        "none": np.zeros((0, 3), np.float32),
    }


def test_arrays_come_back_bit_for_bit():
    arrays = some_arrays()
    found = decode_arrays(KEY, encode_arrays(KEY, arrays))
    assert list(found) == list(arrays)
    assert all(
        found[name].tobytes() == each.tobytes() and found[name].shape == each.shape for name, each in arrays.items()
    )
    assert [each.dtype.name for each in found.values()] == ["float32", "float32", "int32", "float32"]


def test_maps_of_heads_compress():
    """Attention is mostly small: exponents are alike."""
    heat = np.random.default_rng(0).dirichlet(np.full(1280, 0.1), 28).astype(np.float32)
    assert len(encode_arrays(KEY, {"heat": heat})) < 0.95 * heat.nbytes


def test_other_types_are_refused():
    with pytest.raises(ValueError, match="float32 or int32"):
        encode_arrays(KEY, {"heat": np.zeros(3)})


def planted(described, body=b""):
    about = json.dumps(described).encode()
    return codec.pack("arrays", KEY, struct.pack("<I", len(about)) + about + body)


@pytest.mark.parametrize(
    "data",
    [
        codec.pack("arrays", KEY, b""),
        codec.pack("arrays", KEY, struct.pack("<I", 2**31) + b"[]"),
        planted([["heat", "object", [1]]], bytes(4)),
        planted([["heat", "float32", [2]]], bytes(4)),
        planted([["heat", "float32", [1]]], bytes(8)),
        planted([["heat", "float32", [-1]]], bytes(4)),
        planted([["heat", "float32", [2**40, 2**40]]], bytes(4)),
        planted([["heat", "float32", [1] * 20]], bytes(4)),
        planted([["heat", "float32", [1.5]]], bytes(4)),
        planted([[1, "float32", [1]]], bytes(4)),
        planted({"heat": 1}),
        planted(7),
        codec.encode_report(KEY, {"heat": 1}),
    ],
)
def test_what_was_planted_is_refused(data):
    with pytest.raises(CorruptEntry):
        decode_arrays(KEY, data)


def test_under_another_key_it_does_not_pass():
    with pytest.raises(CorruptEntry, match="checksum"):
        decode_arrays(KEY[:-1] + "1", encode_arrays(KEY, some_arrays()))


def test_a_reading_is_stored_and_read_layer_by_layer(store):
    layers = {layer: some_arrays(layer) for layer in (1, 4)}
    put_reading(store, keys.HEADS, REQUEST, {"layers": [1, 4]}, layers.items())
    assert get_shared(store, keys.HEADS, REQUEST) == {"layers": [1, 4]}
    found = get_layers(store, keys.HEADS, REQUEST, [1, 4], some_arrays())
    assert all(np.array_equal(found["ids"][number], layers[layer]["ids"]) for number, layer in enumerate((1, 4)))
    assert get_layers(store, keys.HEADS, REQUEST, [4], some_arrays())["heat"].shape == (1, 4, 6, 9)
    assert get_layers(store, keys.HEADS, REQUEST, [1, 2], some_arrays()) is None
    assert get_layers(store, keys.LENS, REQUEST, [1], some_arrays()) is None
    assert store.counts()["arrays"] == 2 and {kind.name for kind in kinds(store.folder)} == {"arrays", "report"}
    assert not list(damaged(store.folder))


def test_layers_that_do_not_fit_are_a_miss(store):
    put_reading(store, keys.HEADS, REQUEST, {}, [(0, {"heat": np.zeros((2, 3), np.float32)})])
    put_reading(store, keys.HEADS, REQUEST, {}, [(1, {"heat": np.zeros((2, 4), np.float32)})])
    assert get_layers(store, keys.HEADS, REQUEST, [0, 1], ["heat"]) is None
    assert get_layers(store, keys.HEADS, REQUEST, [0], ["heat", "share"]) is None  # dropped: of another version
    assert get_layers(store, keys.HEADS, REQUEST, [0], ["heat"]) is None
    assert get_layers(store, keys.HEADS, REQUEST, [], ["heat"]) is None


def test_layers_asked_for_do_not_change_the_key():
    assert keys.reading_key("heads", REQUEST, 3) == keys.reading_key("heads", REQUEST.for_layers((1, 2)), 3)
    names = {keys.reading_key(name, REQUEST, layer) for name in ("heads", "lens") for layer in (None, 0, 1)}
    assert len(names) == 6
