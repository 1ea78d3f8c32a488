"""Memory that really runs out: of the processor, of a CUDA device, and of a worker that is killed for it."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import Explainer, ExplainRequest, load_picture
from core.distributed.cluster import join_workers
from core.distributed.explainer import DistributedExplainer
from core.errors import OutOfMemoryError, WorkersLost
from core.inputs.pictures import Picture
from core.memory.out_of_memory import CHUNK_TOKENS
from core.models.checkpoints import describe_model
from tests.conftest import gradient_picture
from tests.core.clusters import cluster_of_others, write_certificates
from tests.waiting import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells, and keeps, how much a process has")

QUESTION = "Where is the red block?"
SAMPLES = 16
SMALL = 84


def square(side: int) -> Picture:
    return load_picture(gradient_picture(side, side))


def asked(picture: Picture, samples: int) -> ExplainRequest:
    card = describe_model(device="cpu")
    return ExplainRequest(
        image=picture.digest,
        prompt=QUESTION,
        model=card.fingerprint,
        layers=tuple(range(card.total_layers)),
        num_samples=samples,
        max_new_tokens=4,
        max_pixels=picture.pixels.shape[0] * picture.pixels.shape[1],
    )


def status(field: str) -> int:
    """Bytes, as Linux tells them of this process."""
    with open("/proc/self/status") as file:
        (value,) = [line.split()[1] for line in file if line.startswith(field)]
    return int(value) * 1024


def cramped(explainer: Explainer, share: float, side: int, samples: int, with_answer: bool = False) -> dict:
    """What becomes of a run, and of a small one after it, if the system gives this process too little memory.

    Args:
        share: of what the run takes when it may have what it wants.
        with_answer: whether the answer is known already.
    """
    small, picture = square(SMALL), square(side)
    answer = explainer.answer(picture, QUESTION, max_new_tokens=4, max_pixels=side * side) if with_answer else None
    before, request = status("VmSize"), asked(picture, samples)

    def free() -> dict:
        heat = explainer.run(picture, [request], answer=answer)[0].heat
        return {"bytes": status("VmPeak") - before, "mean": float(heat.mean())}

    def limited() -> dict:
        sizes, last = [], {}
        room = before + int(share * wanted["bytes"])
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        try:
            (result,) = explainer.run(
                picture, [request], answer=answer, on_progress=lambda step: sizes.append(step.done)
            )
            last["mean"] = float(result.heat.mean())
        except OutOfMemoryError as error:
            last["sentence"], last["cause"] = str(error), type(error.__cause__).__name__
        (after,) = explainer.run(small, [asked(small, 2)])
        return {**last, "sizes": sizes, "small": after.num_samples}

    wanted = in_a_fork(free)
    return {"wanted": wanted, "limited": in_a_fork(limited)}


def in_a_fork(work: Callable[[], dict]) -> dict:
    """What `work` returns in a process that begins as this one is; what it allocates there was never here."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = work()
        except BaseException as error:
            said = {"error": repr(error)}
        os.write(writing, json.dumps(said).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = json.loads(pipe.read())
    assert os.waitpid(child, 0)[1] == 0 and "error" not in said, said
    return said


def main() -> None:
    """Prints what `cramped` finds; in a process of its own, which has one thread and may fork."""
    torch.set_num_threads(1)
    CHUNK_TOKENS["cpu"] = 1_000_000  # all samples at once, to begin with
    explainer = Explainer.from_pretrained(device="cpu")
    small = square(SMALL)
    explainer.run(small, [asked(small, 2)])  # what is needed once is there from now on
    found = {
        "resident": status("VmRSS"),
        "half": cramped(explainer, 0.5, 280, SAMPLES),
        "nothing": cramped(explainer, 0.0, 560, SAMPLES),
        "too little for one": cramped(explainer, 0.3, 1120, 1, with_answer=True),
    }
    print(json.dumps(found), flush=True)


@pytest.fixture(scope="module")
def found():
    code = "from tests.faults.test_memory import main; main()"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_chunk_that_does_not_fit_is_halved_and_the_run_is_the_same(found):
    limited = found["half"]["limited"]
    begun = limited["sizes"].index(0)  # before that the answer's tokens are told
    first, *_, last = limited["sizes"][begun + 1 :]
    assert 0 < first < SAMPLES and last == SAMPLES
    assert limited["mean"] == pytest.approx(found["half"]["wanted"]["mean"], rel=1e-5)
    assert limited["small"] == 2


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("nothing", "The device has too little memory for this. Use a smaller picture"),
        ("too little for one", "The device has no room for even one noise sample. Use a smaller picture"),
    ],
)
def test_where_not_even_one_fits_it_is_said_and_the_next_run_is_answered(found, case, sentence):
    limited = found[case]["limited"]
    assert limited["sentence"].startswith(sentence) and limited["cause"] in ("RuntimeError", "MemoryError")
    assert limited["small"] == 2


def test_a_worker_killed_for_its_memory_is_said_and_the_next_run_is_computed(found, tmp_path, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")  # each costs the seconds of a start
    certificates, limit = write_certificates(tmp_path), int(1.5 * (found["resident"] + 100 * 2**20))
    small, large = square(SMALL), square(2240)
    with cluster_of_others(tmp_path, certificates, memory=limit) as address:
        with join_workers(address, certificates) as client:
            client.wait_for_workers(1, timeout=PATIENCE)
            workers = DistributedExplainer(client, describe_model(device="cpu"))
            (before,) = workers.run(small, [asked(small, 2)])
            killed = set(client.run(os.getpid).values())
            assert len(killed) == 1, f"{len(killed)} workers were there to be killed."
            with pytest.raises(WorkersLost, match="most likely the machine has too little memory"):
                workers.run(large, [asked(large, 1)], answer=before.answer)
            (after,) = workers.run(small, [asked(small, 2)])
            assert not killed & set(client.run(os.getpid).values())
    np.testing.assert_array_equal(before.heat, after.heat)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_cuda_device_that_is_full_halves_says_so_and_goes_on(monkeypatch):
    monkeypatch.setitem(CHUNK_TOKENS, "cuda", 1_000_000)
    explainer = Explainer.from_pretrained(device="cuda")
    model, total = explainer.loaded.fingerprint, torch.cuda.get_device_properties(0).total_memory
    small, picture = square(SMALL), square(1120)
    answer = explainer.answer(picture, QUESTION, max_new_tokens=4)
    request = replace(asked(picture, SAMPLES), model=model)
    (free,) = explainer.run(picture, [request], answer=answer)
    held = torch.cuda.memory_allocated()
    sizes = []
    try:
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction((held + (free.peak_bytes - held) / 2) / total)
        (halved,) = explainer.run(picture, [request], answer=answer, on_progress=lambda step: sizes.append(step.done))
        assert sizes[0] == 0 < sizes[1] < SAMPLES == sizes[-1]
        assert np.corrcoef(halved.heat.ravel(), free.heat.ravel())[0, 1] > 0.99
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 32 * 2**20) / total)
        with pytest.raises(OutOfMemoryError, match="no room for even one noise sample"):
            explainer.run(picture, [request], answer=answer)
        (after,) = explainer.run(small, [replace(asked(small, 2), model=model)])
        assert after.num_samples == 2
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
