"""Stored runs are served by a process that never imports torch."""

import os
import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE

HOME = Path(__file__).parents[2] / "dashboard" / "Home.py"

VISITS = """
import sys
from streamlit.testing.v1 import AppTest
from tests.dashboard.pages import shows_result

home, run = sys.argv[1:]
app = AppTest.from_file(home, default_timeout=180).run()
for page, params in (
    ("compute", {"run": run}), ("compare", {"runs": run}), ("history", {}), ("home", {})
):
    app.switch_page(f"app_pages/{page}.py")
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    if page == "compute":
        assert shows_result(app), app.main
        app.query_params["layer"] = "7"
        app.run()
        app.button(key="run-button").click().run()
        assert shows_result(app), app.main
heavy = {"torch", "transformers"} & set(sys.modules)
assert not heavy, heavy
print("served without torch")
"""


def test_a_stored_run_is_served_without_torch(stored, data_folder):
    done = subprocess.run(
        [sys.executable, "-c", VISITS, str(HOME), stored()],
        env={**os.environ, "SMOOTHCAM_DATA_FOLDER": str(data_folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "served without torch" in done.stdout, done.stderr[-2000:]


def test_no_module_of_the_dashboard_has_the_name_of_another_package():
    # Streamlit puts the entry point's folder first on sys.path.
    from importlib.metadata import packages_distributions

    names = {path.stem for path in HOME.parent.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    taken = set(sys.stdlib_module_names) | set(packages_distributions()) - {"dashboard"}
    assert len(names) > 15 and not (names - {"__init__", "__main__"}) & taken
