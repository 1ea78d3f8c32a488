"""Which models may be chosen, and what is known of them."""

import json
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from core import ModelError, Progress
from core.embedded import CHECKPOINT
from core.models.adapters import CONFIG, WEIGHTS
from core.models.checkpoints import EMBEDDED, describe_model
from dashboard.jobs import model_catalogue
from dashboard.jobs.model_catalogue import Catalogue, is_base_of
from dashboard.jobs.model_downloads import DownloadState, DownloadStopped
from tests.core.models.folders.making import cached, plain

HUB = "somebody/some-model"


def test_nothing_but_the_choices_is_looked_at(monkeypatch):
    monkeypatch.setattr(model_catalogue, "describe_model", lambda *arguments: pytest.fail("it was looked at"))
    with pytest.raises(ModelError, match="The model /etc is not offered here"):
        Catalogue((EMBEDDED,), "cpu").describe("/etc")


def test_a_folder_is_looked_at_each_time(monkeypatch, card, tmp_path):
    looked = []
    monkeypatch.setattr(model_catalogue, "describe_model", lambda *arguments: looked.append(arguments) or card)
    catalogue = Catalogue((EMBEDDED, str(tmp_path)), "cpu")
    assert catalogue.describe(EMBEDDED) is catalogue.describe(str(tmp_path)) is card
    catalogue.describe(str(tmp_path))
    assert looked == [(None, "cpu"), (str(tmp_path), "cpu"), (str(tmp_path), "cpu")]


def test_no_page_waits_for_a_download_and_it_happens_once(monkeypatch, card, wait_until):
    here, fetched = threading.Event(), []

    def fetch(*arguments, on_progress):
        fetched.append(arguments)
        assert here.wait(10)
        return card

    monkeypatch.setattr(model_catalogue, "describe_model", fetch)
    monkeypatch.setattr(model_catalogue, "PATIENCE", 0.0)
    catalogue = Catalogue((EMBEDDED, HUB), "cpu")
    assert catalogue.describe(HUB) is None and catalogue.describe(HUB) is None
    here.set()
    wait_until(lambda: catalogue.describe(HUB) is card)
    assert fetched == [(HUB, "cpu")]


def failing(answers):
    """Stands for describing a model: gives these answers one after the other, raising those that are errors."""

    def describe(*arguments, **options):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return describe


@pytest.mark.parametrize("failure", [ModelError("There is no network."), OSError(5, "Input/output error")])
def test_a_download_that_failed_is_tried_again_after_a_while(monkeypatch, card, failure):
    answers = [failure, card]
    monkeypatch.setattr(model_catalogue, "describe_model", failing(answers))
    monkeypatch.setattr(model_catalogue, "PATIENCE", 10.0)
    catalogue = Catalogue((HUB,), "cpu")
    for _ in range(3):  # not at every click
        with pytest.raises(ModelError, match="There is no network|went wrong inside the program"):
            catalogue.describe(HUB)
    assert answers == [card]
    monkeypatch.setattr(model_catalogue, "AGAIN", 0.0)
    assert catalogue.describe(HUB) is card and not answers


class Slow:
    """Stands for describing a model that is fetched: it reports, and goes on only when it is let."""

    def __init__(self, card):
        self.card, self.go_on, self.calls = card, threading.Event(), 0

    def __call__(self, *arguments, on_progress):
        self.calls += 1
        while not self.go_on.wait(0.01):
            on_progress(Progress("fetch", 3, 10))
        return self.card


@pytest.fixture
def slow(monkeypatch, card):
    described = Slow(card)
    monkeypatch.setattr(model_catalogue, "describe_model", described)
    monkeypatch.setattr(model_catalogue, "PATIENCE", 0.0)
    yield described
    described.go_on.set()


def test_a_download_says_how_far_it_is_and_is_stopped_until_somebody_wants_it_again(slow, wait_until, monkeypatch):
    catalogue = Catalogue((HUB,), "cpu")
    assert catalogue.download(HUB, "a page") is None and not catalogue.stop(HUB, "a page")
    assert catalogue.describe(HUB) is None
    wait_until(lambda: catalogue.download(HUB, "a page") == DownloadState(3, 10, 0, False))
    assert catalogue.stop(HUB, "a page")
    wait_until(lambda: catalogue.download(HUB, "a page") is None)
    monkeypatch.setattr(model_catalogue, "AGAIN", 0.0)
    for _ in range(2):  # it stays stopped, whoever looks and however long after
        with pytest.raises(DownloadStopped, match="The download was stopped"):
            catalogue.describe(HUB)
    assert catalogue.find("0" * 64) is None and slow.calls == 1
    monkeypatch.setattr(model_catalogue, "AGAIN", 60.0)
    catalogue.fetch(HUB)
    assert catalogue.describe(HUB) is None
    slow.go_on.set()
    wait_until(lambda: catalogue.describe(HUB) is slow.card)
    assert slow.calls == 2


