"""Where jobs compute: decided by the settings, started when first needed."""

import pytest

from core.errors import WorkersLost
from dashboard.computing import open_models
from dashboard.settings import Settings
from dashboard.work import compute


def test_without_a_setting_this_process_computes(card, monkeypatch):
    monkeypatch.setattr("core.workers.start_workers", lambda *given: pytest.fail("workers were started"))
    assert open_models(Settings()).get(card).loaded.fingerprint == card.fingerprint


def test_workers_compute_what_a_job_lacks_and_are_started_once(ask, storage, monkeypatch):
    from core import workers

    started = []
    original = workers.start_workers
    monkeypatch.setattr(workers, "start_workers", lambda *given: started.append((given, c := original(*given))) or c)
    models = open_models(Settings(workers=1))
    assert not started
    try:
        for layers in ((0, 1), (2,)):
            question = ask(layers=layers, num_samples=2, max_new_tokens=3)
            outcome = compute(question, lambda progress: None, storage=storage, models=models)
            assert outcome.kept and outcome.result.layers == layers and outcome.result.heat.max() > 0
        assert [given for given, _ in started] == [(1, ())]
    finally:
        for _, client in started:
            client.close()
            client.cluster.close()


def test_a_scheduler_that_is_not_there_is_one_sentence_and_is_tried_again(card):
    models = open_models(Settings(scheduler="tcp://127.0.0.1:1"))
    for _ in range(2):
        with pytest.raises(WorkersLost, match="No scheduler answers at tcp://127.0.0.1:1"):
            models.get(card)


def test_devices_are_a_list_of_numbers(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_WORKER_DEVICES", "0, 1")
    assert Settings().worker_devices == ("0", "1")
