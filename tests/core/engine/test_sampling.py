"""More samples for what has some: each is computed once, for those alone that lack it, and the sum is that of all."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine import one_pass
from core.engine.moments import Moments
from core.engine.sampling import grow, moments_of
from core.errors import Cancelled, InputError
from core.inputs.pictures import load_picture
from core.memory.out_of_memory import CHUNK_TOKENS
from tests.cache.samples import make_request, make_result
from tests.conftest import gradient_picture

QUESTION = "Where is the red square?"


def scripted(values):
    """`compute` over a table [requests, samples] of numbers, and the calls made to it."""
    calls = []

    def compute(who, samples):
        calls.append((list(who), samples))
        return [Moments.of(values[position, samples.start : samples.stop, None]) for position in who]

    return compute, calls


def test_a_mean_that_grows_by_hand():
    # 1, 2, 3 are there (mean 2, squared deviation 2); 6 comes: mean 3, squared deviation 4 + 1 + 0 + 9.
    compute, calls = scripted(np.array([[1.0, 2.0, 3.0, 6.0]]))
    ((samples, (grown,)),) = grow([Moments(np.array([2.0]), np.array([2.0]), 3)], 4, 10, compute)
    assert calls == [([0], range(3, 4))] and samples == range(3, 4)
    assert (grown.mean[0], grown.squared_deviation[0], grown.count) == (3, 14, 4)


def test_each_sample_is_computed_once_for_those_that_lack_it():
    values = np.arange(90.0).reshape(3, 30)
    compute, calls = scripted(values)
    begun = [Moments.of(values[0, :30, None]), Moments.of(values[1, :10, None]), None]
    *_, (_, grown) = grow(begun, 30, 8, compute)
    assert calls == [
        ([2], range(0, 8)),
        ([2], range(8, 10)),
        ([1, 2], range(10, 18)),
        ([1, 2], range(18, 26)),
        ([1, 2], range(26, 30)),
    ]
    assert [each.count for each in grown] == [30, 30, 30] and grown[0] is begun[0]


def test_nothing_lacks_nothing_is_computed():
    compute, calls = scripted(np.zeros((1, 4)))
    assert list(grow([Moments.of(np.zeros((4, 1)))], 4, 2, compute)) == [] and calls == []


@given(
    st.lists(st.lists(st.floats(-1e3, 1e3, width=32), min_size=12, max_size=12), min_size=1, max_size=4),
    st.lists(st.integers(0, 12), min_size=4, max_size=4),
    st.integers(1, 12),
)
def test_grown_from_anywhere_it_is_the_whole(rows, counts, size):
    """Through float32, as what is stored was, and within its rounding."""
    values = np.array(rows)
    begun = [None if not n else stored(Moments.of(row[:n, None])) for row, n in zip(values, counts, strict=False)]
    compute, calls = scripted(values)
    *_, (_, grown) = [(range(0), begun), *grow(begun, 12, size, compute)]
    for row, n, each, position in zip(values, counts, grown, range(len(rows)), strict=False):
        whole, largest = Moments.of(row[:, None]), np.abs(row).max()
        np.testing.assert_allclose(each.mean, whole.mean, rtol=0, atol=1e-6 * largest)
        np.testing.assert_allclose(each.squared_deviation, whole.squared_deviation, rtol=1e-6, atol=2e-5 * largest**2)
        assert [i for who, samples in calls if position in who for i in samples] == list(range(n, 12))
    computed = [i for _, samples in calls for i in samples]
    assert computed == list(range(min(counts[: len(rows)]), 12))


def stored(moments):
    single = [array.astype(np.float32).astype(np.float64) for array in (moments.mean, moments.squared_deviation)]
    return Moments(*single, moments.count)


def test_a_result_of_another_grid_is_no_beginning():
    part = make_result(make_request(), grid=(5, 7))
    assert moments_of(part, (4, 5, 7)).mean.shape == (4, 35) and moments_of(None, (4, 5, 7)) is None
    with pytest.raises(InputError, match="grid"):
        moments_of(part, (4, 7, 5))


# What follows asks the embedded model.


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(84, 112))


@pytest.fixture(scope="module")
def six(explainer, picture):
    return explainer.explain(picture, QUESTION, num_samples=6, noise_std=0.4, max_new_tokens=4)


@pytest.fixture
def forward(monkeypatch):
    """How many samples went through the model, call by call."""
    sizes, real = [], one_pass.answer_states

    def counting(loaded, sequence, features, counted):
        sizes.append(len(features))
        return real(loaded, sequence, features, counted)

    monkeypatch.setattr(one_pass, "answer_states", counting)
    return sizes


def fewer(explainer, picture, result, count):
    requests = [replace(each.request, num_samples=count) for each in (result, *result.companions.values())]
    return explainer.run(picture, requests, answer=result.answer)


def close(got, wanted):
    assert got.num_samples == wanted.num_samples and got.request == wanted.request
    np.testing.assert_allclose(got.heat, wanted.heat, rtol=1e-4, atol=1e-5 * wanted.heat.max())
    np.testing.assert_allclose(got.stderr, wanted.stderr, rtol=1e-3, atol=1e-5 * wanted.heat.max())


def test_two_samples_stored_and_six_asked_compute_four(explainer, picture, six, forward):
    two = fewer(explainer, picture, six, 2)
    forward.clear()
    asked = [six.request, six.of("combined").request]
    steps = []
    grown = explainer.run(picture, asked, answer=six.answer, so_far=two, on_progress=steps.append)
    assert sum(forward) == 4
    assert (steps[0].done, steps[0].begun, steps[0].total) == (2, 2, 6) and steps[-1].done == 6
    assert np.array_equal(steps[0].partial[0].heat, two[0].heat)
    close(grown[0], six)
    close(grown[1], six.of("combined"))
    again = explainer.run(picture, asked, answer=six.answer, so_far=two)
    assert np.array_equal(again[0].heat, grown[0].heat)  # from the same beginning, the same bits


def test_layers_at_several_counts_take_the_passes_of_the_emptiest(explainer, picture, six, forward):
    four = fewer(explainer, picture, six, 4)[0]
    some, others = six.request.for_layers((0, 1)), six.request.for_layers((5, 6))
    (begun,) = explainer.run(picture, [replace(some, num_samples=4)], answer=six.answer)
    np.testing.assert_allclose(begun.heat, four.heat[:2], rtol=1e-4)
    forward.clear()
    grown = explainer.run(picture, [others, some], answer=six.answer, so_far=[None, begun])
    assert sum(forward) == 6
    np.testing.assert_allclose(grown[0].heat, six.heat[[5, 6]], rtol=1e-4, atol=1e-5 * six.heat.max())
    np.testing.assert_allclose(grown[1].heat, six.heat[[0, 1]], rtol=1e-4, atol=1e-5 * six.heat.max())


def test_stopped_after_some_it_goes_on_from_there(explainer, picture, six, forward, monkeypatch):
    monkeypatch.setitem(CHUNK_TOKENS, "cpu", 1)
    steps = []

    def stop(progress):
        steps.append(progress)
        if progress.done == 3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        explainer.run(picture, [six.request], answer=six.answer, on_progress=stop)
    assert sum(forward) == 3
    (partial,) = steps[-1].partial
    begun = replace(partial, request=replace(partial.request, num_samples=3))
    (grown,) = explainer.run(picture, [six.request], answer=six.answer, so_far=[begun])
    assert sum(forward) == 6
    close(grown, six)


@pytest.mark.parametrize("change", [{"seed": 1}, {"noise_std": 0.2}, {"tap": "output"}, {"num_samples": 9}])
def test_a_beginning_of_something_else_is_refused(explainer, picture, six, change):
    wrong = replace(six, request=replace(six.request, **change), num_samples=change.get("num_samples", 2))
    with pytest.raises(InputError, match="so far"):
        explainer.run(picture, [six.request], answer=six.answer, so_far=[wrong])


def test_a_beginning_that_explains_another_answer_is_refused(explainer, picture, six):
    for answer in (None, replace(six.answer, text="something else")):
        with pytest.raises(InputError, match="another answer"):
            explainer.run(picture, [six.request], answer=answer, so_far=[replace(six, num_samples=2)])
