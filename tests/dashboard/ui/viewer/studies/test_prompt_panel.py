"""The tab Prompt heat: the whole, each word, and depth, at the layer on display or at the first."""

from dataclasses import replace

import pytest

from core.schema.readings.prompt_heat import PromptHeat
from core.schema.words import Word
from dashboard.jobs.studies.registry import find_study
from dashboard.services.open import open_run
from dashboard.ui.viewer.studies.prompt_chips import prompt_chips
from tests.core.schema.readings.test_prompt_heat import HEAT

TAB = "Prompt heat"
ALL_LAYERS = PromptHeat(
    answer=HEAT.answer,
    words=HEAT.words,
    word_heat=((1.0, 0.5),) * 8,
    picture_heat=((3.0, 1.0),) * 4 + ((13.0, 1.0),) * 4,
    prompt_heat=(2.0,) * 8,
    answer_heat=(1.0,) * 8,
    template_heat=(3.0,) * 8,
)
"""Of eight layers; in the upper half, the picture has more."""


@pytest.fixture
def read(stored, storage):
    """Stores a run with the heat of its prompt; its name."""

    def make(heat=ALL_LAYERS, **changes):
        name = stored(**changes)
        find_study("prompt-words").save(heat, open_run(name).result, storage.results)
        return name

    return make


def whole(app):
    return next(each.value for each in app.markdown if each.value.startswith("**Layer"))


def test_before_it_is_computed_a_button_and_its_cost_stand_there(visit, stored):
    app = visit("compute", run=stored(), tab=TAB)
    assert app.button(key="begin-prompt-words").label == "Read the prompt's words"
    assert any("One pass forward and one backward" in each.value for each in app.caption) and not app.exception


def test_of_the_combined_map_words_are_read_at_the_first_layer(visit, read):
    app = visit("compute", run=read(), tab=TAB)
    assert whole(app) == "**Layer 0**: picture 40.0 %, prompt 20.0 %, answer so far 10.0 %, template 30.0 %"
    assert not app.exception and "Each word's share of the whole at layer 0" in " ".join(c.value for c in app.caption)


def test_of_a_layers_map_they_are_read_there(visit, read):
    app = visit("compute", run=read(), tab=TAB, layer="5")
    assert whole(app).startswith("**Layer 5**: picture 70.0 %, prompt 10.0 %") and not app.exception


def test_a_layer_that_the_heat_has_not_is_the_first(visit, read):
    app = visit("compute", run=read(HEAT), tab=TAB, layer="5")
    assert whole(app).startswith("**Layer 0**") and not app.exception


def test_many_words_are_cut_and_it_says_so(visit, read):
    many = replace(
        HEAT, words=tuple(Word(f"*{n}*", n, n + 1) for n in range(500)), word_heat=((0.001,) * 500, (0.0,) * 500)
    )
    app = visit("compute", run=read(many), tab=TAB)
    assert "The first 400 of 500 words." in [each.value for each in app.caption] and not app.exception


def test_chips_hold_number_and_strength_and_peoples_text_as_it_is(monkeypatch):
    sent = []
    monkeypatch.setattr(
        "dashboard.ui.viewer.studies.prompt_chips._component", lambda key, data: sent.append((key, data))
    )
    prompt_chips((Word("<b>*red*</b>", 0, 1), Word("a\u202eb", 1, 2), Word("?", 2, 3)), (0.2, 0.05, 0.0))
    ((_, data),) = sent
    assert [each["text"] for each in data["chips"]] == ["<b>*red*</b>", "a⟪U+202E⟫b", "?"]
    assert [each["share"] for each in data["chips"]] == ["20.0 %", "5.0 %", "0.0 %"]
    assert [each["strength"] for each in data["chips"]] == [1.0, 0.25, 0.0]
    prompt_chips((), ())
    prompt_chips((Word("?", 0, 1),), (0.0,))
    assert sent[-1][1]["chips"][0]["strength"] == 0.0


def test_in_chinese_the_panel_is_translated(visit_in_chinese, read):
    app = visit_in_chinese("compute", run=read(), tab=TAB)
    assert any("图片 40.0 %" in each.value for each in app.markdown) and not app.exception
