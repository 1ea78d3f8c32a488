"""What an export wrote comes back bit for bit; what no export wrote is one sentence, and never runs."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core import InputError
from core.export.budget import Budget, Limits
from core.export.npz import to_json, to_npz
from core.export.npz_reader import from_npz, read_arrays
from core.schema import Answer, ExplainRequest, ExplainResult, Token, gather
from core.schema.target import Target


def make(heat=None, prompt="Where is it?", **changes):
    values = {"image": "a" * 64, "prompt": prompt, "model": "m" * 64, "layers": (1, 3), "seed": 7}
    request = ExplainRequest(**(values | changes))
    heat = np.arange(12, dtype=np.float32).reshape(2, 2, 3) if heat is None else heat
    answer = Answer("左上", (Token(3, "左", 0.5, (("右", 0.1 + 0.2),), 0, 1), Token(4, "上", 1 / 3, (), 1, 2)))
    main = ExplainResult(request, answer, heat, heat * 2, 10, 8, {"answer": 0.1, "samples": 1 / 3})
    combined = request.with_method("combined", ())
    return gather([main, ExplainResult(combined, answer, heat[:1], heat[1:], 10, 8, {"samples": 0.7})])


def same(left, right):
    assert (left.request, left.answer, left.num_samples) == (right.request, right.answer, right.num_samples)
    assert (left.total_layers, left.timings) == (right.total_layers, right.timings)
    assert left.heat.tobytes() == right.heat.tobytes() and left.heat.dtype == np.float32
    assert left.squared_deviation.tobytes() == right.squared_deviation.tobytes()
    assert set(left.companions) == set(right.companions)
    for name in left.companions:
        same(left.companions[name], right.companions[name])


@settings(max_examples=40)
@given(
    arrays(np.float32, (2, 2, 3), elements=st.floats(0, 2.0**100, width=32)),
    st.text(min_size=1, max_size=20).filter(str.strip),
)
def test_every_result_comes_back_bit_for_bit(heat, prompt):
    result = make(heat, prompt)
    same(from_npz(to_npz(result)), result)


def test_targets_come_back():
    result = make(target=Target.contrast(0, "右"), max_pixels=100_000)
    assert from_npz(to_npz(result)).request == result.request


def test_a_thought_comes_back_and_is_left_out_where_there_is_none():
    result = make()
    thinking = replace(result, answer=replace(result.answer, thought=1), companions={})
    assert from_npz(to_npz(thinking)).answer.thought == 1
    assert '"thought"' in to_json(thinking) and '"thought"' not in to_json(result)
    with pytest.raises(InputError, match="its thought is longer than its answer"):
        from_npz(described(thought=3))


def several():
    """A result about two pictures, of grids of their own."""
    first = make(images=("a" * 64, "b" * 64))
    heat = np.arange(20, dtype=np.float32).reshape(2, 2, 5)
    parts = [first, *first.companions.values()]
    others = [
        replace(part, request=part.request.of_picture(1), heat=heat[: len(part.heat)] + 1, squared_deviation=rest)
        for part, rest in zip(parts, (heat * 3, heat[1:]), strict=True)
    ]
    return gather([*parts, *others])


def test_every_picture_of_a_prompt_comes_back():
    result = several()
    back = from_npz(to_npz(result))
    same(back, result)
    assert [each.request.picture for each in back.pictures] == [0, 1]
    for got, wanted in zip(back.pictures, result.pictures, strict=True):
        same(got, wanted)


def test_one_picture_of_several_comes_back_alone():
    alone = several().pictures[1]
    same(from_npz(to_npz(alone)), alone)


def npz(**changes):
    """The export's own arrays with changes; None leaves one out."""
    with np.load(io.BytesIO(to_npz(make())), allow_pickle=False) as file:
        held = dict(file) | changes
    data = io.BytesIO()
    np.savez(data, **{name: array for name, array in held.items() if array is not None})
    return data.getvalue()


def described(**changes):
    with np.load(io.BytesIO(to_npz(make())), allow_pickle=False) as file:
        return npz(description=np.array(json.dumps(json.loads(str(file["description"])) | changes)))


class Planted:
    def __reduce__(self):
        return (pytest.fail, ("code was run",))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "damaged"),
        (b"not a zip", "damaged"),
        (to_npz(make())[:900], "damaged"),
        (npz(heat=np.array([{"a": 1}], object)), "Python objects"),
        (npz(extra=np.array([Planted()], object)), "Python objects"),
        (npz(heat=np.zeros((2, 2, 3))), "float32"),
        (npz(heat=np.zeros((2, 6), np.float32)), "float32"),
        (npz(heat=np.full((2, 2, 3), np.nan, np.float32)), "float32"),
        (npz(heat=np.zeros((5, 2, 3), np.float32)), "description cannot be read"),
        (npz(squared_deviation=None), "older version"),
        (npz(description=None), "description cannot be read"),
        (npz(description=np.array("[" * 100_000)), "description cannot be read"),
        (npz(description=np.array(3.0)), "description cannot be read"),
        (described(request={}), "description cannot be read"),
        (described(request={**make().request.to_dict(), "prompt": " "}), "prompt is empty"),
        (described(request={**make().request.to_dict(), "other": 1}), "description cannot be read"),
        (described(num_samples=11), "cannot have 11 samples"),
        (described(num_samples=True), "cannot have True samples"),
        (described(total_layers=3), "cannot have 3 layers"),
        (described(seconds={"answer": -1}), "seconds"),
        (described(tokens=[{"id": 1}]), "description cannot be read"),
        (described(answer=3), "answer cannot be read"),
    ],
)
def test_what_no_export_writes_is_one_sentence(data, words):
    with pytest.raises(InputError, match=rf"^[^\n]*{words}[^\n]*\.$"):
        from_npz(data)


@pytest.mark.parametrize(("limits", "words"), [(Limits(cells=47), "cells"), (Limits(free=999, ratio=0), "unpacks")])
def test_it_takes_its_share_of_a_budget_before_it_unpacks_anything(limits, words):
    data = to_npz(make())  # heat and deviation of 2 x 2 x 3 cells, and of 1 x 2 x 3
    with pytest.raises(InputError, match=f"^The ZIP .*{words}"):
        budget = Budget(len(data), limits)
        from_npz(data, budget)
        from_npz(data, budget)
    whole = Budget(len(data), Limits(cells=72))
    assert from_npz(data, whole) and from_npz(data, whole)


def test_an_array_that_claims_more_than_is_there_reserves_nothing():
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }\n"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(16)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("heat.npy", array)
    with pytest.raises(InputError, match="cannot be read"):
        read_arrays(data.getvalue())
