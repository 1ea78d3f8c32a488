"""Sizes of pictures on a page, and the slider over layers."""

import numpy as np
import pytest
from PIL import Image

from core import load_picture
from dashboard.jobs.pictures import ChosenPicture
from dashboard.loaded_run import LoadedRun
from dashboard.ui.images import picture_width, preview
from tests.dashboard.uploading import encoded


@pytest.mark.parametrize(
    ("size", "width"),
    [
        ((1000, 500), 880),  # as wide as pages are
        ((500, 1000), 250),  # as high as a picture may be
        ((1, 4000), 1),
    ],
)
def test_a_picture_stays_within_both_limits(size, width):
    assert picture_width(size) == width


def test_other_limits_can_be_given():
    assert picture_width((200, 100), highest=40, widest=100) == 80
    assert picture_width((200, 100), highest=80, widest=100) == 100


def test_a_small_picture_is_enlarged_to_what_pages_show(ask, explain):
    data = encoded(Image.new("RGB", (100, 200), "red"))
    chosen = ChosenPicture("a.png", data, load_picture(data))
    run = LoadedRun(explain(ask().request), chosen)
    drawn = preview(run)
    assert drawn.shape == (500, 250, 3) and drawn.dtype == np.uint8
    assert preview(run) is drawn  # Streamlit would scale another size at every rerun
