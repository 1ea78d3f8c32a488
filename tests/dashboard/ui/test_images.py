"""Sizes of pictures on a page, and the slider over layers."""

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

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


def _slider(layers, before):
    import streamlit as st

    from dashboard.ui.images import choose_layer

    if before is not None and "asked" not in st.session_state:
        st.session_state["at"] = before
        st.session_state["asked"] = True
    st.text(f"layer {choose_layer('at', tuple(layers), layers[1] if len(layers) > 1 else layers[0], 'tower')}")


@pytest.mark.parametrize(("before", "shown"), [(None, "layer 3"), (7, "layer 7"), (5, "layer 3")])
def test_a_layer_of_another_run_is_not_taken_over(before, shown):
    app = AppTest.from_function(_slider, args=([0, 3, 7], before)).run()
    assert not app.exception and [text.value for text in app.text] == [shown]
    assert app.select_slider(key="at").label == "Block"
    assert app.select_slider(key="at").set_value(0).run().text[0].value == "layer 0"


def test_one_layer_is_nothing_to_choose():
    app = AppTest.from_function(_slider, args=([4], None)).run()
    assert not app.select_slider and app.text[0].value == "layer 4"
