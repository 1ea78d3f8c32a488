"""Heads and the logit lens as studies: computed once, kept, and read back bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from cache import keys
from cache.results.arrays import put_reading
from core import HeadMaps, LogitLens
from core.analysis.similarity import agreement
from core.engine.model_pool import ModelPool
from core.schema import gather
from core.schema.readings.head_maps import heads_request
from core.schema.readings.logit_lens import lens_request
from core.schema.run_requests import whole_run
from dashboard.jobs.question import Step
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.readings import HEADS, LENS, READINGS, reading_name, reading_of
from dashboard.jobs.studies.registry import find_study, kind_of, subject_of

TEXTS = {0: "red", 1: "\u200b", 2: " ", 3: "Red", 4: "<|im_end|>", 5: "\ufffd"}


def make_heads(result, layers=(0, 3, 5), heads=4):
    """Heads of a result's grid: of those of layer 3, head 1 looks as the result's own map does."""
    heat = np.random.default_rng(0).random((len(layers), heads, *result.grid), np.float32)
    heat[layers.index(3), 1] = result.at()
    shares = np.linspace(0.1, 0.9, len(layers) * heads, dtype=np.float32).reshape(len(layers), heads)
    request = heads_request(result.request, layers)
    return HeadMaps(request, result.answer, heat, shares, shares / 4, agreement(heat, result.at()), 8)


def make_lens(result, layers=(0, 3, 7)):
    """Says red at the first cell of the last layer, and other things elsewhere."""
    rng, shape = np.random.default_rng(1), (len(layers), *result.grid, 5)
    ids, chances = np.broadcast_to(np.int32([1, 2, 3, 4, 5]), shape).copy(), -np.sort(-rng.random(shape, np.float32))
    ids[-1, 0, 0, 0], ids[:, -1, -1] = 0, -1
    chances[:, -1, -1] = 0
    return LogitLens(lens_request(result.request, layers), ids, chances / 5, TEXTS, 8)


@pytest.fixture
def run(ask, explain):
    return gather([explain(request) for request in whole_run(ask().request)])


@pytest.fixture
def read(monkeypatch):
    """What the readers were asked; they answer with what was made by hand."""
    asked = []

    def read_heads(explainer, pictures, result, layers, *, on_step):
        asked.append(("heads", result.request.method, layers))
        on_step("Reading", 3, 7)
        return make_heads(result)

    def read_lens(explainer, pictures, request, layers, cell, *, on_step):
        asked.append(("lens", layers, cell))
        on_step("Reading", 3, 7)
        from types import SimpleNamespace

        return make_lens(SimpleNamespace(request=request, grid=(4, 6)))

    monkeypatch.setattr("core.methods.heads.read_heads", read_heads)
    monkeypatch.setattr("core.inference.logit_lens.read_lens", read_lens)
    return asked


def same(found, wanted, *names):
    return all(np.array_equal(getattr(found, name), getattr(wanted, name)) for name in names)


def test_heads_are_read_once_and_kept(ask, run, storage, explainer, read):
    models, steps = ModelPool(1, load=lambda card: explainer), []
    question = replace(ask(), study=HEADS, run=run)
    assert find_study(HEADS).read(run, storage.results) is None
    for _ in range(2):
        compute(question, steps.append, storage=storage, backend=models)
    assert read == [("heads", "combined", None)] and steps[-1] == Step("Reading", 3, 7)
    found, wanted = find_study(HEADS).read(run, storage.results), make_heads(run.of("combined"))
    assert same(found, wanted, "heat", "picture_share", "sink_share", "layers", "agreement", "total_layers")
    assert found.ordered()[0] == (3, 1) and found.request == wanted.request and found.answer == run.answer


def test_a_lens_is_read_once_and_kept(ask, run, storage, explainer, read):
    models = ModelPool(1, load=lambda card: explainer)
    question = replace(ask(), study=LENS, run=run)
    assert find_study(LENS).read(run, storage.results) is None
    for _ in range(2):
        compute(question, lambda step: None, storage=storage, backend=models)
    assert read == [("lens", None, None)]
    found = find_study(LENS).read(run, storage.results)
    assert found.layers == (0, 3, 7) and found.texts == TEXTS and found.grid == (4, 6)
    assert found.at(0, 0)[7][0].text == "red" and found.at(3, 5)[0] == []


def test_runs_by_other_methods_and_noise_share_them(ask, explain, run, storage):
    READINGS[HEADS].save(make_heads(run.of("combined")), run, storage.results)
    other = gather([explain(request) for request in whole_run(ask(noise_std=0.5, method="gradcam").request)])
    assert find_study(HEADS).read(other, storage.results) is not None


def test_agreement_is_with_the_runs_own_combined_map(run, storage):
    READINGS[HEADS].save(make_heads(run.of("combined")), run, storage.results)
    turned = replace(run.of("combined"), heat=run.of("combined").heat[:, ::-1, ::-1].copy())
    other = replace(run, companions={"combined": turned})
    found = find_study(HEADS).read(other, storage.results)
    np.testing.assert_allclose(found.agreement, agreement(found.heat, turned.at()))


def test_what_does_not_fit_is_none(run, storage):
    wanted = make_heads(run.of("combined"))
    READINGS[HEADS].save(replace(wanted, answer=replace(run.answer, text="left")), run, storage.results)
    assert find_study(HEADS).read(run, storage.results) is None  # of another answer
    for shared in ({}, {"answer": "right"}, {"answer": "right", "layers": 3}, {"answer": "right", "layers": ["a"]}):
        put_reading(storage.results, keys.HEADS, wanted.request, shared, wanted.each_layer())
        assert find_study(HEADS).read(run, storage.results) is None
    lens = make_lens(run)
    for shared in ({}, {"layers": [0]}, {"layers": [0], "texts": [], "total_layers": 8}):
        put_reading(storage.results, keys.LENS, lens.request, shared, lens.each_layer())
        assert find_study(LENS).read(run, storage.results) is None


def test_names_say_which_picture():
    assert [reading_name(HEADS), reading_name(LENS, 2)] == ["heads", "lens-picture-3"]
    for name, kind in (("heads", HEADS), ("lens-picture-3", LENS), ("heads-1", None), ("trust-picture-2", None)):
        assert reading_of(name) == kind
    assert kind_of("lens-picture-3") == LENS and subject_of("lens-picture-3") is None
    assert find_study("lens-picture-3") is READINGS[LENS] and kind_of("trust-picture-2") == "trust"


def test_imported_numbers_answer_only_their_own_run(run, storage):
    """Whose origin is a part of every name."""
    READINGS[HEADS].save(make_heads(run.of("combined")), run, storage.results)
    READINGS[LENS].save(make_lens(run), run, storage.results)
    origin = "0" * 64
    foreign = gather(
        [replace(each, request=replace(each.request, origin=origin)) for each in (run, run.of("combined"))]
    )
    for name in (HEADS, LENS):
        assert find_study(name).read(run, storage.results) is not None
        assert find_study(name).read(foreign, storage.results) is None
