"""How heat is coloured."""

import numpy as np
import pytest

from core.errors import InputError
from core.rendering.overlay import overlay
from core.rendering.paper.look import FigureLook

HEAT = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_a_map_is_drawn_as_everywhere(pixels):
    look = FigureLook(colormap="jet", opacity=0.5, smooth=False, maximum=9.0, threshold=0.2, even=True)
    wanted = overlay(pixels, HEAT, 0.5, "jet", False, 9.0, threshold=0.2, even=True)
    assert np.array_equal(look.over(pixels, HEAT), wanted)
    assert np.array_equal(FigureLook().over(pixels, HEAT), overlay(pixels, HEAT))
    assert not np.array_equal(FigureLook().over(pixels, HEAT, 50.0), overlay(pixels, HEAT))


def test_the_bar_says_what_the_scale_is():
    bar = FigureLook(colormap="viridis", threshold=0.3).bar(5.0, "logits")
    assert (bar.colormap, bar.maximum, bar.unit, bar.threshold) == ("viridis", 5.0, "logits", 0.3)
    assert FigureLook().own_bar().maximum == 1 and FigureLook().top(HEAT) == 5 and FigureLook(maximum=7).top(HEAT) == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"colormap": "grey"},
        {"opacity": 1.5},
        {"opacity": True},
        {"threshold": float("nan")},
        {"maximum": 0},
        {"maximum": "5"},
        {"smooth": 1},
        {"even": None},
    ],
)
def test_other_values_are_refused(wrong):
    with pytest.raises(InputError):
        FigureLook(**wrong)
