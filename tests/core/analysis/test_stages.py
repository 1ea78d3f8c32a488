"""Mean maps of the thirds of the depth, by hand."""

import numpy as np

from core.analysis.stages import stage_means
from core.schema import Answer, ExplainRequest, ExplainResult


def result_of(layers, heat, total=6):
    request = ExplainRequest(image="i", prompt="?", model="m", layers=layers)
    return ExplainResult(request, Answer("a", ()), heat, np.zeros_like(heat), 1, total, {})


def test_layers_of_a_third_are_averaged_over_their_own_maximum():
    heat = np.array([[[2.0, 1.0]], [[0.0, 8.0]], [[3.0, 3.0]]], np.float32)
    means = stage_means(result_of((0, 1, 4), heat))
    assert {stage: layers for stage, (layers, _) in means.items()} == {"early": (0, 1), "late": (4,)}
    assert means["early"][1].tolist() == [[0.5, 0.75]] and means["late"][1].tolist() == [[1, 1]]
    assert means["early"][1].dtype == np.float32


def test_a_blank_layer_adds_nothing_and_breaks_nothing():
    heat = np.array([[[0.0, 0.0]], [[1.0, 4.0]]], np.float32)
    _, mean = stage_means(result_of((2, 3), heat))["middle"]
    assert mean.tolist() == [[0.125, 0.5]]


def test_a_result_without_layers_has_no_stages():
    request = ExplainRequest(image="i", prompt="?", model="m", layers=(), method="combined")
    heat = np.ones((1, 2, 2), np.float32)
    assert stage_means(ExplainResult(request, Answer("a", ()), heat, heat * 0, 1, 6, {})) == {}
