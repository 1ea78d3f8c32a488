"""Measuring what computes, learning from its runs, and what of its memory is free."""

import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest

from core import InputError
from core.devices import memory_of
from core.memory.device_rate import DeviceRate, rate_of
from core.memory.forecast import forecast
from core.schema.target import Target
from dashboard.jobs import device_speed
from dashboard.jobs.device_speed import free_memory, learn, measure, note_run
from dashboard.jobs.runner import compute
from dashboard.settings import Settings
from dashboard.storage.device_rates import DeviceRates

RATE = DeviceRate(operations=1e11, bytes=1e10, starts=1e6)


class Measured:
    """Stands for a backend whose device is measured; counts how often."""

    def __init__(self, error=None) -> None:
        self.calls, self.error = [], error

    def get(self, card):
        return self

    def call(self, function, *, on_step):
        self.calls.append(function)
        if self.error is not None:
            raise self.error
        return RATE


def counted(question):
    return forecast(question.card, [question.chosen.size], question.request)


def test_a_device_is_measured_once_where_the_model_is(ask):
    backend, rates, question = Measured(), DeviceRates(), ask()
    for _ in range(2):
        measure(backend, question.card, rates)
    assert backend.calls == [rate_of]
    assert rates.seconds(question.card, counted(question), 10) > 0


@pytest.mark.parametrize("error", [InputError("no"), RuntimeError("out of memory")])
def test_where_it_cannot_be_measured_the_run_goes_on(ask, error, caplog):
    rates, question = DeviceRates(), ask()
    measure(Measured(error), question.card, rates)
    assert rates.seconds(question.card, counted(question), 10) is None and "could not be measured" in caplog.text


def test_a_run_teaches_what_its_model_takes(ask, explain, storage, explainer):
    question = ask(num_samples=4)
    storage.rates.put(question.card, RATE)
    compute(question, lambda progress: None, storage=storage, backend=SimpleNamespace(get=lambda card: explainer))
    assert storage.rates.has_run(question.card)
    # By hand: an answer of half a second and a word, samples of 1.5 seconds in all.
    expected = 0.5 + 4 * 1.5 / 4
    assert storage.rates.seconds(question.card, counted(question), 4) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("works_elsewhere", [True, False])
def test_the_first_run_has_its_device_measured_after_its_end(ask, explain, monkeypatch, wait_until, works_elsewhere):
    monkeypatch.setattr(device_speed, "measure", measure)
    question, rates, backend = ask(), DeviceRates(), Measured()
    if works_elsewhere:
        monkeypatch.setattr(device_speed, "WorkerBackend", Measured)
    for _ in range(2):
        note_run(backend, question, [explain(question.request)], 10, rates)
        # In the process that computes, which may end next, nothing goes on when the run is over.
        assert works_elsewhere or rates.has_run(question.card)
        wait_until(lambda: rates.has_run(question.card))
    assert len(backend.calls) == 1


def test_a_sentence_of_ones_own_tells_nothing_of_answers(ask, explain):
    question, rates = ask(target=Target.answer(sentence="It is red.")), DeviceRates()
    rates.put(question.card, RATE)
    learn(question, [explain(question.request)], 10, rates)
    usual = rates.seconds(question.card, counted(question), 0)
    assert usual == pytest.approx(counted(question).answer_seconds(RATE, 128))


def test_a_model_that_does_not_tell_teaches_nothing(ask, explain, tmp_path):
    question, rates = ask(), DeviceRates()
    learn(replace(question, card=replace(question.card, folder=tmp_path)), [explain(question.request)], 10, rates)
    assert not rates.has_run(question.card)


def test_free_memory_of_this_machine(card):
    free, total = free_memory(card, Settings())
    assert total == memory_of("cpu")[1] and 0 < free <= total


def test_of_a_cluster_elsewhere_nobody_here_can_tell(card, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_SCHEDULER", "tls://gpu-server:8786")
    assert free_memory(card, Settings()) is None


def test_a_cuda_devices_memory_is_asked_of_its_driver(card, monkeypatch):
    asked = []

    def run(command, **options):
        asked.append(command)
        return SimpleNamespace(stdout="20000, 24564\n")

    monkeypatch.setattr(device_speed.subprocess, "run", run)
    monkeypatch.setattr(device_speed, "_asked", {})
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    cuda = replace(card, device="cuda:1")
    for _ in range(2):  # the second time within a moment
        assert free_memory(cuda, Settings()) == (20_000 * 2**20, 24_564 * 2**20)
    assert len(asked) == 1 and "--id=5" in asked[0]


@pytest.mark.parametrize("error", [FileNotFoundError(), subprocess.TimeoutExpired("nvidia-smi", 2)])
def test_where_there_is_no_driver_nothing_is_said(card, monkeypatch, error):
    def run(command, **options):
        raise error

    monkeypatch.setattr(device_speed.subprocess, "run", run)
    monkeypatch.setattr(device_speed, "_asked", {})
    assert free_memory(replace(card, device="cuda:0"), Settings()) is None
