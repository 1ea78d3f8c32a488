"""How fast devices are, as measured and as it turned out."""

import json
from dataclasses import replace

import pytest

from core.memory.device_rate import DeviceRate
from core.memory.forecast import SHARE, Forecast, Pass
from dashboard.storage.device_rates import FILE, DeviceRates

RATE = DeviceRate(operations=1e11 / SHARE, bytes=1e10, starts=1e6)
COUNTED = Forecast(
    visual=100,
    peak=1,
    least=1,
    prompt=Pass(1e11, 0, 0),  # a second
    token=Pass(1e10, 0, 0),  # a tenth of one
    sample=Pass(2e11, 0, 0),  # two
    samples=10,
    longest=21,
    counted=True,
)


@pytest.fixture
def rates(card):
    made = DeviceRates()
    made.put(card, RATE)
    return made


def test_before_a_device_was_measured_nothing_is_known(card):
    rates = DeviceRates()
    assert rates.seconds(card, COUNTED, 10) is None and not rates.has_run(card)
    rates.note(card, COUNTED, 5, 1.0, 10, 20.0)
    assert rates.seconds(card, COUNTED, 10) is None


def test_a_model_that_never_ran_takes_what_is_counted_with_the_longest_answer(rates, card):
    assert rates.seconds(card, COUNTED, 10) == pytest.approx(1 + 20 * 0.1 + 10 * 2)
    assert rates.seconds(card, COUNTED, 10, answered=True) == pytest.approx(20)
    assert rates.seconds(card, replace(COUNTED, counted=False), 10) is None


def test_a_run_corrects_what_is_said_of_its_model(rates, card):
    rates.note(card, COUNTED, 6, answer=3.0, samples=10, sampling=40.0)  # twice as long as counted, both
    assert rates.has_run(card)
    # From now on an answer is taken to have six tokens.
    assert rates.seconds(card, COUNTED, 5) == pytest.approx(2 * (1 + 5 * 0.1) + 5 * 4)
    rates.note(card, COUNTED, 6, answer=3.0, samples=10, sampling=20.0)
    assert 5 * 2 < rates.seconds(card, COUNTED, 5, answered=True) < 5 * 4


def test_other_models_learn_from_long_runs_alone(rates, card):
    other, quick = replace(card, fingerprint="f" * 64), replace(COUNTED, sample=Pass(1e8, 0, 0), prompt=Pass(1e6, 0, 0))
    rates.note(card, quick, 2, answer=1.0, samples=10, sampling=1.0)
    assert rates.seconds(other, COUNTED, 10, answered=True) == pytest.approx(20)
    rates.note(card, COUNTED, 6, answer=1.5, samples=10, sampling=60.0)
    assert rates.seconds(other, COUNTED, 10, answered=True) == pytest.approx(60)
    assert not rates.has_run(other)
    # On another device nothing of it holds.
    assert rates.seconds(replace(card, device="cuda"), COUNTED, 10) is None


@pytest.mark.parametrize("sampling", [1e9, 1e-9, 0.0, float("inf")])
def test_what_no_run_can_have_taken_is_not_believed(rates, card, sampling):
    rates.note(card, COUNTED, 0, answer=0.0, samples=10, sampling=sampling)
    assert rates.seconds(card, COUNTED, 10, answered=True) == pytest.approx(20)


def test_a_device_is_measured_once_and_anew_where_it_is_another_one(rates, card):
    assert rates.claim(card) and not rates.claim(card) and rates.claim(replace(card, device="cuda"))
    rates.note(card, COUNTED, 6, answer=3.0, samples=10, sampling=40.0)
    learned = rates.seconds(card, COUNTED, 10)
    rates.put(card, replace(RATE, operations=1.3e11 / SHARE))
    assert rates.seconds(card, COUNTED, 10) == learned
    rates.put(card, replace(RATE, operations=1e12 / SHARE))
    assert rates.seconds(card, COUNTED, 10, answered=True) == pytest.approx(2) and not rates.has_run(card)


def test_it_is_remembered_in_the_folder(tmp_path, card):
    first = DeviceRates(tmp_path)
    first.put(card, RATE)
    first.note(card, COUNTED, 6, answer=3.0, samples=10, sampling=40.0)
    again = DeviceRates(tmp_path)
    assert again.seconds(card, COUNTED, 10) == first.seconds(card, COUNTED, 10) and again.has_run(card)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"cpu float32": 3}', '{"cpu float32": {"operations": "fast", "bytes": 0}}', "[" * 9999]
)
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path, card, content):
    (tmp_path / FILE).write_text(content)
    rates = DeviceRates(tmp_path)
    assert rates.seconds(card, COUNTED, 10) is None
    rates.put(card, RATE)
    assert json.loads((tmp_path / FILE).read_text())["cpu float32"]["operations"] == RATE.operations


def test_a_folder_that_cannot_be_written_loses_a_guess(tmp_path, card):
    rates = DeviceRates(tmp_path / "gone")
    rates.put(card, RATE)
    assert rates.seconds(card, COUNTED, 1) is not None
