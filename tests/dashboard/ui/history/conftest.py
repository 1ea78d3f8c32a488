"""A history with a few runs, about which something has been written."""

import pytest

from cache import Change


@pytest.fixture
def five_runs(stored, storage) -> dict[str, str]:
    """Five runs, the latest first: e, d, c, b, a. The prompt of each is its letter -> its name."""
    names = {letter: stored(prompt=f"{letter}?", num_samples=2 + number) for number, letter in enumerate("abcde")}
    storage.runs.write([names["b"]], Change(rating=4, add_tags=("paper", "odd"), note="边缘很奇怪", title="Figure 3"))
    storage.runs.write([names["d"]], Change(rating=2, pinned=True))
    return names
