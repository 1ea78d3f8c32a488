"""Codec: bit for bit there and back; anything else is a CorruptEntry, cheaply."""

import dataclasses
import hashlib
import io
import json
import math
import pickle
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cache.errors import CorruptEntry
from cache.results import codec
from cache.results.assembly import to_entries
from cache.results.codec import LayerEntry, PassEntry
from core.schema import Answer, Token
from core.schema.box_conventions import SeenPicture
from tests.cache.samples import few_examples, make_answer, make_request, make_result, make_video_result
from tests.some import some

KEY = "cam2:" + "0" * 64
ANSWER = bytes(range(16))
HEAT_IN_TIME = np.random.default_rng(0).random((3, 5, 7), dtype=np.float32)
BOMB = zlib.compress(bytes(3 * codec.MAX_ENTRY_BYTES), 1)  # 100 MB from 440 KB

# Floats by their bits: NaN payloads, infinities, subnormal numbers and -0.0 included.
MAPS = hnp.arrays(np.uint32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)).map(
    lambda bits: bits.view(np.float32)
)
TEXTS = st.text(st.characters(codec=None), max_size=20)
TOKENS = st.builds(
    Token,
    st.integers(0, 2**31),
    TEXTS,
    st.floats(),
    st.lists(st.tuples(TEXTS, st.floats()), max_size=3).map(tuple),
)
ANSWERS = st.builds(Answer, TEXTS, st.lists(TOKENS, max_size=4).map(tuple))


def small_layer() -> bytes:
    heat = np.arange(6, dtype=np.float32).reshape(2, 3)
    return codec.encode_layer(KEY, LayerEntry(heat, heat * 2, 10, ANSWER))


def forge(kind: int, body: bytes, size: int, key: str = KEY, magic: bytes = b"CAM\x01") -> bytes:
    """An entry with whatever header one likes, and a checksum that fits."""
    checksum = hashlib.sha256(key.encode() + b"\n" + body).digest()[:16]
    return codec._FRAME.pack(magic, kind, size, checksum) + body


@few_examples
@given(MAPS, st.integers(1, 1000))
def test_layer_round_trip_is_bit_for_bit(heat, num_samples):
    back = codec.decode_layer(KEY, codec.encode_layer(KEY, LayerEntry(heat, heat[::-1], num_samples, ANSWER)))
    assert back.heat.shape == heat.shape and back.heat.dtype == np.float32
    assert back.heat.tobytes() == heat.tobytes()
    assert back.squared_deviation.tobytes() == heat[::-1].tobytes()
    assert (back.num_samples, back.answer) == (num_samples, ANSWER)


def plain(answer: Answer) -> str:
    """An answer as text in which NaN equals NaN."""
    return repr(answer)


@few_examples
@given(ANSWERS)
def test_answer_round_trip(answer):
    assert plain(codec.decode_answer(KEY, codec.encode_answer(KEY, answer))) == plain(answer)


@few_examples
@given(ANSWERS, st.dictionaries(TEXTS, st.floats(allow_nan=False), max_size=3))
def test_pass_round_trip(answer, timings):
    entry = PassEntry(make_request(prompt="圆在哪里?\ud83d").to_dict(), answer, (50, 75), 36, timings)
    back = codec.decode_pass(KEY, codec.encode_pass(KEY, entry))
    assert plain(back.answer) == plain(answer)
    assert (back.request, back.grid, back.total_layers) == (entry.request, (50, 75), 36)
    assert back.timings == timings


def test_dense_maps_shrink():
    heat = np.abs(np.random.default_rng(0).normal(size=(50, 75))).astype(np.float32)
    assert len(codec.encode_layer(KEY, LayerEntry(heat, heat**2, 10, ANSWER))) < 0.92 * 2 * heat.nbytes


def test_only_float32_maps_are_stored():
    with pytest.raises(ValueError, match="float32"):
        codec.encode_layer(KEY, LayerEntry(np.zeros((2, 2)), np.zeros((2, 2)), 1, ANSWER))


def test_too_large_to_store(monkeypatch):
    monkeypatch.setattr(codec, "MAX_ENTRY_BYTES", 40)
    with pytest.raises(ValueError, match="larger than 40"):
        small_layer()


@few_examples
@given(st.integers(0, 2**20), st.integers(1, 255))
def test_one_changed_byte_is_noticed(position, change):
    data = bytearray(small_layer())
    data[position % len(data)] ^= change
    with pytest.raises(CorruptEntry):
        codec.decode_layer(KEY, bytes(data))


