"""Which models may be chosen, and what is known of them."""

import threading

import pytest

from core import ModelError
from core.models.checkpoints import EMBEDDED
from dashboard.jobs import model_catalogue
from dashboard.jobs.model_catalogue import Catalogue

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

    def fetch(*arguments):
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


@pytest.mark.parametrize("failure", [ModelError("There is no network."), OSError(5, "Input/output error")])
def test_a_download_that_failed_is_tried_again(monkeypatch, card, failure):
    answers = [failure, card]

    def fetch(*arguments):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(model_catalogue, "describe_model", fetch)
    monkeypatch.setattr(model_catalogue, "PATIENCE", 10.0)
    catalogue = Catalogue((HUB,), "cpu")
    with pytest.raises(type(failure)):
        catalogue.describe(HUB)
    assert catalogue.describe(HUB) is card


def test_a_model_is_found_by_its_fingerprint(card):
    catalogue = Catalogue(("/no/such/folder", EMBEDDED), "cpu")
    assert catalogue.find(card.fingerprint) == EMBEDDED
    assert catalogue.find("0" * 64) is None
