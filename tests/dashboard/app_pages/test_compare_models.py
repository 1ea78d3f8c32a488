"""A tuned model against its base in one click: from a run on Compute to the difference of maps and words in Compare."""

import pytest
import streamlit as st

from core import Explainer
from dashboard import resources
from dashboard.session.keys import FormKey
from tests.core.models.lora import write_adapter
from tests.dashboard.pages import fill_in, sentences, table_with

BESIDE = "beside-"


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    """The folder of a random LoRA of the embedded model."""
    folder = tmp_path_factory.mktemp("adapters") / "tuned"
    network = Explainer.from_pretrained(device="cpu").loaded.model
    modules = [f"model.language_model.layers.{layer}.mlp.down_proj" for layer in (5, 6, 7)]
    write_adapter(folder, network, modules, base="embedded", lora_alpha=10)
    return folder


@pytest.fixture
def offered(adapter, monkeypatch):
    """A server that offers it."""
    monkeypatch.setenv("SMOOTHCAM_MODELS", str(adapter))
    st.cache_resource.clear()
    return str(adapter)


def asked(visit, wait_until, model):
    """Compute with a run of a model that is done."""
    app = fill_in(visit("compute"))
    app.selectbox(key=FormKey.MODEL).set_value(model)
    app.number_input(key=FormKey.MAX_NEW_TOKENS).set_value(3)
    app.selectbox(key=FormKey.SAMPLES).set_value("Quick 4").run()
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert not app.exception
    return app


def beside(app):
    """The buttons that compare with another model."""
    return [button for button in app.button if (button.key or "").startswith(BESIDE)]


def test_one_click_leads_to_the_difference_of_layers_and_words(visit, wait_until, offered):
    app = asked(visit, wait_until, offered)
    run = resources.storage().runs.get(app.query_params["run"])
    assert run.model_name == "embedded + tuned"
    (button,) = beside(app)
    assert button.label == "Compare with the base model"
    button.click().run()
    assert not app.exception
    names = app.query_params["runs"].split(",")
    wait_until(lambda: not resources.jobs().active())
    records = [resources.storage().runs.get(name) for name in names]
    assert [record.model_name for record in records] == ["embedded + tuned", "embedded"]
    assert {record.answer for record in records} == {run.answer}
    assert all(record.request["target"]["sentence"] == run.answer for record in records)
    assert {record.request["image"] for record in records} == {run.request["image"]}

    app.run()  # which a look at the strip does
    assert not app.exception
    assert app.query_params["runs"] == ",".join(names) and app.query_params["show"] == "A against B"
    assert list(app.dataframe[0].value["Model"]) == ["embedded + tuned", "embedded"]
    assert "Red: more heat in A, blue: more in B" in sentences(app)
    wait_until(lambda: not resources.jobs().active())  # the words, which are explained at once

    words = visit("compare", runs=",".join(names), show="Word by word")
    table = table_with(words, "likeness")
    assert list(table["word"]) == run.answer.split()
    assert (table["A"] != table["B"]).all() and (table["likeness"] < 1).all()
    assert any("panes" in each.proto.component_name for each in words.get("bidi_component"))


def test_so_it_is_from_a_run_of_the_base(visit, wait_until, offered):
    app = asked(visit, wait_until, "embedded")
    (button,) = beside(app)
    assert button.label == "Compare with embedded + tuned"
    button.click().run()
    wait_until(lambda: not resources.jobs().active())
    names = app.query_params["runs"].split(",")
    records = [resources.storage().runs.get(name) for name in names]
    assert [record.model_name for record in records] == ["embedded + tuned", "embedded"]


def test_there_is_no_button_where_there_is_no_other_model(visit, stored):
    assert beside(visit("compute", run=stored())) == []


def test_words_of_different_sentences_are_not_set_against_each_other(visit, stored):
    names = stored(), stored("left", prompt="again?")
    app = visit("compare", runs=",".join(names), show="Word by word")
    assert "A and B explain different sentences" in sentences(app)


def test_words_that_are_not_explained_yet_have_a_button(visit, stored, wait_until, without_model):
    names = stored(), stored(prompt="again?")
    app = visit("compare", runs=",".join(names), show="Word by word")
    app.button(key="begin-both-words").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert not app.exception
    assert list(table_with(app, "likeness")["word"]) == ["right"]
