"""A run on its page in Chinese: our words are translated, people's stay as they are."""

import json

import pytest

from dashboard.jobs.studies.registry import find_study, trust_name
from dashboard.services.open import open_run
from dashboard.ui.viewer.answer_chips import _WORDS
from tests.dashboard.pages import sentences, texts, viewer_head
from tests.dashboard.ui.viewer.studies.test_trust_panel import make_report
from tests.some import some

PROMPT = "Where is *Layer* 3?"


@pytest.fixture
def visit_in_chinese(visit):
    """Opens a run in Chinese: `visit_in_chinese(name, tab="Share")`."""

    def open_run(name, **params):
        app = visit("compute", run=name, **params)
        app.session_state["language"] = "zh_Hans"
        app.run()
        assert not app.exception
        return app

    return open_run


def test_the_viewer_speaks_chinese_and_its_addresses_english(visit_in_chinese, stored):
    head = viewer_head(visit_in_chinese(stored(prompt=PROMPT)))
    assert head["words"]["labels"]["opacity"] == "不透明度"
    assert head["words"]["options"]["scale"] == {"own": "每张图各自", "common": "所有层统一"}
    assert head["trust"]["combined"]["words"] == "可信度未测量"
    assert head["maps"][head["first"]]["name"] == "combined"
    assert all("热度" in each for each in some(head["sentences"]))


def test_what_stands_around_the_map_is_chinese_and_the_prompt_as_it_was_asked(visit_in_chinese, stored):
    app = visit_in_chinese(stored(prompt=PROMPT), tab="Share")
    assert PROMPT in texts(app) and PROMPT in [code.value for code in app.code]
    assert "地址：打开者会看到同一运行记录和同一视图" in sentences(app) and "Address:" not in sentences(app)


def test_the_trust_in_a_map_is_told_in_chinese(visit_in_chinese, stored, storage):
    name = stored()
    app = visit_in_chinese(name, tab="Trust")
    assert app.button(key="begin-trust")
    assert "在本服务器上用该模型测量过一次之后，才能估计所需时间。" in sentences(app)
    find_study(trust_name(None)).save(make_report(), open_run(name).result, storage.results)
    said = sentences(visit_in_chinese(name, tab="Trust"))
    assert "**综合图：证据充分。**" in said and "通过。" in said and "strong evidence" not in said


def test_every_word_of_the_chips_is_translated(visit_in_chinese, stored):
    app = visit_in_chinese(stored())
    (chips,) = [each for each in app.get("bidi_component") if each.proto.component_name == "smooth_gradcam_chips"]
    words = json.loads(chips.proto.json)["words"]
    assert words["whole"] == "整个回答" and words.keys() == _WORDS.keys()
    assert not set(words.values()) & set(_WORDS.values())
