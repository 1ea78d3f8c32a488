"""A picture and a video with what would be computed of them, shared by the tests here."""

import numpy as np
import pytest

from core import load_picture
from core.explanation.explanation import explained
from core.inputs.videos.video import Video
from core.schema import TimeStep
from core.schema.box_conventions import SeenPicture
from tests.conftest import gradient_picture
from tests.core.explanation.results import ask, with_combined


@pytest.fixture(scope="session")
def picture():
    return load_picture(gradient_picture(56, 84))


@pytest.fixture(scope="session")
def result(picture):
    """Of a picture, without it."""
    return with_combined(ask(picture.digest), 2, 3, seen=SeenPicture("qwen2_5_vl", (84, 56), (84, 56)))


@pytest.fixture(scope="session")
def explanation(result, picture):
    return explained(result, [picture])


@pytest.fixture(scope="session")
def video():
    """Four frames, a different shade each."""
    frames = np.stack([np.full((28, 42, 3), 60 * number, np.uint8) for number in range(4)])
    return Video.of(frames, [0.0, 0.5, 1.0, 1.5])


@pytest.fixture(scope="session")
def of_video(video):
    """Its heat lies in the second of two steps."""
    steps = (TimeStep(0.0, 1.0), TimeStep(1.0, 2.0))
    result = with_combined(ask(video.digest, frames=4), 2, 2, 3, steps=steps)
    for each in (result, *result.companions.values()):
        each.heat.setflags(write=True)
        each.heat[:, 0] /= 2
        each.heat.setflags(write=False)
    return explained(result, video)
