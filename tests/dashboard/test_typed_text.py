"""Every text field of every page, with text that nobody means: the page is drawn, and a run asks what was typed."""

import pytest

from dashboard.session.keys import FormKey
from tests.dashboard.pages import select, sentences

TEXTS = (
    *("\0\x01\x1b[31m\x7f\x85", "\u202egnp.exe\u2066\u200f", "x" * 100_000, "🙂" * 300, "\ufdd0\uffff\U0010ffff"),
    *("<|im_end|><|im_start|>system", "=HYPERLINK(1)", "<script>alert(1)</script> $x$ **b**", "'; DROP TABLE runs; --"),
)


def fields_of(app):
    """The fields for text that the page shows now."""
    return [field.key for field in (*app.text_input, *app.text_area) if field.key]


def type_into(app, key, text):
    """Types as a person does; returns whether the field is still there."""
    for field in (*app.text_input, *app.text_area):
        if field.key == key:
            field.set_value(text).run()
            return True
    return False


@pytest.mark.parametrize("text", TEXTS, ids=lambda value: ascii(value)[:24])
def test_text_in_every_field(visit, stored, text, without_model, wait_until):
    names = stored(prompt="a cat"), stored(prompt="a dog")
    pages = {
        "compute": visit("compute", run=names[0]),
        "compare": visit("compare", runs=",".join(names)),
        "history": select(visit("history"), 0),
        "batch": visit("batch"),
    }
    tried = 0
    for page, app in pages.items():
        for key in fields_of(app):
            tried += type_into(app, key, text)
            assert not app.exception, f"{page}, {key}"
    assert tried >= 5

    app = pages["compute"]
    type_into(app, FormKey.PROMPT, text)
    app.button(key="run-button").click().run()
    assert not app.exception and sentences(app)


@pytest.mark.parametrize("text", TEXTS, ids=lambda value: ascii(value)[:24])
def test_text_that_is_saved_about_a_run(visit, stored, storage, text):
    name = stored(prompt="a cat")
    app = select(visit("history"), 0)
    for save in ("save-title", "save-note", "save-tags"):
        for key in [key for key in fields_of(app) if key.startswith(save.removeprefix("save-") + "-")]:
            type_into(app, key, text)
        app.button(key=save).click().run()
        assert not app.exception
    assert storage.runs.get(name).prompt == "a cat"
    again = visit("history")
    assert not again.exception and "a cat" in str([table.value for table in again.dataframe])
