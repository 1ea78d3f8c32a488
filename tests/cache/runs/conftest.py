"""Histories that tests of this folder share."""

import pytest

from cache import RunHistory
from tests.cache.samples import make_run


@pytest.fixture
def history(tmp_path):
    history = RunHistory(tmp_path / "history" / "runs.db")
    yield history
    history.close()


@pytest.fixture
def listed(history):
    """Ten runs: the even ones by another model, every third one rated."""
    for number in range(10):
        history.record(
            make_run(
                number,
                model_name="even" if number % 2 == 0 else "odd",
                method="combined" if number < 5 else "gradcam",
                num_samples=number,
                duration=10.0 - number,
                rating=5 if number % 3 == 0 else 0,
                pinned=number == 4,
                picture_name=f"Photo_{number}%.png",
            )
        )
    return history