def test_every_truncation_is_noticed():
    data = small_layer()
    for length in some(range(len(data))):
        with pytest.raises(CorruptEntry):
            codec.decode_layer(KEY, data[:length])


@few_examples
@given(st.binary(max_size=200))
def test_foreign_bytes_are_noticed(data):
    for decode in (codec.decode_layer, codec.decode_pass, codec.decode_answer):
        with pytest.raises(CorruptEntry):
            decode(KEY, data)


def test_pickles_and_object_arrays_are_foreign():
    planted = io.BytesIO()
    np.save(planted, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for data in (planted.getvalue(), pickle.dumps([1, 2])):
        with pytest.raises(CorruptEntry):
            codec.decode_layer(KEY, data)


def test_an_entry_under_another_key_or_of_another_kind_is_foreign():
    with pytest.raises(CorruptEntry, match="checksum"):
        codec.decode_layer(KEY[:-1] + "1", small_layer())
    with pytest.raises(CorruptEntry, match="no layer entry"):
        codec.decode_layer(KEY, codec.encode_answer(KEY, make_answer()))


@pytest.mark.parametrize("size", [2**32 - 1, codec.MAX_ENTRY_BYTES, 10])
def test_a_forged_size_allocates_nothing(size):
    tracemalloc.start()
    try:
        with pytest.raises(CorruptEntry):
            codec.decode_layer(KEY, forge(1, BOMB, size))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * codec.MAX_ENTRY_BYTES


@pytest.mark.parametrize("rows, columns", [(2**32 - 1, 2**32 - 1), (2**16, 2**16), (3, 3), (0, 6), (0, 0)])
def test_a_forged_grid_is_noticed(rows, columns):
    raw = codec._LAYER.pack(rows, columns, 10, ANSWER) + bytes(48 if rows else 0)
    with pytest.raises(CorruptEntry, match="grid"):
        codec.decode_layer(KEY, forge(1, zlib.compress(raw), len(raw)))


@pytest.mark.parametrize(
    "values",
    [
        [],
        {},
        {"text": "a"},
        {"text": "a", "tokens": [1]},
        {"text": "a", "tokens": [{"id": math.inf, "text": "", "probability": 1, "alternatives": []}]},
        {"text": "a", "tokens": [{"id": 1, "text": "", "probability": 1, "alternatives": [[1]]}]},
    ],
)
def test_json_of_another_shape_is_noticed(values):
    raw = json.dumps(values).encode()
    with pytest.raises(CorruptEntry, match="fields"):
        codec.decode_answer(KEY, forge(3, zlib.compress(raw), len(raw)))
    with pytest.raises(CorruptEntry, match="fields"):
        codec.decode_pass(KEY, forge(2, zlib.compress(raw), len(raw)))


@pytest.mark.parametrize("layers", [0, -3, 10**15, math.inf, "x" * 10**6])
def test_a_forged_number_of_layers_is_noticed_and_told_in_short(layers):
    """Whoever cleans up names every layer that a pass may have."""
    request = make_request()
    entry = PassEntry(request.to_dict(), make_answer(), (5, 7), 36, {})
    raw = json.dumps({**dataclasses.asdict(entry), "total_layers": layers}).encode()
    with pytest.raises(CorruptEntry, match="fields") as told:
        codec.decode_pass(KEY, forge(2, zlib.compress(raw), len(raw)))
    assert len(str(told.value)) < 300


def test_deeply_nested_json_is_noticed():
    raw = b"[" * 100_000
    with pytest.raises(CorruptEntry):
        codec.decode_answer(KEY, forge(3, zlib.compress(raw), len(raw)))


def test_answers_are_told_apart_by_text_and_tokens():
    answers = [make_answer("a b"), make_answer("a c"), Answer("a b", make_answer("a b c").tokens)]
    assert len({codec.answer_digest(answer) for answer in answers}) == 3


def test_a_thought_is_kept_and_an_answer_without_one_is_written_as_before():
    plain = make_answer("a b")
    thinking = dataclasses.replace(plain, thought=1)
    assert codec.decode_answer(KEY, codec.encode_answer(KEY, thinking)) == thinking
    data = codec.encode_answer(KEY, plain)
    assert b"thought" not in zlib.decompress(data[25:]) and codec.decode_answer(KEY, data) == plain
    entry = PassEntry({}, thinking, (2, 3), 8, {})
    assert codec.decode_pass(KEY, codec.encode_pass(KEY, entry)) == entry
    data = codec.encode_pass(KEY, dataclasses.replace(entry, answer=plain))
    assert b"thought" not in zlib.decompress(data[25:])


def test_a_thought_longer_than_its_answer_is_refused():
    forged = make_answer("a b")
    object.__setattr__(forged, "thought", 9)
    with pytest.raises(CorruptEntry):
        codec.decode_answer(KEY, codec.encode_answer(KEY, forged))


def test_how_the_model_saw_its_picture_is_kept_and_left_out_where_it_is_not_known():
    seen = SeenPicture("qwen2_5_vl", (407, 663), (420, 672))
    entry = PassEntry({}, make_answer("a b"), (2, 3), 8, {}, seen)
    assert codec.decode_pass(KEY, codec.encode_pass(KEY, entry)) == entry
    whole = dataclasses.replace(entry, seen=SeenPicture("gemma3", (407, 663)))
    assert codec.decode_pass(KEY, codec.encode_pass(KEY, whole)) == whole
    before = codec.encode_pass(KEY, dataclasses.replace(entry, seen=None))
    assert b"seen" not in zlib.decompress(before[25:]) and codec.decode_pass(KEY, before).seen is None


@pytest.mark.parametrize("size", [(0, 5), (5,), (1, 2, 3), (2**40, 1), "ab"])
def test_a_picture_of_no_size_is_refused(size):
    entry = PassEntry({}, make_answer("a b"), (2, 3), 8, {}, SeenPicture("qwen2_5_vl", size))
    with pytest.raises(CorruptEntry):
        codec.decode_pass(KEY, codec.encode_pass(KEY, entry))


def test_a_layer_of_a_video_comes_back_bit_for_bit() -> None:
    entry = codec.LayerEntry(HEAT_IN_TIME, HEAT_IN_TIME / 3, 5, b"a" * 16)
    found = codec.decode_layer("cam2:k", codec.encode_layer("cam2:k", entry))
    assert found.heat.shape == (3, 5, 7)
    assert found.heat.tobytes() == entry.heat.tobytes()
    assert found.squared_deviation.tobytes() == entry.squared_deviation.tobytes()
    assert (found.num_samples, found.answer) == (5, b"a" * 16)


@pytest.mark.parametrize("shape", [(2, 5, 7), (0, 5, 7), (3, 0, 7), (2**31, 2**31, 4), (1, 1, 1)])
def test_a_layer_that_claims_another_shape_is_corrupt(shape: tuple[int, int, int]) -> None:
    planes = np.zeros(2 * HEAT_IN_TIME.size * 4, np.uint8).tobytes()
    data = codec.pack("timed", "cam2:k", struct.pack("<IIII16s", *shape, 1, b"a" * 16) + planes)
    with pytest.raises(CorruptEntry):
        codec.decode_layer("cam2:k", data)


def test_a_layer_of_a_video_that_is_cut_short_is_corrupt() -> None:
    with pytest.raises(CorruptEntry, match="cut short"):
        codec.decode_layer("cam2:k", codec.pack("timed", "cam2:k", b"\0" * 20))


@pytest.mark.parametrize(
    "steps",
    [[[1.0, 0.5]], [[0.0, float("nan")]], [[1.0, 2.0], [0.0, 1.0]], [["0", 1.0]], [[0.0]], [[0.0, 1.0]] * 769, 3, [7]],
)
def test_a_pass_with_time_steps_that_cannot_be_is_corrupt(steps: object) -> None:
    common, _ = to_entries(make_video_result(), b"a" * 16)
    values = json.loads(codec.unpack("pass", "cam2:k", codec.encode_pass("cam2:k", common)))
    assert values["steps"] == [[0.0, 0.5], [0.5, 1.0], [1.0, 1.5]]
    with pytest.raises(CorruptEntry):
        codec.decode_pass("cam2:k", codec.pack("pass", "cam2:k", codec.to_json(values | {"steps": steps})))


def test_entries_of_a_picture_are_written_as_before() -> None:
    common, layers = to_entries(make_result(make_request()), b"a" * 16)
    assert "steps" not in json.loads(codec.unpack("pass", "cam2:k", codec.encode_pass("cam2:k", common)))
    raw = codec.unpack("layer", "cam2:k", codec.encode_layer("cam2:k", layers[0]))
    assert raw[:28] == struct.pack("<III16s", 5, 7, 10, b"a" * 16)
