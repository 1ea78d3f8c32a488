"""Runs on worker processes: equal to those of one process, whatever happens to the workers."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Cancelled, InputError, ModelError, Target
from core.distributed.cluster import start_workers
from core.distributed.explainer import DistributedExplainer, merge, split
from core.engine.moments import Moments
from core.errors import WorkersLost
from core.evaluation.trust.assess import assess
from core.inputs.pictures import load_picture
from core.inputs.videos.video import Video
from core.models.checkpoints import describe_model
from core.schema import ExplainRequest
from tests.conftest import gradient_picture
from tests.core.answers import assert_same_answer
from tests.core.distributed.deaths import noting_end
from tests.waiting import PATIENCE, wait_until

LAYERS = tuple(range(8))


@pytest.fixture(scope="module")
def card():
    return describe_model(device="cpu")


@pytest.fixture(scope="module")
def workers(client, card):
    return DistributedExplainer(client, card)


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture(scope="module")
def request_(card, picture):
    # Less noise leaves deviations of a fortieth of the mean, in which a sample's rounding weighs forty times as much.
    return ExplainRequest(
        image=picture.digest, prompt="Where is it?", model=card.fingerprint, layers=LAYERS, num_samples=6, noise_std=1.0
    )


def pids(client) -> dict[str, int]:
    return client.run(os.getpid)


def assert_equal(got, wanted) -> None:
    assert_same_answer(got.answer, wanted.answer)
    assert got.grid == wanted.grid and got.num_samples == wanted.num_samples
    # Chunks are merged in float64: the order in which they were cut leaves no more than float32's rounding.
    np.testing.assert_allclose(got.heat, wanted.heat, rtol=1e-5, atol=1e-7 * wanted.heat.max())
    np.testing.assert_allclose(got.squared_deviation, wanted.squared_deviation, rtol=1e-4, atol=1e-9)


@given(st.integers(0, 50), st.integers(1, 60), st.integers(1, 9))
def test_a_split_covers_every_sample_once_and_evenly(start, count, parts):
    cut = split(range(start, start + count), parts)
    assert [sample for part in cut for sample in part] == list(range(start, start + count))
    sizes = [len(part) for part in cut]
    assert min(sizes) >= 1 and max(sizes) - min(sizes) <= 1 and len(cut) == min(parts, count)


def test_merged_parts_are_the_moments_of_all_samples():
    samples = np.arange(12.0).reshape(6, 2)
    parts = [[Moments.of(samples[:1])], [Moments.of(samples[1:4])], [Moments.of(samples[4:])]]
    (merged,) = merge(parts)
    assert merged.count == 6
    np.testing.assert_allclose(merged.mean, [5, 6])
    np.testing.assert_allclose(merged.squared_deviation, [70, 70])  # 2 (25 + 9 + 1)


def test_a_run_equals_that_of_one_process(workers, explainer, picture, request_):
    requests = [request_, request_.with_method("combined", ()), request_.with_method("attention", LAYERS)]
    requests.append(dataclasses.replace(request_, part="tower", layers=(0, 3)))
    seen = []
    got = workers.run(picture, requests, on_progress=seen.append)
    for mine, theirs in zip(got, explainer.run(picture, requests), strict=True):
        assert_equal(mine, theirs)
    assert seen[-1].done == seen[-1].total == 6


def test_several_pictures_of_one_prompt_equal_those_of_one_process(workers, explainer, picture, request_):
    pictures = [picture, load_picture(gradient_picture(112, 140))]
    asked = dataclasses.replace(request_, images=tuple(each.digest for each in pictures), picture_first=False)
    requests = [asked, asked.with_method("combined", ()).of_picture(1)]
    wanted = explainer.run(pictures, requests)
    for mine, theirs in zip(workers.run(pictures, requests), wanted, strict=True):
        assert_equal(mine, theirs)
    assert_same_answer(workers.answer_to(pictures, asked), wanted[0].answer)
    with pytest.raises(InputError, match="about: 2; pictures that were given: 1"):
        workers.run(picture, [asked])


def test_a_video_equals_that_of_one_process(workers, explainer, request_):
    frames = np.random.default_rng(0).integers(0, 256, (4, 56, 84, 3), np.uint8)
    video = Video.of(frames, np.arange(4) / 2)
    request = dataclasses.replace(request_, image=video.digest, frames=4, num_samples=2)
    (got,), (wanted,) = workers.run(video, [request]), explainer.run(video, [request])
    assert got.steps == wanted.steps and len(got.steps) == got.heat.shape[1] == 2
    assert_equal(got, wanted)


def test_a_run_goes_on_from_samples_that_are_there(workers, explainer, picture, request_):
    (whole,) = explainer.run(picture, [request_])
    (begun,) = workers.run(picture, [dataclasses.replace(request_, num_samples=2)], answer=whole.answer)
    (grown,) = workers.run(picture, [request_], answer=whole.answer, so_far=[begun])
    assert_equal(grown, whole)


def test_an_answer_is_that_of_one_process(workers, explainer, picture, request_):
    assert_same_answer(workers.answer_to(picture, request_), explainer.answer_to(picture, request_))
    own = dataclasses.replace(request_, target=Target.text("A blue star."))
    assert workers.answer_to(picture, own).text == "A blue star."


@pytest.fixture(scope="module")
def others():
    """Two workers that have loaded nothing yet."""
    client = start_workers(2)
    yield client
    client.close()
    client.cluster.close()


def loaded_models() -> int:
    """How many models this process has loaded."""
    from core.distributed import tasks

    return tasks._loaded.cache_info().currsize


def test_every_worker_loads_the_model_before_anything_is_asked(others, card):
    assert list(others.run(loaded_models).values()) == [0, 0]
    DistributedExplainer(others, card).load()
    assert list(others.run(loaded_models).values()) == [1, 1]


def test_a_run_says_that_it_waits_for_the_model(others, card, picture, request_, monkeypatch):
    monkeypatch.setattr("core.distributed.waiting.TICK", 0.001)  # no load is as fast
    seen = []
    other = DistributedExplainer(others, card, keep=2)  # other settings: it is loaded anew
    other.run(picture, [dataclasses.replace(request_, num_samples=1)], on_progress=seen.append)
    stages = list(dict.fromkeys(progress.stage for progress in seen))
    assert stages == ["load", "answer", "samples"]


def test_what_cannot_be_asked_is_refused_in_the_same_words(workers, explainer, picture, request_):
    wrong = dataclasses.replace(request_, target=Target.words("nobody said this"))
    with pytest.raises(InputError) as theirs:
        explainer.run(picture, [wrong])
    with pytest.raises(InputError) as mine:
        workers.run(picture, [wrong])
    assert str(mine.value) == str(theirs.value)


def test_a_model_that_is_another_one_there_is_refused(client, card, picture, request_):
    other = DistributedExplainer(client, dataclasses.replace(card, fingerprint="0" * 64))
    with pytest.raises(ModelError, match="or another one where it is computed"):
        other.run(picture, [request_])


def test_stopping_frees_the_workers(workers, picture, request_):
    def stop(progress):
        if progress.stage == "samples" and progress.partial:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        workers.run(picture, [dataclasses.replace(request_, num_samples=1000)], on_progress=stop)
    started = time.monotonic()
    workers.run(picture, [dataclasses.replace(request_, num_samples=2)])
    assert time.monotonic() - started < 60  # a thousand samples take minutes


def test_a_method_of_many_passes_stops_between_two_of_them(client, card, tmp_path):
    watched = DistributedExplainer(client, card, within=partial(noting_end, tmp_path))
    picture = load_picture(gradient_picture(700, 700))
    asked = ExplainRequest(
        image=picture.digest,
        prompt="What?",
        model=card.fingerprint,
        layers=(),
        method="occlusion",
        noise_std=0.0,
        max_new_tokens=2,
    )

    def stop(progress):
        if progress.stage == "samples" and any(client.processing().values()):
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        watched.run(picture, [asked], on_progress=stop)
    wait_until(lambda: not any(client.processing().values()), "The worker went on with what was stopped.")
    wait_until(lambda: len(list(tmp_path.glob("*"))) == 3, "What was stopped never ended.")
    ends = sorted(path.name.partition("-")[0] for path in tmp_path.glob("*"))
    assert ends == ["Cancelled", "done", "done"]  # the load and the answer came to their ends


def test_a_killed_worker_costs_time_alone(client, workers, explainer, picture, request_):
    long = dataclasses.replace(request_, num_samples=120)
    before, killed = pids(client), []

    def kill(progress):
        if progress.stage == "samples" and progress.partial and not killed:
            killed.append(next(iter(before.values())))
            os.kill(killed[0], signal.SIGKILL)

    (got,) = workers.run(picture, [long], on_progress=kill)
    assert killed
    assert_equal(got, explainer.run(picture, [long])[0])
    wait_until(lambda: len(client.scheduler_info()["workers"]) == 2)
    assert killed[0] not in pids(client).values()


def test_without_any_worker_it_says_so_and_goes_on_when_one_returns(card, picture, request_, monkeypatch):
    monkeypatch.setattr("core.distributed.waiting.PATIENCE", 0.5)
    with start_workers(1) as client:
        lonely = DistributedExplainer(client, card)
        spec = dict(client.cluster.worker_spec)
        client.cluster.scale(0)
        wait_until(lambda: not client.scheduler_info()["workers"])
        with pytest.raises(WorkersLost, match="no worker is running"):
            lonely.run(picture, [request_])
        client.cluster.worker_spec.update(spec)
        client.cluster.sync(client.cluster._correct_state)
        client.wait_for_workers(1, timeout=PATIENCE)
        assert lonely.run(picture, [dataclasses.replace(request_, num_samples=1)])
        client.cluster.close()


def test_other_work_runs_there_tells_its_steps_and_can_be_stopped(workers, explainer, picture, request_):
    (result,) = workers.run(picture, [dataclasses.replace(request_, num_samples=2)])
    steps = []
    report = workers.call(assess, picture, result, 4, on_step=lambda *step: steps.append(step))
    here = assess(explainer, picture, result, 4)
    assert report.tokens.deletion == pytest.approx(here.tokens.deletion, abs=1e-5)
    assert steps and all(done <= total for _, done, total, _ in steps)
    assert steps[-1][3]["tokens"]["deletion"] == pytest.approx(list(report.tokens.deletion))  # told before the end

    def stop(*step):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        workers.call(assess, picture, result, 4, on_step=stop)


def test_the_server_itself_needs_no_torch():
    code = (
        "import sys, core.distributed.explainer; assert not {'torch', 'transformers'} & set(sys.modules); print('none')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "none\n", done.stderr
