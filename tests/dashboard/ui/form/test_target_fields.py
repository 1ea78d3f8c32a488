"""What is explained: the form's fields -> a target, and back."""

import pytest
from streamlit.testing.v1 import AppTest

from core import InputError
from core.schema.target import Target
from dashboard.language import speaking
from dashboard.session.keys import FormKey
from dashboard.ui.form.target_fields import SENTENCE, TargetDraft, target_values


@pytest.mark.parametrize(
    ("draft", "target"),
    [
        (TargetDraft(), Target.answer()),
        (TargetDraft(kind="thought", score="margin"), Target.thought(score="margin")),
        (TargetDraft(kind="all"), Target.thought_and_answer()),
        (TargetDraft(kind="words", phrase="red", occurrence=2, score="margin"), Target.words("red", 2, score="margin")),
        (TargetDraft(kind="tokens", first=1, last=3), Target.tokens(1, 4)),
        (TargetDraft(kind="tokens", first=1), Target.tokens(1, None)),
        (TargetDraft(kind="contrast", position=2, instead="blue"), Target.contrast(2, "blue")),
        (TargetDraft(sentence="It is red."), Target.answer(sentence="It is red.")),
    ],
)
def test_the_fields_become_a_target(draft, target):
    assert draft.to_target() == target


@pytest.mark.parametrize("draft", [TargetDraft(kind="words"), TargetDraft(kind="tokens", first=3, last=1)])
def test_what_names_nothing_is_refused(draft):
    with pytest.raises(InputError):
        draft.to_target()


def _form(values):
    import streamlit as st

    from dashboard.ui.form.recommended import held, set_defaults
    from dashboard.ui.form.target_fields import target_fields, target_of

    set_defaults()
    for key, value in values.items():
        if "draft" not in st.session_state:
            st.session_state[key] = value
    target_fields()
    st.session_state["draft"] = target_of(held())


@pytest.mark.parametrize(
    "target",
    [
        Target.answer(score="margin"),
        Target.thought(score="margin"),
        Target.thought_and_answer(score="logprob"),
        Target.words("red", 2),
        Target.tokens(1, 4),
        Target.tokens(2, None),
        Target.contrast(2, "blue"),
        Target.words("red", sentence="It is red."),
        Target.answer(sentence="It is red."),
    ],
    ids=lambda target: target.kind,
)
def test_a_target_fills_the_fields_and_comes_back_from_them(target):
    app = AppTest.from_function(_form, args=(target_values(target),)).run()
    assert not app.exception and app.session_state["draft"].to_target() == target


def test_fields_of_other_kinds_are_hidden():
    app = AppTest.from_function(_form, args=({},)).run()
    assert not app.text_input and not app.number_input
    app.selectbox(key=FormKey.TARGET).set_value("words").run()
    assert [field.key for field in app.text_input] == [FormKey.PHRASE]
    app.selectbox(key=FormKey.TARGET).set_value("contrast").run()
    assert [field.key for field in app.text_input] == [FormKey.INSTEAD]
    assert FormKey.SCORE not in [field.key for field in app.selectbox]  # of two tokens it is their difference
    app.selectbox(key=FormKey.TARGET).set_value(SENTENCE).run()
    assert [field.key for field in app.text_area] == [FormKey.SENTENCE]
    assert app.selectbox(key=FormKey.PART).value == "answer"


def test_what_lacks_is_said_in_the_language_that_is_spoken():
    with speaking("zh_Hans"):
        assert TargetDraft(kind="words").lacks == "请在“高级”中输入要解释的短语。"
