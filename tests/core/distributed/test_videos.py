"""A video on worker processes: its frames are sent once a run, and it must be what was asked about."""

import dataclasses

import numpy as np
import pytest

from core import InputError
from core.distributed.explainer import DistributedExplainer
from core.inputs.pictures import load_picture
from core.inputs.videos.video import Video
from core.models.checkpoints import describe_model
from core.schema import ExplainRequest
from tests.conftest import gradient_picture
from tests.dashboard.video_runs import square_frames


@pytest.fixture(scope="module")
def video():
    return Video.of(square_frames(4, (112, 84)), np.arange(4) / 2)


@pytest.fixture(scope="module")
def workers(client):
    return DistributedExplainer(client, describe_model(device="cpu"))


@pytest.fixture(scope="module")
def request_(workers, video):
    return ExplainRequest(
        image=video.digest,
        frames=len(video),
        prompt="Where is it?",
        model=workers.card.fingerprint,
        layers=(1, 5),
        num_samples=4,
        max_new_tokens=4,
    )


def test_its_frames_are_sent_once_a_run(workers, video, request_, monkeypatch):
    sent, submit = [], DistributedExplainer._submit
    monkeypatch.setattr(
        DistributedExplainer,
        "_submit",
        lambda self, task, *given, **where: (
            sent.extend(each for each in given if isinstance(each, Video)) or submit(self, task, *given, **where)
        ),
    )
    assert len(workers.run(video, [request_, request_.with_method("combined", ())])) == 2
    assert len(sent) == 1


def test_what_was_given_must_be_what_was_asked_about(workers, video, request_):
    picture = load_picture(gradient_picture(84, 112))
    with pytest.raises(InputError, match="about a video, and pictures were given"):
        workers.run(picture, [request_])
    with pytest.raises(InputError, match="about pictures, and a video was given"):
        workers.run(video, [dataclasses.replace(request_, frames=0)])
