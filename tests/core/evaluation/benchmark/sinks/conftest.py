"""A few scenes, and the embedded model with most of its attention on sinks, made once."""

import pytest

from core.evaluation.benchmark.sinks.measure import explainer_of, scenes_with_sinks


@pytest.fixture(scope="session")
def scenes(explainer):
    return list(scenes_with_sinks(explainer, 3))


@pytest.fixture(scope="session")
def strong():
    return explainer_of("strong")