def test_a_download_goes_on_while_another_page_that_is_there_waits_for_it(slow, wait_until):
    present = {"mine", "another"}
    catalogue = Catalogue((HUB,), "cpu", present.__contains__)
    assert catalogue.describe(HUB) is None
    assert catalogue.download(HUB, "another").others == 0 and catalogue.download(HUB, "mine").others == 1
    assert not catalogue.stop(HUB, "mine")
    present.remove("another")
    assert catalogue.download(HUB, "mine").others == 0 and catalogue.stop(HUB, "mine")
    wait_until(lambda: catalogue.download(HUB, "mine") is None)


def test_looking_for_a_run_s_model_fetches_nothing(slow, wait_until):
    catalogue = Catalogue((HUB, "another/model"), "cpu")
    assert catalogue.find(slow.card.fingerprint) is None and slow.calls == 0
    slow.go_on.set()
    catalogue.describe(HUB)
    wait_until(lambda: catalogue.find(slow.card.fingerprint) == HUB)
    assert slow.calls == 1


def test_a_model_that_is_whole_in_the_cache_is_described_at_once(tmp_path, monkeypatch):
    cached(tmp_path, plain(tmp_path), monkeypatch, hub_id=HUB)
    card = Catalogue((HUB,), "cpu").describe(HUB)
    assert card.name == HUB and Catalogue((HUB,), "cpu").find(card.fingerprint) == HUB


def test_a_broken_model_says_so_and_takes_no_other_away(tmp_path, card, monkeypatch, caplog):
    broken = plain(tmp_path)
    (broken / "model.safetensors").write_bytes(b"")
    catalogue = Catalogue((str(broken), "/no/such/folder", EMBEDDED), "cpu")
    with pytest.raises(ModelError, match="model.safetensors in .* is empty"):
        catalogue.describe(str(broken))
    assert catalogue.find(card.fingerprint) == EMBEDDED and catalogue.describe(EMBEDDED) == card
    # Not even a fault of the program's own.
    monkeypatch.setattr(model_catalogue, "describe_model", failing([ZeroDivisionError(), ZeroDivisionError(), card]))
    assert catalogue.find(card.fingerprint) == EMBEDDED
    assert f"The model {broken} could not be looked at" in caplog.text


def test_a_model_is_found_by_its_fingerprint(card):
    catalogue = Catalogue(("/no/such/folder", EMBEDDED), "cpu")
    assert catalogue.find(card.fingerprint) == EMBEDDED
    assert catalogue.find("0" * 64) is None


def test_the_base_of_an_adapter_is_found_although_it_is_not_offered(tmp_path):
    base = shutil.copytree(CHECKPOINT, tmp_path / "my-base")
    tuned = tmp_path / "tuned"
    tuned.mkdir()
    save_file({"base_model.model.lm_head.lora_A.weight": np.ones((2, 4), np.float32)}, tuned / WEIGHTS)
    said = {"peft_type": "LORA", "base_model_name_or_path": "somewhere/my-base"}
    (tuned / CONFIG).write_text(json.dumps(said), "utf-8")
    catalogue = Catalogue((EMBEDDED, str(tuned)), "cpu")
    card = catalogue.describe(str(tuned))
    plain = describe_model(base, "cpu")
    assert catalogue.find(card.fingerprint) == str(tuned)
    assert catalogue.card_of(card.fingerprint) == card
    # A copy of the embedded model is the same model.
    assert catalogue.card_of(plain.fingerprint).name == "embedded"
    assert [each.fingerprint for each in catalogue.others_like(card)] == [plain.fingerprint]
    alone = Catalogue((str(tuned),), "cpu")
    assert alone.card_of(plain.fingerprint) == plain and alone.find(plain.fingerprint) is None
    (other,) = alone.others_like(card)
    assert is_base_of(other, card) and not is_base_of(card, other)


def test_a_model_of_another_depth_is_none_to_compare_with(card, monkeypatch):
    cards = {"mine": card, "deep": replace(card, fingerprint="deep", total_layers=9)}
    monkeypatch.setattr(Catalogue, "_look", lambda catalogue, choice: cards[choice])
    catalogue = Catalogue(tuple(cards), "cpu")
    assert catalogue.others_like(card) == []
    cards["deep"] = replace(cards["deep"], total_layers=card.total_layers)
    assert catalogue.others_like(card) == [cards["deep"]]
