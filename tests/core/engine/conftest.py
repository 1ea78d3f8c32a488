"""One picture and the sweep over its layers that many tests of the engine hold theirs against."""

import pytest

from core.inputs.pictures import load_picture
from tests.conftest import gradient_picture
from tests.core.engine.sweep import QUESTION, SHORT


@pytest.fixture(scope="session")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture(scope="session")
def result(explainer, picture):
    return explainer.explain(picture, QUESTION, num_samples=3, noise_std=0.4, **SHORT)
