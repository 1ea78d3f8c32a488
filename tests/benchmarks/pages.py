"""How long the server takes to draw History with 100,000 runs: `python -m tests.benchmarks.pages [RUNS]`.

The whole page, as `streamlit.testing` runs it: the list with its pictures, filters, and what is counted; medians in
milliseconds. Beside it what bringing the stored sizes up to date costs: once for all runs, after one, and for none.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from streamlit.testing.v1 import AppTest

from dashboard.settings import Settings
from dashboard.storage.data_folder import count_stored, history_file, open_storage
from dashboard.ui.history.table import PAGE_SIZE
from tests.benchmarks.history import RUNS, build
from tests.benchmarks.store import make_result
from tests.browser.serving import HOME

REPEATS = 7
LIMIT = 300
VIEWS = {
    "first page": {},
    "middle page": {"page": "2000"},
    "by prompt": {"sort": "Prompt"},
    "by stored size": {"sort": "Stored size"},
    "search the": {"search": "the"},
    "search 圆形": {"search": "圆形"},
}


def main(arguments: list[str]) -> int:
    """Builds the history in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        os.environ["SMOOTHCAM_DATA_FOLDER"] = name  # which the pages read
        return measure(Path(name), int(arguments[0]) if arguments else RUNS)


def measure(folder: Path, runs: int) -> int:
    """Prints the figures of a history of so many runs; returns the exit code."""
    build(history_file(folder), runs)
    storage = open_storage(Settings())
    started = time.perf_counter()
    count_stored(storage)
    print(f"counting what is stored of all runs, once: {time.perf_counter() - started:.1f} s")
    slowest = 0.0
    print(f"the whole page, ms, median of {REPEATS}; limit {LIMIT}")
    for name, address in VIEWS.items():
        app = AppTest.from_file(HOME, default_timeout=120).run()
        app.switch_page("app_pages/history.py")
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        took = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            app.run()
            took.append(1e3 * (time.perf_counter() - started))
            assert not app.exception, app.exception
        assert any("prompt" in table.value and len(table.value) == PAGE_SIZE for table in app.dataframe)
        slowest = max(slowest, median(took))
        print(f"  {name:16s} {median(took):6.0f}", flush=True)
    storage.results.put(make_result(0))
    for what in ("after a run", "when nothing has changed"):
        started = time.perf_counter()
        count_stored(storage)
        print(f"  counting what is stored {what}: {1e3 * (time.perf_counter() - started):.1f} ms")
    print(f"slowest {slowest:.0f} ms: {'kept' if slowest < LIMIT else 'MISSED'}")
    return int(slowest >= LIMIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
