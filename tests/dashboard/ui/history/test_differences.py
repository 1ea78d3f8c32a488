"""In what runs differ."""

from core import METHODS
from dashboard.ui.history.differences import differences


def test_only_what_differs_is_listed(stored, storage):
    runs = [
        storage.runs.get(stored(prompt="a?", seed=1)),
        storage.runs.get(stored(prompt="a?", seed=2, method="gradcam")),
    ]
    assert differences(runs) == {
        "Method": [METHODS["gradient_deviation"].title, METHODS["gradcam"].title],
        "Seed": ["1", "2"],
    }
    assert differences(runs[:1] * 2) == {}
