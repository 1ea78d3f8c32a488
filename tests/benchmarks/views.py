"""How long the server takes to draw a changed view, by hand: `python -m tests.benchmarks.views`.

A run of 36 layers of 50 x 75 over a picture of twelve megapixels, its heat in memory as the store gives it. Each
control is moved as a visitor moves it, and the part of the page that runs again is timed, pictures and charts made
and put into the page's messages; medians in milliseconds. The tab that is open counts: it is drawn again, too.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

os.environ.setdefault("SMOOTHCAM_DATA_FOLDER", tempfile.mkdtemp(prefix="views-"))

import numpy as np
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import Picture
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.pictures import ChosenPicture
from dashboard.loaded_run import LoadedRun
from dashboard.ui.viewer import panel
from tests.benchmarks.store import make_result

SIZE = 4242, 2828
REPEATS = 9
LIMIT = 100
TABS = ("All layers", "Concentration over depth", "Parameters")

# What is moved -> (the widget, its values, one after the other).
CHANGES: dict[str, tuple[Callable[[AppTest], Any], tuple]] = {
    "layer": (lambda app: app.select_slider(key="layer"), tuple(range(3, 30))),
    "opacity": (lambda app: app.slider(key="opacity"), tuple(round(0.05 * step, 2) for step in range(1, 20))),
    "threshold": (lambda app: app.slider(key="threshold"), tuple(range(5, 95, 5))),
    "colours": (lambda app: app.selectbox(key="colormap"), ("viridis", "magma", "turbo", "jet", "inferno")),
    "cells": (lambda app: app.selectbox(key="cells"), ("blocky", "smooth")),
    "scale": (lambda app: app.selectbox(key="scale"), ("common", "own")),
    "marks": (lambda app: app.pills(key="marks"), (["uncertainty"], [])),
    "panes": (lambda app: app.segmented_control(key="panes"), (["picture", "overlay", "raw"], ["overlay"])),
    "map": (lambda app: app.segmented_control(key="map"), ("combined", "layer")),
}

_times: list[float] = []


@cache
def the_run() -> LoadedRun:
    """The run on display, made once."""
    first = make_result(0)
    own, combined = whole_run(first.request)
    both = [first, replace(first, request=combined, heat=first.heat[:1], squared_deviation=first.squared_deviation[:1])]
    random = np.random.default_rng(0)
    small = random.integers(0, 256, (SIZE[1] // 8 + 1, SIZE[0] // 8 + 1, 3), dtype=np.uint8)
    pixels = np.ascontiguousarray(np.kron(small, np.ones((8, 8, 1), np.uint8))[: SIZE[1], : SIZE[0]])
    return LoadedRun(gather(both), ChosenPicture("photo.png", b"", Picture(pixels, "0" * 64)))


def page() -> None:
    """What the measured server shows: the panel of the run and nothing else."""
    st.set_page_config(layout="wide")
    panel.result_panel(the_run())


def main() -> None:
    """Prints the medians, and whether all are within the limit."""
    drawn = panel._result

    def timed(*arguments: Any) -> None:
        started = time.perf_counter()
        drawn(*arguments)
        _times.append(1e3 * (time.perf_counter() - started))

    panel._result = timed
    the_run()
    print(f"server time of a changed view, ms, median of {REPEATS}, the first time of each value / again")
    slowest = 0.0
    for tab in TABS:
        app = AppTest.from_string("from tests.benchmarks.views import page\npage()", default_timeout=60)
        app.query_params["map"] = "One layer"
        app.query_params["tab"] = tab
        app.run()
        assert not app.exception, app.exception
        print(f"tab {tab}")
        for name, (widget, values) in CHANGES.items():
            medians = []
            for _ in ("first", "again"):
                _times.clear()
                for turn in range(REPEATS):
                    widget(app).set_value(values[turn % len(values)]).run()
                    assert not app.exception, app.exception
                medians.append(statistics.median(_times))
            slowest = max(slowest, *medians)
            print(f"  {name:10s} {medians[0]:6.1f} / {medians[1]:6.1f}")
    print(f"slowest median {slowest:.1f} ms; limit {LIMIT} ms: {'kept' if slowest < LIMIT else 'MISSED'}")


if __name__ == "__main__":
    # As a module of its own name: the page's script imports it, too, and both must see the same times.
    from tests.benchmarks import views

    views.main()
