"""Layers in words."""

import pytest

from dashboard.layer_ranges import span


@pytest.mark.parametrize(
    ("layers", "part", "words"),
    [
        ((3,), "decoder", "layer 3"),
        ((0, 1, 2), "decoder", "layers 0 to 2"),
        ((0, 2), "decoder", "2 layers, 0 to 2"),
        ((1, 2), "tower", "blocks 1 to 2"),
    ],
)
def test_several_layers_in_words(layers, part, words):
    assert span(layers, part) == words
