"""How long the server takes to move Compare to another layer, by hand: `python -m tests.benchmarks.compare [RUNS]`.

Runs of 36 layers of 50 x 75 over a picture of twelve megapixels, in memory as the store gives them. The part of the
page that runs again when the layer changes is timed with each tab open, pictures and charts made and put into the
page's messages; medians in milliseconds. The first opening of a tab is timed once, on runs that nobody has looked at.
Exit code 1 where a layer takes longer than it may.
"""

import os
import statistics
import sys
import tempfile
import time
from functools import cache

os.environ.setdefault("SMOOTHCAM_DATA_FOLDER", tempfile.mkdtemp(prefix="compare-"))

import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.loaded_run import LoadedRun
from dashboard.ui.compare.measures import Compared, lettered
from dashboard.ui.compare.tabs import explore

LIMIT = 100
SIZE = 4242, 2828
REPEATS = 9
VIEWS = {
    "Depth": {},
    "Depth, all small": {"statistic": "All, small"},
    "A against B": {},
    "Stages": {},
    "Layer by layer": {},
    "Film": {},
    "Region": {"region": "0.1,0.2;0.5,0.8"},
    "Report": {},
}
_times: list[float] = []


@cache
def the_runs() -> list[Compared]:
    """The runs that are compared: as many as the environment says."""
    from dataclasses import replace

    import numpy as np

    from core import Picture
    from core.schema import gather
    from core.schema.run_requests import whole_run
    from dashboard.jobs.pictures import ChosenPicture
    from tests.benchmarks.store import make_result

    random = np.random.default_rng(0)
    small = random.integers(0, 256, (SIZE[1] // 8 + 1, SIZE[0] // 8 + 1, 3), dtype=np.uint8)
    pixels = np.ascontiguousarray(np.kron(small, np.ones((8, 8, 1), np.uint8))[: SIZE[1], : SIZE[0]])
    found = []
    for number in range(int(os.environ.get("COMPARED", "2"))):
        first = make_result(number)
        _, combined = whole_run(first.request)
        beside = replace(first, request=combined, heat=first.heat[:1], squared_deviation=first.squared_deviation[:1])
        found.append(LoadedRun(gather([first, beside]), ChosenPicture("photo.png", b"", Picture(pixels, "0" * 64))))
    return lettered(found)


def page() -> None:
    """What the measured server shows: everything of Compare that looks at runs, and nothing else."""
    st.set_page_config(layout="wide")
    started = time.perf_counter()
    explore(the_runs())
    _times.append(1e3 * (time.perf_counter() - started))


def main(arguments: list[str]) -> int:
    """Prints the figures; returns the exit code."""
    os.environ["COMPARED"] = arguments[0] if arguments else "2"
    the_runs()
    slowest = 0.0
    print(f"{os.environ['COMPARED']} runs; server time in ms: first opening, then a changed layer, median of {REPEATS}")
    for name, parameters in VIEWS.items():
        st.cache_resource.clear()
        app = AppTest.from_string("from tests.benchmarks.compare import page\npage()", default_timeout=120)
        for key, value in {"show": name.split(",")[0], **parameters}.items():
            app.query_params[key] = value
        _times.clear()
        app.run()
        assert not app.exception, app.exception
        opened, medians = _times[0], []
        for _ in ("first", "again"):
            _times.clear()
            for layer in range(3, 3 + REPEATS):
                app.select_slider(key="at").set_value(layer).run()
                assert not app.exception, app.exception
            medians.append(statistics.median(_times))
        slowest = max(slowest, *medians)
        print(f"  {name:18s} {opened:7.0f}   {medians[0]:6.1f} / {medians[1]:6.1f}", flush=True)
    print(f"slowest median {slowest:.1f} ms; limit {LIMIT} ms: {'kept' if slowest < LIMIT else 'MISSED'}")
    return int(slowest >= LIMIT)


if __name__ == "__main__":
    # As a module of its own name: the page's script imports it, too, and both must see the same times.
    from tests.benchmarks import compare

    sys.exit(compare.main(sys.argv[1:]))
