"""What is measured with sinks: the maps that they ruin, and the one that holds."""

import numpy as np
import pytest
import torch

from core.evaluation.benchmark.metrics import METRICS
from core.evaluation.benchmark.sinks import measure as module
from core.evaluation.benchmark.sinks.measure import METHODS, SinksPlan, explainer_of, measure
from core.evaluation.benchmark.sinks.measured import FORMER, Shares, StrengthMeasured


@pytest.fixture(scope="module")
def found():
    return measure(SinksPlan(3, ("plain", "prompt")))


def mean(measured, method, metric, layer=0):
    return np.mean([value[layer, list(METRICS).index(metric)] for value in measured.values[method]])


def test_every_method_is_measured_on_the_same_scenes(found):
    assert list(found) == ["plain", "prompt"]
    for measured in (found["plain"], found["prompt"]):
        assert measured.same == [True] * 3 and set(measured.values) == {*METHODS, FORMER}
        assert all(len(values) == 3 for values in measured.values.values())
        assert measured.values["attention"][0].shape == (8, len(METRICS))


def test_attention_falls_to_chance_where_the_combined_map_holds(found):
    plain, prompt = found["plain"], found["prompt"]
    assert mean(plain, "attention", "pointing", 5) == 1 and mean(prompt, "attention", "pointing", 5) < 0.4
    assert mean(plain, "combined", "pointing") == mean(prompt, "combined", "pointing") == 1
    assert mean(prompt, "combined", "energy") > 0.9 > mean(prompt, "attention", "energy", 5)
    # What the first formula lost, the present one does not.
    lost, kept = (mean(plain, name, "energy") - mean(prompt, name, "energy") for name in (FORMER, "combined"))
    assert lost > 2 * kept


def test_sinks_take_the_attention_that_they_are_there_for(found):
    assert found["plain"].shares == [Shares(0.0, 0.0, 0.0)] * 3
    assert np.mean([each.of_picture for each in found["prompt"].shares]) > 0.4
    assert np.mean([each.in_prompt for each in found["prompt"].shares]) > 0.3


def test_processes_take_their_parts_of_the_scenes(monkeypatch):
    chosen = []

    def scenes(explainer, count, share):
        chosen.append((count, share))
        return iter(())

    monkeypatch.setattr(module, "explainer_of", lambda name: name)
    monkeypatch.setattr(module, "scenes_with_sinks", scenes)
    for index in range(2):
        measure(SinksPlan(5, ("plain",)), index, 2)
    assert chosen == [(3, (0, 2)), (2, (1, 2))]
    one, other = StrengthMeasured({"a": [1]}, [True], [2]), StrengthMeasured({"a": [3], "b": [4]}, [False], [5])
    one.extend(other)
    assert (one.values, one.same, one.shares) == ({"a": [1, 3], "b": [4]}, [True, False], [2, 5])


def test_weights_of_16_bits_are_computed_with_as_such(scenes):
    explainer = explainer_of("bf16")
    assert explainer.loaded.model.dtype == torch.bfloat16
    assert explainer.answer(scenes[0].picture, scenes[0].scene.question).text == scenes[0].answer.text
