"""A video on worker processes: the numbers of one process, from frames that are sent once a run."""

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
    # Much noise, for the reason given in test_explainer.py.
    return ExplainRequest(
        image=video.digest,
        frames=len(video),
        prompt="Where is it?",
        model=workers.card.fingerprint,
        layers=(1, 5),
        num_samples=4,
        noise_std=1.0,
        max_new_tokens=4,
    )


def test_a_run_equals_that_of_one_process(workers, explainer, video, request_, monkeypatch):
    sent, submit = [], DistributedExplainer._submit
    monkeypatch.setattr(
        DistributedExplainer,
        "_submit",
        lambda self, task, *given, **where: (
            sent.extend(each for each in given if isinstance(each, Video)) or submit(self, task, *given, **where)
        ),
    )
    requests = [request_, request_.with_method("combined", ())]
    got, wanted = workers.run(video, requests), explainer.run(video, requests)
    assert len(sent) == 1
    for mine, theirs in zip(got, wanted, strict=True):
        assert mine.heat.shape == (len(mine.request.maps), 2, *mine.grid) and mine.steps == theirs.steps
        assert mine.answer == theirs.answer and mine.num_samples == 4
        np.testing.assert_allclose(mine.heat, theirs.heat, rtol=1e-4, atol=1e-6 * theirs.heat.max())
        np.testing.assert_allclose(
            mine.squared_deviation, theirs.squared_deviation, rtol=1e-3, atol=1e-6 * theirs.squared_deviation.max()
        )
    assert workers.answer_to(video, request_) == wanted[0].answer


def test_what_was_given_must_be_what_was_asked_about(workers, video, request_):
    picture = load_picture(gradient_picture(84, 112))
    with pytest.raises(InputError, match="about a video, and pictures were given"):
        workers.run(picture, [request_])
    with pytest.raises(InputError, match="about pictures, and a video was given"):
        workers.run(video, [dataclasses.replace(request_, frames=0)])
