"""Layers from several places make one result, or a sentence says why not."""

from dataclasses import replace

import numpy as np
import pytest

from cache import assemble
from cache.results.assembly import from_entries, to_entries
from core.schema.box_conventions import SeenPicture
from tests.cache.samples import assert_same, make_answer, make_request, make_result


def test_assemble_joins_stored_and_new_layers():
    asked = make_request()
    parts = [make_result(asked.for_layers((1, 3))), make_result(asked.for_layers((0, 2, 7)))]
    assert_same(assemble(asked, parts), make_result(asked))
    with pytest.raises(ValueError, match=r"no part holds the layers \[0, 2\]"):
        assemble(asked, parts[:1])
    for change in ({"answer": make_answer("no")}, {"num_samples": 3}, {"grid": (7, 5)}):
        with pytest.raises(ValueError, match="differ"):
            assemble(asked, [parts[0], make_result(asked.for_layers((0, 2)), **change)])


def test_the_first_part_that_holds_a_layer_gives_it_and_the_last_ones_timings_count():
    asked = make_request(layers=(0, 1))
    first, second = make_result(asked.for_layers((0,)), timings={"samples": 1.0}), make_result(asked)
    second = replace(second, heat=second.heat + 1, timings={"samples": 2.0})
    joined = assemble(asked, [first, second])
    assert np.array_equal(joined.heat, [first.heat[0], second.heat[1]])
    assert np.array_equal(joined.squared_deviation, [first.squared_deviation[0], second.squared_deviation[1]])
    assert joined.timings == {"samples": 2.0}


def test_a_result_is_the_same_after_it_was_entries():
    result = make_result(make_request(layers=(2, 5)))
    common, layers = to_entries(result, b"digest")
    assert len(layers) == 2 and {layer.answer for layer in layers} == {b"digest"}
    assert common.request == result.request.to_dict() and common.grid == result.grid
    assert_same(from_entries(result.request, common, layers), result)


def test_how_the_model_saw_its_picture_comes_from_whichever_part_knows_it():
    asked, seen = make_request(), SeenPicture("qwen2_5_vl", (407, 663), (420, 672))
    old, new = make_result(asked.for_layers((1, 3))), make_result(asked.for_layers((0, 2)), seen=seen)
    assert assemble(asked, [old, new]).seen == seen and assemble(asked, [old, replace(new, seen=None)]).seen is None
    common, layers = to_entries(new, b"digest")
    assert from_entries(new.request, common, layers).seen == seen
